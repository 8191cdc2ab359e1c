export interface QueryTimes {
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Median of the CPU time: what is left of the wall time on a machine that has other things to do. */
  readonly cpuMs: number;
}

export function summarize(wallMs: readonly number[], cpuMs: readonly number[]): QueryTimes {
  return { p50Ms: median(wallMs), p99Ms: percentile(wallMs, 99), cpuMs: median(cpuMs) };
}

export function median(numbers: readonly number[]): number {
  return percentile(numbers, 50);
}

/** The smallest of the numbers that `percent` of them do not exceed; 0 where there are none. */
export function percentile(numbers: readonly number[], percent: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? 0;
}
