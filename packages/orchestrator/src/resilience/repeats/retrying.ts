import type { BackoffOptions, Call, Reply } from '@toolyard/protocol';
import { backoffMs, ToolyardError, withGrowingProgress } from '@toolyard/protocol';
import type { RetryRules } from '@toolyard/registry';
import { pause } from '../../waiting/pause.ts';
import { cancelled } from '../cancelled.ts';
import type { IsIdempotent } from './may-retry.ts';
import { mayRetry } from './may-retry.ts';
import type { RetryBudget } from './retry-budget.ts';

export interface RetryingOptions {
  /** Shared by all calls to one server. */
  readonly budget: RetryBudget;
  readonly isIdempotent: IsIdempotent;
  /** Asked when an attempt has failed. Default: none are given. */
  readonly rules?: () => RetryRules | undefined;
  readonly random?: BackoffOptions['random'];
  /** The clock of `Call.deadlineMs`. Default `performance.now()`. */
  readonly now?: () => number;
}

const defaults: Required<RetryRules> = Object.freeze({ maxAttempts: 3, firstDelayMs: 100, maxDelayMs: 2_000 });

/** Makes attempt number `number`, counted from 1, with a call that is, but for whom it tells, the one that was given. */
export type Attempt = (number: number, call: Call) => Promise<Reply>;

export type Retrying = (call: Call, attempt: Attempt) => Promise<Reply>;

/**
 * Makes a call again where that is safe (`mayRetry`), with exponential backoff and full jitter, within the budget, and never so that the deadline would pass
 * before the next attempt begins.
 *
 * Rejects with what the last attempt failed with; after several of them with the same code and facts, and that error as the cause. When the signal aborts
 * between attempts, with `CANCELLED`.
 */
export function createRetrying(options: RetryingOptions): Retrying {
  const { budget, isIdempotent, now = () => performance.now(), random = Math.random } = options;
  const rules = (): Required<RetryRules> => ({ ...defaults, ...options.rules?.() });
  const isWorthIt = (given: Call, error: unknown, delayMs: number, longestMs: number): boolean =>
    !given.signal.aborted &&
    (hintOf(error) ?? 0) <= longestMs &&
    now() + delayMs < (given.deadlineMs ?? Infinity) &&
    mayRetry(given, error, isIdempotent) &&
    budget.take();
  /** Goes on after the first attempt has failed. */
  const again = async (given: Call, call: Call, attempt: Attempt, first: unknown): Promise<Reply> => {
    let error = first;
    let made = wasMade(first) ? 1 : 0;
    for (let attempts = 1; ;) {
      const { maxAttempts, firstDelayMs, maxDelayMs } = rules();
      const delayMs = (hintOf(error) ?? 0) + backoffMs(attempts, { firstDelayMs, maxDelayMs, random });
      if (attempts >= maxAttempts || !isWorthIt(given, error, delayMs, maxDelayMs)) throw afterAll(error, made);
      await pause(delayMs, given.signal).catch(() => {
        throw cancelled(given.signal, error);
      });
      attempts++;
      try {
        return await attempt(attempts, call);
      } catch (failure) {
        error = failure;
        if (wasMade(failure)) made++;
      }
    }
  };
  return (given, attempt) => {
    budget.called();
    const call = withGrowingProgress(given);
    const failed = (error: unknown): Promise<Reply> => again(given, call, attempt, error);
    let first: Promise<Reply>;
    try {
      first = attempt(1, call);
    } catch (error) {
      return failed(error);
    }
    // Nothing is awaited where the first attempt is answered, as nearly all are.
    return first.then(undefined, failed);
  };
}

/** When the error itself says that there is room again. */
function hintOf(error: unknown): number | undefined {
  if (ToolyardError.is(error, 'UPSTREAM_BREAKER_OPEN') || ToolyardError.is(error, 'UPSTREAM_BUSY'))
    return error.facts.retryInMs;
  return undefined;
}

/** Not so where it was refused on this side. */
function wasMade(error: unknown): boolean {
  return hintOf(error) === undefined && !ToolyardError.is(error, 'UPSTREAM_BUSY');
}

function afterAll(error: unknown, made: number): unknown {
  if (made <= 1 || !ToolyardError.is(error)) return error;
  return new ToolyardError(error.code, error.facts, `${error.message} It was tried ${made} times.`, {
    cause: error,
  });
}
