import { median, percentile } from '../figures/percentile.ts';

export interface QueryTimes {
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Median of the CPU time: what is left of the wall time on a machine that has other things to do. */
  readonly cpuMs: number;
}

export function summarize(wallMs: readonly number[], cpuMs: readonly number[]): QueryTimes {
  return { p50Ms: median(wallMs), p99Ms: percentile(wallMs, 99), cpuMs: median(cpuMs) };
}
