import type { RawObject } from '../../wire/raw-object.ts';
import { Patience, type PatienceBounds } from './patience.ts';

export interface SentRequestOptions extends PatienceBounds {
  readonly method: string;
  /** Called with what the peer reports under our token, in order and growing. */
  readonly progress?: ((params: RawObject) => void) | undefined;
  /** Called once, when it is settled from this side: by `cancel`, or because `patience` ran out. */
  readonly gaveUp: (request: SentRequest, why: GaveUp) => void;
  /** Called once, however it is settled. */
  readonly settled: (request: SentRequest) => void;
}

export type GaveUp =
  | { readonly kind: 'timeout'; readonly afterMs: number }
  | { readonly kind: 'cancelled'; readonly error: Error };

/** What waits for an answer and may be made to wait longer: one request, or several that are one to whoever waits. */
export type OpenRequest = Pick<SentRequest, 'id' | 'method' | 'result' | 'suspend' | 'resume' | 'cancel'>;

/** One request of ours that waits for its answer. Settles once; what comes after is ignored. */
export class SentRequest {
  /** Also the progress token. */
  readonly id: number;
  readonly method: string;
  readonly result: Promise<RawObject>;
  readonly #options: SentRequestOptions;
  readonly #outcome: PromiseWithResolvers<RawObject> = Promise.withResolvers<RawObject>();
  readonly #patience: Patience;
  #progress = -Infinity;
  #pending = true;

  constructor(id: number, options: SentRequestOptions) {
    this.id = id;
    this.method = options.method;
    this.result = this.#outcome.promise;
    this.#options = options;
    this.#patience = new Patience(options, (afterMs) => this.#giveUp({ kind: 'timeout', afterMs }));
  }

  get pending(): boolean {
    return this.#pending;
  }

  /** The clock starts. */
  sent(): void {
    if (this.#pending) this.#patience.start();
  }

  resolve(result: RawObject): void {
    if (this.#settle()) this.#outcome.resolve(result);
  }

  reject(error: Error): void {
    if (this.#settle()) this.#outcome.reject(error);
  }

  /** Rejects with `error`, and has the peer told that nobody waits any longer. */
  cancel(error: Error): void {
    this.#giveUp({ kind: 'cancelled', error });
  }

  /** Reports progress if it grew, as it must (spec: basic/patterns/progress); drops it otherwise. */
  reported(params: RawObject): void {
    const progress = params.member('progress')?.value;
    if (!this.#pending || typeof progress !== 'number' || !(progress > this.#progress)) return;
    this.#progress = progress;
    this.#patience.heard();
    this.#options.progress?.(params);
  }

  /** The peer waits for us now: no bound counts until `resume`. */
  suspend(): void {
    this.#patience.suspend();
  }

  resume(deadlineMs: number | undefined): void {
    this.#patience.resume(deadlineMs);
  }

  #giveUp(why: GaveUp): void {
    if (this.#pending) this.#options.gaveUp(this, why);
  }

  #settle(): boolean {
    if (!this.#pending) return false;
    this.#pending = false;
    this.#patience.end();
    this.#options.settled(this);
    return true;
  }
}
