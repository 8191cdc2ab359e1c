import { ToolyardError } from '@toolyard/protocol';
import { cancelled } from '../cancelled.ts';
import type { Errand, Place } from './place.ts';
import { createLines, type Lines } from './lines.ts';
import { Turn, type Waiting } from './turn.ts';

export interface BulkheadOptions<P extends Place> {
  /** How the server is called in errors. */
  readonly upstream: string;
  /** Calls that may be under way at one place; asked each time, since it may change. */
  readonly maxConcurrent: () => number;
  /** Calls that wait for their turn, for all places together; one more is refused. Asked each time. */
  readonly maxQueue: () => number;
  /** Those of which any will do. */
  readonly places: () => readonly P[];
  /** Whether it may still be waited for. */
  readonly isOpen: (place: P) => boolean;
  /** Why nobody waits any longer where there is no place; `undefined` where there will be one. */
  readonly absence: () => Error | undefined;
  /** The clock of `Call.deadlineMs`. */
  readonly now: () => number;
}

/** Bounds the calls to each instance of a server, so that one that is slow does not take everything that callers, and this process, have. */
export interface Bulkhead<P extends Place> {
  /** Calls that wait for their turn. */
  readonly queued: number;
  /**
   * Begins at a place where there is room: at once, else when it is its turn. Who has to go to one place waits for that one, everybody else for the first that has room, in the order of arrival.
   * `begin` has the place count the call before it returns, and `left` is called when the call has ended there.
   *
   * Rejects with `UPSTREAM_BUSY`, and nothing is begun, when the queue is full; at once when going by how long calls take the deadline would pass before its turn; and when it does pass.
   * Rejects with `CANCELLED` when the signal aborts before its turn. Not for calls that stay open (`subscriptions/listen`).
   */
  run<R>(call: Waiting, errand: Errand<P>, begin: (place: P) => Promise<R>): Promise<R>;
  left(tookMs: number): void;
  /** To be called when places came or went, or take more or less than before. */
  changed(): void;
  /** Resolves when no call waits for this place, and none for any where this is one of them. */
  cleared(place: P): Promise<void>;
}

export function createBulkhead<P extends Place>(options: BulkheadOptions<P>): Bulkhead<P> {
  return new ServerBulkhead(options);
}

/** What the latest call weighs in the moving average of how long calls take. */
const latestWeight = 0.1;

class ServerBulkhead<P extends Place> implements Bulkhead<P> {
  readonly #options: BulkheadOptions<P>;
  readonly #lines: Lines<P>;
  readonly #clearing = new Set<{ readonly place: P; readonly resolve: () => void }>();
  readonly #hasRoom = (place: P): boolean => place.inFlight < this.#options.maxConcurrent();
  #averageMs: number | undefined;
  #admitting = false;

  constructor(options: BulkheadOptions<P>) {
    this.#options = options;
    this.#lines = createLines((place) => !place.allows || this.#hasRoom(place));
  }

  get queued(): number {
    return this.#lines.size;
  }

  run<R>(call: Waiting, errand: Errand<P>, begin: (place: P) => Promise<R>): Promise<R> {
    const only = errand.only();
    const place = only ?? errand.any(this.#hasRoom);
    // Also one that was cancelled before it came: that is how a caller lets go of what waits for it at the server.
    if (place !== undefined && (!place.allows || (this.#lines.size === 0 && this.#hasRoom(place)))) return begin(place);
    try {
      return this.#turn(call, errand, only, begin);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  left(tookMs: number): void {
    this.#averageMs =
      this.#averageMs === undefined ? tookMs : this.#averageMs + latestWeight * (tookMs - this.#averageMs);
    if (this.#lines.size > 0) this.#admit();
  }

  changed(): void {
    if (this.#lines.size === 0) return;
    const { places, absence, isOpen } = this.#options;
    this.#lines.sort(isOpen);
    const why = places().length === 0 ? absence() : undefined;
    if (why !== undefined) this.#lines.refuseAny(why);
    this.#admit();
  }

  async cleared(place: P): Promise<void> {
    if (this.#isAwaited(place)) await new Promise<void>((resolve) => this.#clearing.add({ place, resolve }));
  }

  #turn<R>(
    { signal, deadlineMs }: Waiting,
    errand: Errand<P>,
    only: P | undefined,
    begin: (place: P) => Promise<R>,
  ): Promise<R> {
    const { maxQueue, now } = this.#options;
    if (signal.aborted) throw cancelled(signal);
    const waitMs = this.#expectedWaitMs(only);
    if (this.#lines.size >= maxQueue()) throw this.#busy(only, `${this.#lines.size} more that wait`, waitMs);
    const leftMs = deadlineMs === undefined ? Infinity : deadlineMs - now();
    if (leftMs <= (waitMs ?? 0)) throw this.#busy(only, 'would not get to this one before its deadline', waitMs);
    const late = (): Error => this.#busy(only, 'did not get to this one before its deadline', undefined);
    const turn: Turn<P, R> = new Turn(signal, leftMs, late, begin, () => {
      this.#lines.remove(turn);
      this.#tellCleared();
    });
    this.#lines.add(turn, errand, only);
    // Others wait, perhaps for another place.
    this.#admit();
    return turn.done;
  }

  #admit(): void {
    // A place may say that it changed in the middle of beginning, before it counts the call.
    if (this.#admitting) return;
    this.#admitting = true;
    try {
      for (let next = this.#lines.next(this.#hasRoom); next !== undefined; next = this.#lines.next(this.#hasRoom))
        next.turn.come(next.place);
    } finally {
      this.#admitting = false;
    }
    this.#tellCleared();
  }

  #isAwaited(place: P): boolean {
    return (
      this.#lines.waitingFor(place) > 0 || (this.#lines.waitingForAny > 0 && this.#options.places().includes(place))
    );
  }

  #tellCleared(): void {
    for (const one of this.#clearing) {
      if (this.#isAwaited(one.place)) continue;
      this.#clearing.delete(one);
      one.resolve();
    }
  }

  /** Of one that would join the line now. */
  #expectedWaitMs(only: P | undefined): number | undefined {
    if (this.#averageMs === undefined) return undefined;
    const before = only === undefined ? this.#lines.waitingForAny : this.#lines.waitingFor(only);
    return Math.ceil(((before + 1) * this.#averageMs) / this.#limit(only));
  }

  #limit(only: P | undefined): number {
    return this.#options.maxConcurrent() * (only === undefined ? Math.max(this.#options.places().length, 1) : 1);
  }

  #busy(only: P | undefined, why: string, retryInMs: number | undefined): ToolyardError<'UPSTREAM_BUSY'> {
    const { upstream } = this.#options;
    const limit = this.#limit(only);
    const facts = { upstream, limit, ...(retryInMs !== undefined && { retryInMs }) };
    return new ToolyardError('UPSTREAM_BUSY', facts, `${upstream} has ${limit} calls in flight and ${why}.`);
  }
}
