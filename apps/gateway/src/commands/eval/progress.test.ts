import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { createProgress } from './progress.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('tells of long work every five seconds, as it stands then, until it is over', () => {
  const told: string[] = [];
  const progress = createProgress((text) => told.push(text));
  vi.advanceTimersByTime(5_000);
  let done = 0;
  progress.now(() => `${done} done`);
  vi.advanceTimersByTime(4_999);
  expect(told).toEqual([]);
  done = 7;
  vi.advanceTimersByTime(1);
  expect(told).toEqual(['7 done']);
  progress[Symbol.dispose]();
  vi.advanceTimersByTime(50_000);
  expect(told).toEqual(['7 done']);
});
