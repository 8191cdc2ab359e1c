import { expect, it } from 'vitest';
import { timetable } from './timetable.ts';

it('has calls due at even distances, the first at once, and none after the end', () => {
  const { total, dueMs } = timetable(400, 2);
  expect(total).toBe(800);
  expect([0, 1, 2, 799].map((call) => dueMs(call))).toEqual([0, 2.5, 5, 1997.5]);
});

it('does not drift where the distance is no round number', () => {
  const { total, dueMs } = timetable(7_777, 3);
  expect(total).toBe(23_331);
  expect(dueMs(23_331)).toBeCloseTo(3_000, 9);
});
