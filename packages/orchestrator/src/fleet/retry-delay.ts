/** Bounds on the pauses between attempts that fail in a row. */
export interface RetryDelays {
  /** Before the second attempt. */
  readonly initialMs: number;
  readonly maxMs: number;
}

/** The pause after so many failures in a row: doubled each time up to the bound, and between half and all of that, so that many do not come back at once. */
export function retryDelay(failures: number, { initialMs, maxMs }: RetryDelays, random: () => number): number {
  const full = Math.min(maxMs, initialMs * 2 ** Math.min(failures, 30));
  return full / 2 + (full / 2) * random();
}
