import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createLimiter } from './limiter.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const never = new AbortController().signal;

it('lets as many in as it has places, and the next when one leaves', async () => {
  const limiter = createLimiter(() => 2, 1000);
  const leave = await limiter.enter(never);
  await limiter.enter(never);
  let third = false;
  const entering = limiter.enter(never).then(() => (third = true));
  await vi.advanceTimersByTimeAsync(0);
  expect(third).toBe(false);
  leave();
  await entering;
  expect(third).toBe(true);
});

it('counts a place that is given back twice once', async () => {
  const limiter = createLimiter(() => 1, 1000);
  const leave = await limiter.enter(never);
  leave();
  leave();
  await limiter.enter(never);
  let second = false;
  void limiter.enter(never).then(() => (second = true));
  await vi.advanceTimersByTimeAsync(0);
  expect(second).toBe(false);
});

it('does not let one that hangs keep its place for longer than the hold', async () => {
  const limiter = createLimiter(() => 1, 5000);
  await limiter.enter(never);
  let second = false;
  void limiter.enter(never).then(() => (second = true));
  await vi.advanceTimersByTimeAsync(4999);
  expect(second).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(second).toBe(true);
});

it('drops those from the line who stop waiting', async () => {
  const limiter = createLimiter(() => 1, 1000);
  const leave = await limiter.enter(never);
  const controller = new AbortController();
  const given = limiter.enter(controller.signal).catch((error: unknown) => error);
  const next = limiter.enter(never);
  controller.abort(new Error('enough'));
  expect(await given).toMatchObject({ message: 'enough' });
  leave();
  await next;
});
