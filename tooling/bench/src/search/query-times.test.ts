import { expect, it } from 'vitest';
import { percentile, summarize } from './query-times.ts';

it('takes the smallest number that so many do not exceed', () => {
  const hundred = Array.from({ length: 100 }, (_, at) => 100 - at);
  expect([50, 99, 100].map((percent) => percentile(hundred, percent))).toEqual([50, 99, 100]);
  expect(percentile([7], 99)).toBe(7);
  expect(percentile([], 50)).toBe(0);
  expect(summarize([3, 1, 2], [9, 8, 7])).toEqual({ p50Ms: 2, p99Ms: 3, cpuMs: 8 });
});
