import type { BackoffOptions, Call, Reply } from '@toolyard/protocol';
import { backoffMs, ToolyardError, withGrowingProgress } from '@toolyard/protocol';
import { pause } from '../fleet/pause.ts';
import { cancelled } from './cancelled.ts';
import type { IsIdempotent } from './may-retry.ts';
import { mayRetry } from './may-retry.ts';
import type { RetryBudget } from './retry-budget.ts';

export interface RetryingOptions {
  /** Shared by all calls to one server. */
  readonly budget: RetryBudget;
  readonly isIdempotent: IsIdempotent;
  /** The first attempt among them. Default 3. */
  readonly maxAttempts?: number;
  /** Bound on the first pause; each further one may be twice as long. Default 100. */
  readonly firstDelayMs?: number;
  /** Bound on any pause; what is to be tried later than that is not tried again. Default 2,000. */
  readonly maxDelayMs?: number;
  readonly random?: BackoffOptions['random'];
  /** The clock of `Call.deadlineMs`. Default `performance.now()`. */
  readonly now?: () => number;
}

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
  const { budget, isIdempotent, maxAttempts = 3, now = () => performance.now() } = options;
  const { firstDelayMs = 100, maxDelayMs = 2_000, random = Math.random } = options;
  const delayAfter = (attempts: number, error: unknown): number =>
    (hintOf(error) ?? 0) + backoffMs(attempts, { firstDelayMs, maxDelayMs, random });
  const isWorthIt = (given: Call, error: unknown, delayMs: number): boolean =>
    !given.signal.aborted &&
    (hintOf(error) ?? 0) <= maxDelayMs &&
    now() + delayMs < (given.deadlineMs ?? Infinity) &&
    mayRetry(given, error, isIdempotent) &&
    budget.take();
  /** Goes on after the first attempt has failed. */
  const again = async (given: Call, call: Call, attempt: Attempt, first: unknown): Promise<Reply> => {
    let error = first;
    for (let attempts = 1; ;) {
      const delayMs = delayAfter(attempts, error);
      if (attempts >= maxAttempts || !isWorthIt(given, error, delayMs)) throw afterAll(error, attempts);
      await pause(delayMs, given.signal).catch(() => {
        throw cancelled(given.signal, error);
      });
      attempts++;
      try {
        return await attempt(attempts, call);
      } catch (failure) {
        error = failure;
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

function afterAll(error: unknown, attempts: number): unknown {
  if (attempts === 1 || !ToolyardError.is(error)) return error;
  return new ToolyardError(error.code, error.facts, `${error.message} It was tried ${attempts} times.`, {
    cause: error,
  });
}
