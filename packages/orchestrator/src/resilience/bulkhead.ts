import type { Call } from '@toolyard/protocol';
import { ToolyardError, whenSettled } from '@toolyard/protocol';
import { cancelled } from './cancelled.ts';

export interface BulkheadOptions {
  /** How the server is called in errors. */
  readonly upstream: string;
  /** Calls that may be under way at the same time; asked at each call, since it may change. */
  readonly maxConcurrent: () => number;
  /** Calls that wait for their turn; one more is refused. Default 16,384. */
  readonly maxQueue?: number;
  /** The clock of `Call.deadlineMs`. Default `performance.now()`. */
  readonly now?: () => number;
}

/** What is looked at of a call. */
export type Waiting = Pick<Call, 'signal' | 'deadlineMs'>;

/** Bounds the calls to one server, so that one that is slow does not take everything that callers, and this process, have. */
export interface Bulkhead {
  readonly inFlight: number;
  readonly queued: number;
  /**
   * Does the work when it is its turn: at once where there is room, else in the order of arrival.
   *
   * Rejects with `UPSTREAM_BUSY`, and the work is never begun, when the queue is full; at once when going by how long calls take the deadline would pass
   * before its turn; and when it does pass. Rejects with `CANCELLED` when the signal aborts before its turn. Not for calls that stay open (`subscriptions/listen`).
   */
  run<T>(call: Waiting, work: () => Promise<T>): Promise<T>;
  /** To be called when more calls may be under way than before: lets in those that wait. */
  letIn(): void;
}

export function createBulkhead(options: BulkheadOptions): Bulkhead {
  return new ServerBulkhead(options);
}

/** What the latest call weighs in the moving average of how long calls take. */
const latestWeight = 0.1;
const longestTimerMs = 2_147_483_647;

class ServerBulkhead implements Bulkhead {
  inFlight = 0;
  readonly #upstream: string;
  readonly #maxConcurrent: () => number;
  readonly #maxQueue: number;
  readonly #now: () => number;
  /** Sets keep the order in which they were filled. */
  readonly #line = new Set<Turn>();
  #averageMs: number | undefined;

  constructor({ upstream, maxConcurrent, maxQueue = 16_384, now = () => performance.now() }: BulkheadOptions) {
    this.#upstream = upstream;
    this.#maxConcurrent = maxConcurrent;
    this.#maxQueue = maxQueue;
    this.#now = now;
  }

  get queued(): number {
    return this.#line.size;
  }

  run<T>(call: Waiting, work: () => Promise<T>): Promise<T> {
    // Also one that was cancelled before it came: that is how a caller lets go of what waits for it at the server.
    if (this.inFlight >= this.#maxConcurrent()) return this.#turn(call).then(() => this.#begin(work));
    this.inFlight++;
    return this.#begin(work);
  }

  #begin<T>(work: () => Promise<T>): Promise<T> {
    const startedMs = this.#now();
    const left = (): void => this.#left(this.#now() - startedMs);
    return whenSettled(work, left, left);
  }

  letIn(): void {
    for (const next of this.#line) {
      if (this.inFlight >= this.#maxConcurrent()) return;
      this.#line.delete(next);
      if (next.come()) this.inFlight++;
    }
  }

  /** Resolves when a place was handed over. */
  async #turn({ signal, deadlineMs }: Waiting): Promise<void> {
    if (signal.aborted) throw cancelled(signal);
    const waitMs = this.#expectedWaitMs;
    if (this.#line.size >= this.#maxQueue) throw this.#busy(`${this.#line.size} more that wait`, waitMs);
    const leftMs = deadlineMs === undefined ? Infinity : deadlineMs - this.#now();
    if (leftMs <= (waitMs ?? 0)) throw this.#busy('would not get to this one before its deadline', waitMs);
    const turn = new Turn(signal, leftMs, () => this.#busy('did not get to this one before its deadline', undefined));
    this.#line.add(turn);
    try {
      await turn.came;
    } finally {
      this.#line.delete(turn);
    }
  }

  #left(tookMs: number): void {
    this.#averageMs =
      this.#averageMs === undefined ? tookMs : this.#averageMs + latestWeight * (tookMs - this.#averageMs);
    this.inFlight--;
    if (this.#line.size > 0) this.letIn();
  }

  /** Of one that would join the line now. */
  get #expectedWaitMs(): number | undefined {
    if (this.#averageMs === undefined) return undefined;
    return Math.ceil(((this.#line.size + 1) * this.#averageMs) / this.#maxConcurrent());
  }

  #busy(why: string, retryInMs: number | undefined): ToolyardError<'UPSTREAM_BUSY'> {
    const limit = this.#maxConcurrent();
    const facts = { upstream: this.#upstream, limit, ...(retryInMs !== undefined && { retryInMs }) };
    return new ToolyardError('UPSTREAM_BUSY', facts, `${this.#upstream} has ${limit} calls in flight and ${why}.`);
  }
}

/** One call in the line: its turn comes, its signal aborts or its deadline passes, whichever is first. */
class Turn {
  readonly came: Promise<void>;
  readonly #turn: PromiseWithResolvers<void> = Promise.withResolvers<void>();
  readonly #signal: AbortSignal;
  readonly #timer: NodeJS.Timeout | undefined;
  #over = false;
  /** A function, since Node holds an object that listens so that it outlives young garbage collections. */
  readonly #cancelled = (): void => {
    if (this.#end()) this.#turn.reject(cancelled(this.#signal));
  };

  constructor(signal: AbortSignal, leftMs: number, late: () => Error) {
    this.came = this.#turn.promise;
    this.#signal = signal;
    signal.addEventListener('abort', this.#cancelled);
    if (leftMs <= longestTimerMs)
      this.#timer = setTimeout(() => {
        if (this.#end()) this.#turn.reject(late());
      }, leftMs);
  }

  /** Whether it still waited. */
  come(): boolean {
    if (!this.#end()) return false;
    this.#turn.resolve();
    return true;
  }

  #end(): boolean {
    if (this.#over) return false;
    this.#over = true;
    clearTimeout(this.#timer);
    this.#signal.removeEventListener('abort', this.#cancelled);
    return true;
  }
}
