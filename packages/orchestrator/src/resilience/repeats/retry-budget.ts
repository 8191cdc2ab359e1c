export interface RetryBudgetOptions {
  /** Repeats that each call pays for. Default 0.2: one in five. */
  readonly ratio?: number;
  /** Repeats a second that need no calls to pay for them, so that a quiet server can be tried again. Default 3. */
  readonly minPerSecond?: number;
  /** Repeats that may be saved up. Default 100. */
  readonly maxSaved?: number;
  /** Default `performance.now()`. */
  readonly now?: () => number;
}

/**
 * Bounds what repeats add to the load of a server in trouble: to a part of its calls and a little more, however many of them fail
 * (Google, Site Reliability Engineering, "Handling Overload").
 */
export interface RetryBudget {
  /** A call was made, which is no repeat. */
  called(): void;
  /** Whether a repeat may be made; if so, it is paid. */
  take(): boolean;
}

/** Begins with what ten seconds bring, so that a server may fail early. */
export function createRetryBudget(options: RetryBudgetOptions = {}): RetryBudget {
  const { ratio = 0.2, minPerSecond = 3, maxSaved = 100, now = () => performance.now() } = options;
  // Counted in whole parts, since a fifth five times is less than one.
  const perCall = Math.round(ratio * unit);
  const most = maxSaved * unit;
  let saved = Math.min(10 * minPerSecond * unit, most);
  let filledMs = now();
  return {
    called() {
      saved = Math.min(saved + perCall, most);
    },
    take() {
      const nowMs = now();
      saved = Math.min(saved + ((nowMs - filledMs) * minPerSecond * unit) / 1000, most);
      filledMs = nowMs;
      if (saved < unit) return false;
      saved -= unit;
      return true;
    },
  };
}

const unit = 1_000_000;
