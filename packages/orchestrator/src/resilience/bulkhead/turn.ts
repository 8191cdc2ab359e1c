import type { Call } from '@toolyard/protocol';
import { cancelled } from '../cancelled.ts';

/** What is looked at of a call. */
export type Waiting = Pick<Call, 'signal' | 'deadlineMs'>;

const longestTimerMs = 2_147_483_647;

/** One call in the line: its turn comes, its signal aborts, its deadline passes or it is refused, whichever is first. */
export class Turn<P, R> {
  readonly done: Promise<R>;
  readonly #done: PromiseWithResolvers<R> = Promise.withResolvers<R>();
  readonly #begin: (place: P) => Promise<R>;
  readonly #signal: AbortSignal;
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #onEnd: () => void;
  #over = false;
  /** A function, since Node holds an object that listens so that it outlives young garbage collections. */
  readonly #cancelled = (): void => this.refuse(cancelled(this.#signal));

  /** `onEnd`: it waits no longer, whatever became of it. */
  constructor(
    signal: AbortSignal,
    leftMs: number,
    late: () => Error,
    begin: (place: P) => Promise<R>,
    onEnd: () => void,
  ) {
    this.done = this.#done.promise;
    this.#begin = begin;
    this.#signal = signal;
    this.#onEnd = onEnd;
    signal.addEventListener('abort', this.#cancelled);
    if (leftMs <= longestTimerMs) this.#timer = setTimeout(() => this.refuse(late()), leftMs);
  }

  /** Begins at once, so that the place is known to be taken when this returns. */
  come(place: P): void {
    if (!this.#end()) return;
    try {
      this.#done.resolve(this.#begin(place));
    } catch (error) {
      this.#done.reject(error);
    }
  }

  refuse(error: Error): void {
    if (this.#end()) this.#done.reject(error);
  }

  #end(): boolean {
    if (this.#over) return false;
    this.#over = true;
    clearTimeout(this.#timer);
    this.#signal.removeEventListener('abort', this.#cancelled);
    this.#onEnd();
    return true;
  }
}
