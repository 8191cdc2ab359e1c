import { longestTimerMs } from '../../errors/check-numbers.ts';

export interface PatienceBounds {
  /** Silence that is borne; `undefined` means any. */
  readonly silenceMs?: number | undefined;
  /** The whole time that is borne, whatever is heard; `undefined` means any. */
  readonly maxMs?: number | undefined;
  /** Point in time of `performance.now()`. */
  readonly deadlineMs?: number | undefined;
}

/**
 * The clock of one request: runs out after silence, after a whole time, or at a deadline, whichever is first.
 * Holds one timer at most, and none before `start`, while suspended and after `end`.
 */
export class Patience {
  readonly #silenceMs: number;
  readonly #maxMs: number;
  #deadlineMs: number;
  readonly #ranOut: (afterMs: number) => void;
  #startedMs = 0;
  #heardMs = 0;
  #suspendedMs: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  /** `ranOut` is called once at most, with the time that was borne since `start`, without what was spent suspended: the bound, where nothing was heard. */
  constructor(bounds: PatienceBounds, ranOut: (afterMs: number) => void) {
    this.#silenceMs = bounds.silenceMs ?? Infinity;
    this.#maxMs = bounds.maxMs ?? Infinity;
    this.#deadlineMs = bounds.deadlineMs ?? Infinity;
    this.#ranOut = ranOut;
  }

  start(): void {
    const nowMs = performance.now();
    this.#startedMs = nowMs;
    this.#heardMs = nowMs;
    this.#arm(nowMs);
  }

  /** Something was heard: silence counts anew. */
  heard(): void {
    this.#heardMs = performance.now();
  }

  /** Time stands still: neither bound counts, and the deadline is dropped. */
  suspend(): void {
    if (this.#ended || this.#suspendedMs !== undefined) return;
    this.#suspendedMs = performance.now();
    clearTimeout(this.#timer);
  }

  /** Time goes on, with a new deadline; silence counts anew. */
  resume(deadlineMs: number | undefined): void {
    if (this.#ended || this.#suspendedMs === undefined) return;
    const nowMs = performance.now();
    this.#startedMs += nowMs - this.#suspendedMs;
    this.#suspendedMs = undefined;
    this.#heardMs = nowMs;
    this.#deadlineMs = deadlineMs ?? Infinity;
    this.#arm(nowMs);
  }

  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
  }

  #arm(nowMs: number): void {
    const dueMs = Math.min(this.#heardMs + this.#silenceMs, this.#startedMs + this.#maxMs, this.#deadlineMs);
    if (dueMs === Infinity) return;
    this.#timer = setTimeout(() => this.#rang(), Math.min(Math.max(Math.ceil(dueMs - nowMs), 0), longestTimerMs));
  }

  #rang(): void {
    const nowMs = performance.now();
    const dueMs = Math.min(this.#heardMs + this.#silenceMs, this.#startedMs + this.#maxMs, this.#deadlineMs);
    if (nowMs < dueMs) {
      this.#arm(nowMs);
      return;
    }
    this.#ended = true;
    this.#ranOut(Math.max(Math.round(dueMs - this.#startedMs), 0));
  }
}
