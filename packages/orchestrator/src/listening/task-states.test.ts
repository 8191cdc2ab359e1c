import { RawObject } from '@toolyard/protocol';
import { expect, it } from 'vitest';
import { TaskStates } from './task-states.ts';

const state = (second: number, status = 'working', taskId = 't'): RawObject =>
  RawObject.of({ taskId, status, lastUpdatedAt: `2026-09-01T10:00:0${second}Z` });

it('takes no state that is older than one it took', () => {
  const states = new TaskStates();
  expect([2, 1, 2, 3].map((second) => states.isNews(state(second)))).toEqual([true, false, true, true]);
});

it('takes an end however old it says it is, and nothing after it but an end', () => {
  const states = new TaskStates();
  states.isNews(state(5));
  expect(states.isNews(state(1, 'completed'))).toBe(true);
  expect(states.isNews(state(6))).toBe(false);
  expect(states.isNews(state(1, 'completed'))).toBe(true);
});

it('keeps tasks apart, and forgets them', () => {
  const states = new TaskStates();
  states.isNews(state(5, 'failed'));
  expect(states.isNews(state(1, 'working', 'other'))).toBe(true);
  states.forget('t');
  expect(states.isNews(state(1))).toBe(true);
});

it('takes states without a time, and none without an id', () => {
  const states = new TaskStates();
  expect(states.isNews(RawObject.of({ taskId: 't', status: 'working' }))).toBe(true);
  expect(states.isNews(state(1))).toBe(true);
  expect(states.isNews(RawObject.of({ status: 'working' }))).toBe(false);
});
