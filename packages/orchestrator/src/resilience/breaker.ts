import { backoffMs, ToolyardError } from '@toolyard/protocol';
import { CircuitState, ConsecutiveBreaker, CountBreaker } from 'cockatiel';
import { verdictOf } from './verdict.ts';

/**
 * - `closed`: calls go through.
 * - `open`: it pauses; calls are refused.
 * - `half-open`: the pause is over; one call is let through, and how it ends decides.
 */
export type BreakerState = 'closed' | 'open' | 'half-open';

export interface BreakerOptions {
  /** How the server is called in errors. */
  readonly upstream: string;
  /** Faults in a row that open it. Default 5. */
  readonly faultsInARow?: number;
  /** It opens, too, when more than this part of the last `recentCalls` were faults. Default 0.5. */
  readonly faultRatio?: number;
  /** Default 20; with fewer calls behind it the ratio says nothing. */
  readonly recentCalls?: number;
  /** Bound on its first pause; each pause after a probe that failed may be twice as long. Pauses are at least half their bound. Default 1,000. */
  readonly firstPauseMs?: number;
  /** Bound on any pause. Default 30,000. */
  readonly maxPauseMs?: number;
  /** After which a probe that is still under way no longer holds up the next one. Default 10,000. */
  readonly probeHoldMs?: number;
  /** Hears of each change, at once. Must not throw. */
  readonly onChange?: (state: BreakerState) => void;
  /** Default `performance.now()`. */
  readonly now?: () => number;
  /** From 0 up to 1. Default `Math.random`. */
  readonly random?: () => number;
}

/** Keeps calls from an instance that does not answer them. Has no timers: time passes when somebody asks. */
export interface Breaker {
  readonly state: BreakerState;
  /** Whether `run` would let a call through now. */
  readonly allows: boolean;
  /**
   * Does the work and learns from how it ends (`verdictOf`), or rejects with `UPSTREAM_BREAKER_OPEN`. What `work` rejects with is passed on as it is.
   * `deadlineMs`: that of the call, which is not held against the instance.
   */
  run<T>(work: () => Promise<T>, deadlineMs?: number): Promise<T>;
  /** The same in two parts, for the way of every call: throws what `run` rejects with, and gives what is to be handed to `answered` or `failed` at the end. */
  enter(): number;
  answered(entry: number): void;
  failed(entry: number, error: unknown, deadlineMs?: number): void;
  /** Closes it, and forgets what was: for when the instance was connected anew. Calls that began before no longer count. */
  reset(): void;
}

export function createBreaker(options: BreakerOptions): Breaker {
  return new InstanceBreaker(options);
}

const defaults = {
  faultsInARow: 5,
  faultRatio: 0.5,
  recentCalls: 20,
  firstPauseMs: 1_000,
  maxPauseMs: 30_000,
  probeHoldMs: 10_000,
  onChange: () => {},
  now: () => performance.now(),
  random: Math.random,
} as const satisfies Omit<Required<BreakerOptions>, 'upstream'>;

class InstanceBreaker implements Breaker {
  readonly #options: Required<BreakerOptions>;
  #rule: Rule;
  #closed = true;
  /** Openings in a row, with no probe that succeeded between them. */
  #openings = 0;
  #pauseEndsMs = 0;
  /** Until when a probe that is under way keeps others out. */
  #probeHeldMs = -Infinity;
  /** Counts closings, openings and probes: outcomes of another epoch say nothing about this one. */
  #epoch = 0;

  constructor(options: BreakerOptions) {
    this.#options = { ...defaults, ...options };
    this.#rule = createRule(this.#options);
  }

  get state(): BreakerState {
    if (this.#closed) return 'closed';
    return this.#options.now() < this.#pauseEndsMs ? 'open' : 'half-open';
  }

  get allows(): boolean {
    return this.#closed || this.#options.now() >= Math.max(this.#pauseEndsMs, this.#probeHeldMs);
  }

  async run<T>(work: () => Promise<T>, deadlineMs?: number): Promise<T> {
    const entry = this.enter();
    let value: T;
    try {
      value = await work();
    } catch (error) {
      this.failed(entry, error, deadlineMs);
      throw error;
    }
    this.answered(entry);
    return value;
  }

  enter(): number {
    if (!this.#closed) this.#beginProbe();
    return this.#epoch;
  }

  answered(entry: number): void {
    if (entry === this.#epoch) this.#answered();
  }

  failed(entry: number, error: unknown, deadlineMs?: number): void {
    if (entry === this.#epoch) this.#failed(error, deadlineMs);
  }

  reset(): void {
    this.#epoch++;
    this.#openings = 0;
    this.#rule = createRule(this.#options);
    if (this.#closed) return;
    this.#closed = true;
    this.#options.onChange('closed');
  }

  #beginProbe(): void {
    const nowMs = this.#options.now();
    const waitMs = Math.max(this.#pauseEndsMs, this.#probeHeldMs) - nowMs;
    if (waitMs > 0) throw this.#refusal(Math.ceil(waitMs));
    this.#epoch++;
    this.#probeHeldMs = nowMs + this.#options.probeHoldMs;
    this.#options.onChange('half-open');
  }

  #answered(): void {
    if (this.#closed) this.#rule.answered();
    else this.reset();
  }

  #failed(error: unknown, deadlineMs: number | undefined): void {
    const verdict = verdictOf(error, deadlineMs, this.#options.now());
    if (verdict === 'answer') this.#answered();
    else if (verdict === 'nothing') this.#probeHeldMs = -Infinity;
    else if (!this.#closed || this.#rule.failed()) this.#open();
  }

  #open(): void {
    const { firstPauseMs, maxPauseMs, now, random, onChange } = this.#options;
    this.#epoch++;
    this.#closed = false;
    this.#openings++;
    // Full jitter could make it no pause at all.
    const half = (): number => (1 + random()) / 2;
    this.#pauseEndsMs =
      now() + backoffMs(this.#openings, { firstDelayMs: firstPauseMs, maxDelayMs: maxPauseMs, random: half });
    this.#probeHeldMs = -Infinity;
    onChange('open');
  }

  #refusal(retryInMs: number): ToolyardError<'UPSTREAM_BREAKER_OPEN'> {
    const { upstream } = this.#options;
    const message = `${upstream} failed too often of late; it may be tried again in ${retryInMs} ms.`;
    return new ToolyardError('UPSTREAM_BREAKER_OPEN', { upstream, retryInMs }, message);
  }
}

/** When enough is enough: so many faults in a row, or so many among the last calls. */
interface Rule {
  answered(): void;
  /** Whether it opens now. */
  failed(): boolean;
}

function createRule(options: Required<BreakerOptions>): Rule {
  const row = new ConsecutiveBreaker(options.faultsInARow);
  const recent = new CountBreaker({ threshold: options.faultRatio, size: options.recentCalls });
  return {
    answered() {
      row.success();
      recent.success(CircuitState.Closed);
    },
    failed() {
      const tooManyInARow = row.failure();
      return recent.failure(CircuitState.Closed) || tooManyInARow;
    },
  };
}
