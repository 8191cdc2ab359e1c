import { expect, it } from 'vitest';
import { median, percentile } from './percentile.ts';

it('is the smallest number that so many do not exceed', () => {
  const hundred = Array.from({ length: 100 }, (_, at) => 100 - at);
  expect([50, 99, 100].map((percent) => percentile(hundred, percent))).toEqual([50, 99, 100]);
  expect(percentile([7], 99)).toBe(7);
  expect(percentile([], 50)).toBe(0);
  expect(median([9, 1, 5])).toBe(5);
});
