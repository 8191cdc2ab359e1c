export interface BackoffOptions {
  /** Bound on the first pause; each further one may be twice as long. Default 250. */
  readonly firstDelayMs?: number;
  /** Bound on any pause. Default 30,000. */
  readonly maxDelayMs?: number;
  /** From 0 up to, not including, 1. Default `Math.random`. */
  readonly random?: () => number;
}

/**
 * How long to pause before try number `attempt`, counted from 1: exponential with full jitter, so that many who lost the same server do not
 * come back together (AWS Architecture Blog, "Exponential Backoff And Jitter").
 */
export function backoffMs(
  attempt: number,
  { firstDelayMs = 250, maxDelayMs = 30_000, random = Math.random }: BackoffOptions = {},
): number {
  return Math.floor(random() * Math.min(maxDelayMs, firstDelayMs * 2 ** (attempt - 1)));
}
