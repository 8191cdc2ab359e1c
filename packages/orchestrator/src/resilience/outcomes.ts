import { type Verdict, verdictOf } from './verdict.ts';

export interface OutcomesOptions {
  /** Length of one part of the window; the window moves on by one at a time. Default 10,000. */
  readonly partMs?: number;
  /** Parts that count, the current one among them. Default 6. */
  readonly parts?: number;
  /** Default `performance.now()`. */
  readonly now?: () => number;
  /** A call was a fault, or slow. Must not throw. */
  readonly onTrouble?: () => void;
}

/** How the calls of the window ended. Times are of answers and faults alike, so those of a server that hangs are its timeouts. */
export interface OutcomeSummary {
  readonly calls: number;
  readonly faults: number;
  /** Those that took at least the time from which on such a call is slow. */
  readonly slow: number;
  /** `undefined` where there was no call. */
  readonly averageMs: number | undefined;
  /** Percentiles are upper bounds, too high by 9% at most. */
  readonly p50Ms: number | undefined;
  readonly p95Ms: number | undefined;
  readonly p99Ms: number | undefined;
}

/** How the calls of the last minute ended. Takes the same few KiB whatever happens, and a call costs it no allocation. */
export interface Outcomes {
  /** A call that began at `startedMs` (of the same clock) has ended now. `slowMs`: the time from which on it is slow; default: none. */
  record(startedMs: number, fault: boolean, slowMs?: number): void;
  /**
   * One that began then was rejected with this now; recorded unless it says nothing about the instance (`verdictOf`), which is returned. `deadlineMs`: that of
   * the call.
   */
  rejected(startedMs: number, error: unknown, deadlineMs?: number, slowMs?: number): Verdict;
  /** Whether a call of the window was a fault, or slow. */
  readonly troubled: boolean;
  /** When something was answered last, on the clock; `-Infinity` if nothing ever was. */
  readonly lastAnswerMs: number;
  summary(): OutcomeSummary;
  /** Adds what is in the window to a sum. */
  addTo(sum: OutcomeSum): void;
}

/** The windows of several, put together by `summarize`. */
export interface OutcomeSum {
  calls: number;
  faults: number;
  slow: number;
  totalMs: number;
  readonly times: Float64Array;
}

// Times in classes, eight to a doubling, from an eighth of a millisecond to 17 minutes.
const classesPerDoubling = 8;
const lowestPower = -3;
const doublings = 23;
const classCount = doublings * classesPerDoubling + 1;

export function createOutcomes(options: OutcomesOptions = {}): Outcomes {
  return new RollingOutcomes(options);
}

/** What all of these say together. */
export function summarize(windows: Iterable<Pick<Outcomes, 'addTo'>>): OutcomeSummary {
  const { calls, faults, slow, totalMs, times } = sumOf(windows);
  return {
    calls,
    faults,
    slow,
    averageMs: calls === 0 ? undefined : totalMs / calls,
    p50Ms: percentile(times, calls, 0.5),
    p95Ms: percentile(times, calls, 0.95),
    p99Ms: percentile(times, calls, 0.99),
  };
}

/** The time that this part of its calls took at most, too high by 9% at most; `undefined` where there were fewer than `minCalls`. */
export function timeOf(window: Pick<Outcomes, 'addTo'>, part: number, minCalls: number): number | undefined {
  const { calls, times } = sumOf([window]);
  return calls < minCalls ? undefined : percentile(times, calls, part);
}

function sumOf(windows: Iterable<Pick<Outcomes, 'addTo'>>): OutcomeSum {
  const sum: OutcomeSum = { calls: 0, faults: 0, slow: 0, totalMs: 0, times: new Float64Array(classCount) };
  for (const window of windows) window.addTo(sum);
  return sum;
}

class RollingOutcomes implements Outcomes {
  lastAnswerMs = -Infinity;
  readonly #partMs: number;
  readonly #parts: number;
  readonly #now: () => number;
  readonly #onTrouble: () => void;
  /** Which part, counted since the clock began, each slot holds. */
  readonly #held: Float64Array;
  readonly #calls: Uint32Array;
  readonly #faults: Uint32Array;
  readonly #slow: Uint32Array;
  readonly #totalMs: Float64Array;
  readonly #times: Uint32Array;

  constructor({ partMs = 10_000, parts = 6, now = () => performance.now(), onTrouble = () => {} }: OutcomesOptions) {
    this.#partMs = partMs;
    this.#parts = parts;
    this.#now = now;
    this.#onTrouble = onTrouble;
    this.#held = new Float64Array(parts).fill(-1);
    this.#calls = new Uint32Array(parts);
    this.#faults = new Uint32Array(parts);
    this.#slow = new Uint32Array(parts);
    this.#totalMs = new Float64Array(parts);
    this.#times = new Uint32Array(parts * classCount);
  }

  get troubled(): boolean {
    const current = Math.floor(this.#now() / this.#partMs);
    return this.#held.some((part, slot) => this.#counts(part, current) && (this.#faults[slot] || this.#slow[slot]));
  }

  record(startedMs: number, fault: boolean, slowMs = Infinity): void {
    const nowMs = this.#now();
    const tookMs = Math.max(nowMs - startedMs, 0);
    const slot = this.#slotFor(Math.floor(nowMs / this.#partMs));
    add(this.#calls, slot, 1);
    add(this.#totalMs, slot, tookMs);
    add(this.#times, slot * classCount + classOf(tookMs), 1);
    const slow = tookMs >= slowMs;
    if (slow) add(this.#slow, slot, 1);
    if (fault) add(this.#faults, slot, 1);
    else this.lastAnswerMs = nowMs;
    if (fault || slow) this.#onTrouble();
  }

  rejected(startedMs: number, error: unknown, deadlineMs?: number, slowMs?: number): Verdict {
    const verdict = verdictOf(error, deadlineMs, this.#now());
    if (verdict !== 'nothing') this.record(startedMs, verdict === 'fault', slowMs);
    return verdict;
  }

  summary(): OutcomeSummary {
    return summarize([this]);
  }

  addTo(sum: OutcomeSum): void {
    const current = Math.floor(this.#now() / this.#partMs);
    for (const [slot, part] of this.#held.entries()) {
      if (!this.#counts(part, current)) continue;
      sum.calls += this.#calls[slot] ?? 0;
      sum.faults += this.#faults[slot] ?? 0;
      sum.slow += this.#slow[slot] ?? 0;
      sum.totalMs += this.#totalMs[slot] ?? 0;
      const first = slot * classCount;
      for (let index = 0; index < classCount; index++) add(sum.times, index, this.#times[first + index] ?? 0);
    }
  }

  /** Whether a part is in the window. */
  #counts(part: number, current: number): boolean {
    return part >= 0 && part > current - this.#parts;
  }

  #slotFor(part: number): number {
    const slot = part % this.#parts;
    if (this.#held[slot] === part) return slot;
    this.#held[slot] = part;
    this.#calls[slot] = this.#faults[slot] = this.#slow[slot] = this.#totalMs[slot] = 0;
    this.#times.fill(0, slot * classCount, (slot + 1) * classCount);
    return slot;
  }
}

function add(to: Uint32Array | Float64Array, at: number, amount: number): void {
  to[at] = (to[at] ?? 0) + amount;
}

/** 0 is for all that is shorter than the shortest. */
function classOf(ms: number): number {
  const index = Math.ceil((Math.log2(ms) - lowestPower) * classesPerDoubling);
  return Math.min(Math.max(index, 0), classCount - 1);
}

/** The longest time of a class. */
function boundOf(index: number): number {
  return 2 ** (index / classesPerDoubling + lowestPower);
}

function percentile(times: Float64Array, calls: number, part: number): number | undefined {
  if (calls === 0) return undefined;
  let left = Math.ceil(calls * part);
  const index = times.findIndex((count) => (left -= count) <= 0);
  return boundOf(index);
}
