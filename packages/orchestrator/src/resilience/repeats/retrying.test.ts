import type { Call, Reply } from '@toolyard/protocol';
import { RawObject } from '@toolyard/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { call } from '../../testing/harness.ts';
import { breakerOpen, busy, gone, unreachable } from '../testing/failures.ts';
import { createRetryBudget } from './retry-budget.ts';
import type { RetryingOptions } from './retrying.ts';
import { createRetrying } from './retrying.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const reply: Reply = { result: RawObject.empty };
const almostOne = 0.999_999;

interface Run {
  /** When each attempt was made, in milliseconds since the call. */
  readonly atMs: readonly number[];
  readonly numbers: readonly number[];
  readonly done: Promise<unknown>;
}

/** Makes a call whose attempts fail with these, one after the other, and then are answered. */
function run(given: Call, failures: readonly Error[], options: Partial<RetryingOptions> = {}): Run {
  const retrying = createRetrying({
    budget: createRetryBudget(),
    isIdempotent: () => false,
    random: () => almostOne,
    ...options,
  });
  const left = [...failures];
  const startMs = performance.now();
  const atMs: number[] = [];
  const numbers: number[] = [];
  const done = retrying(given, async (number) => {
    atMs.push(Math.round(performance.now() - startMs));
    numbers.push(number);
    const failure = left.shift();
    if (failure !== undefined) throw failure;
    return reply;
  }).catch((error: unknown) => error);
  return { atMs, numbers, done };
}

async function ended(one: Run): Promise<unknown> {
  await vi.runAllTimersAsync();
  return one.done;
}

describe('retrying', () => {
  it('makes one attempt where that is answered', async () => {
    const one = run(call('tools/list'), []);
    expect(await one.done).toBe(reply);
    expect(one.numbers).toEqual([1]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('makes a read again, after a pause that may be twice as long each time', async () => {
    const one = run(call('tools/list'), [gone(), gone(), gone()], { rules: () => ({ maxAttempts: 4 }) });
    expect(await ended(one)).toBe(reply);
    expect(one.numbers).toEqual([1, 2, 3, 4]);
    expect(one.atMs).toEqual([0, 99, 298, 697]);
  });

  it('pauses for any part of that', async () => {
    const one = run(call('tools/list'), [gone(), gone()], { random: () => 0 });
    expect(await ended(one)).toBe(reply);
    expect(one.atMs).toEqual([0, 0, 0]);
  });

  it('gives up after three attempts with the last failure, which is the cause, and says how often it tried', async () => {
    const last = unreachable();
    const one = run(call('tools/list'), [gone(), gone(), last]);
    expect(await ended(one)).toMatchObject({
      code: 'UPSTREAM_UNREACHABLE',
      facts: { upstream: 'a' },
      message: 'No. It was tried 3 times.',
      cause: last,
    });
    expect(one.numbers).toEqual([1, 2, 3]);
  });

  it('does not say that it tried where it was refused on this side', async () => {
    const refused = [breakerOpen(1), busy(1), breakerOpen(1)];
    const one = run(call('tools/list'), refused);
    expect(await ended(one)).toBe(refused[2]);
    expect(one.numbers).toEqual([1, 2, 3]);
    expect(await ended(run(call('tools/list'), [gone(), gone(), breakerOpen(1)]))).toMatchObject({
      message: 'Open. It was tried 2 times.',
    });
  });

  it('goes by the rules of the definition, as they are when an attempt has failed', async () => {
    const rules = { maxAttempts: 2, firstDelayMs: 1_000, maxDelayMs: 1_000 };
    const one = run(call('tools/list'), [gone(), gone(), gone()], { rules: () => rules });
    await vi.advanceTimersByTimeAsync(500);
    rules.maxAttempts = 3;
    expect(await ended(one)).toMatchObject({ message: 'Gone. It was tried 3 times.' });
    expect(one.atMs).toEqual([0, 999, 1_998]);
    expect(await run(call('tools/list'), [gone()], { rules: () => ({ maxAttempts: 1 }) }).done).toMatchObject({
      code: 'UPSTREAM_CLOSED',
    });
  });

  it('passes on what is not to be repeated as it came', async () => {
    const error = gone();
    const one = run(call('tools/call', { name: 'pay' }), [error]);
    expect(await ended(one)).toBe(error);
    expect(one.numbers).toEqual([1]);
  });

  it('calls a tool again that the operator marked, or that was never reached', async () => {
    const marked = run(call('tools/call', { name: 'get' }), [gone()], { isIdempotent: (tool) => tool === 'get' });
    expect(await ended(marked)).toBe(reply);
    const unsent = run(call('tools/call', { name: 'pay' }), [unreachable(), gone()]);
    // Nobody knows what the second attempt has done.
    expect(await ended(unsent)).toMatchObject({ code: 'UPSTREAM_CLOSED' });
    expect(unsent.numbers).toEqual([1, 2]);
  });

  it('waits for as long as the error says, and not at all for longer than it may', async () => {
    const one = run(call('tools/list'), [breakerOpen(1_000), busy(500)]);
    expect(await ended(one)).toBe(reply);
    expect(one.atMs).toEqual([0, 1_099, 1_798]);
    const error = breakerOpen(2_001);
    expect(await run(call('tools/list'), [error]).done).toBe(error);
  });

  it('does not begin an attempt after the deadline', async () => {
    const error = gone();
    const startMs = performance.now();
    const tight = run(call('tools/list', {}, { deadlineMs: startMs + 99 }), [error]);
    expect(await tight.done).toBe(error);
    const enough = run(call('tools/list', {}, { deadlineMs: performance.now() + 100 }), [error]);
    expect(await ended(enough)).toBe(reply);
  });

  it('stops when the caller cancels, between attempts too', async () => {
    const controller = new AbortController();
    const error = gone();
    const one = run(call('tools/list', {}, { signal: controller.signal }), [error]);
    await vi.advanceTimersByTimeAsync(50);
    controller.abort(new Error('enough'));
    expect(await one.done).toMatchObject({ code: 'CANCELLED', cause: error });
    expect(vi.getTimerCount()).toBe(0);
    const late = run(call('tools/list', {}, { signal: controller.signal }), [error]);
    expect(await late.done).toBe(error);
    expect(late.numbers).toEqual([1]);
  });

  it('repeats no more than the budget of the server pays for', async () => {
    const budget = createRetryBudget({ minPerSecond: 0 });
    const runs = Array.from({ length: 50 }, () => run(call('tools/list'), [gone(), gone(), gone()], { budget }));
    await vi.runAllTimersAsync();
    await Promise.all(runs.map(({ done }) => done));
    expect(runs.flatMap(({ numbers }) => numbers)).toHaveLength(60);
  });

  it('tells progress of a later attempt only once it goes beyond what was told, and log messages as they come', async () => {
    const told: unknown[] = [];
    const given = call(
      'tools/list',
      {},
      { progressToken: 't', notify: async ({ params }) => void told.push(params.value) },
    );
    const retrying = createRetrying({ budget: createRetryBudget(), isIdempotent: () => false });
    const done = retrying(given, async (number, { notify }) => {
      for (const progress of number === 1 ? [1, 2, 3] : [2, 3, 4])
        await notify({ method: 'notifications/progress', params: RawObject.of({ progressToken: 't', progress }) });
      await notify({ method: 'notifications/message', params: RawObject.of({ level: 'info', data: number }) });
      if (number === 1) throw gone();
      return reply;
    });
    await vi.runAllTimersAsync();
    expect(await done).toBe(reply);
    expect(told).toEqual([
      { progressToken: 't', progress: 1 },
      { progressToken: 't', progress: 2 },
      { progressToken: 't', progress: 3 },
      { level: 'info', data: 1 },
      { progressToken: 't', progress: 4 },
      { level: 'info', data: 2 },
    ]);
  });
});
