import { type Call, type Reply, whenSettled } from '@toolyard/protocol';
import { verdictOf } from '../verdict.ts';
import type { HedgeDelay } from './hedge-delay.ts';
import { isRepeatableRead } from './may-retry.ts';
import type { RetryBudget } from './retry-budget.ts';
import type { Attempt } from './retrying.ts';

export interface HedgingOptions {
  /** A hedge is a repeat like any other. */
  readonly budget: RetryBudget;
  /** How long the first attempt may take before there is a second. Asked at each read. */
  readonly delay: HedgeDelay;
  /** Whether there is another instance. */
  readonly several: () => boolean;
  readonly now: () => number;
}

export type Hedging = (call: Call, attempt: Attempt) => Promise<Reply>;

/**
 * Asks a second instance when the first takes long; the first answer counts, a refusal being one, and the other attempt is aborted
 * (Dean and Barroso, The Tail at Scale, 2013). Attempts are numbered 1 and 2.
 *
 * Only for reads, and only for those whose caller wants neither progress nor log messages: nobody is told anything twice. Where both fail it rejects
 * with what failed last.
 */
export function createHedging({ budget, delay, several, now }: HedgingOptions): Hedging {
  return (call, attempt) => {
    if (call.progressToken !== undefined || call.logLevel !== undefined || !isRepeatableRead(call))
      return attempt(1, call);
    const ms = delay.next();
    const begin = (): Promise<Reply> =>
      ms === undefined || !several() ? attempt(1, call) : race(call, attempt, ms, budget);
    if (!delay.learns) return begin();
    const startedMs = now();
    const answered = (): void => delay.answered(startedMs);
    return whenSettled(begin, answered, (error) => {
      if (verdictOf(error) === 'answer') answered();
    });
  };
}

function race(call: Call, attempt: Attempt, afterMs: number, budget: RetryBudget): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const over = new AbortController();
    const shared = { ...call, signal: AbortSignal.any([call.signal, over.signal]) };
    let underWay = 0;
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      settle();
      over.abort();
    };
    const begin = (number: number): void => {
      underWay++;
      begun(attempt, number, shared).then(
        (reply) => end(() => resolve(reply)),
        (error: unknown) => {
          underWay--;
          if (underWay === 0 || verdictOf(error) === 'answer') end(() => reject(error));
        },
      );
    };
    const timer = setTimeout(() => {
      if (!call.signal.aborted && budget.take()) begin(2);
    }, afterMs);
    begin(1);
  });
}

/** Also where it throws before there is a promise. */
async function begun(attempt: Attempt, number: number, call: Call): Promise<Reply> {
  return attempt(number, call);
}
