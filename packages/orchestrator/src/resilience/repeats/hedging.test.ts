import type { Call, Reply } from '@toolyard/protocol';
import { RawObject } from '@toolyard/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { call } from '../../testing/harness.ts';
import { gone, refused, unreachable } from '../testing/failures.ts';
import { createHedgeDelay } from './hedge-delay.ts';
import type { HedgingOptions } from './hedging.ts';
import { createHedging } from './hedging.ts';
import { createRetryBudget } from './retry-budget.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

interface Attempted extends PromiseWithResolvers<Reply> {
  readonly call: Call;
}

interface Run {
  /** Those that were begun, in order. */
  readonly attempts: Attempted[];
  readonly done: Promise<unknown>;
}

const now = (): number => performance.now();
const read = (more: Partial<Call> = {}): Call => call('resources/read', { uri: 'x://1' }, more);
const answer = (n: number): Reply => ({ result: RawObject.of({ n }) });

function run(given: Call, options: Partial<HedgingOptions> = {}): Run {
  const hedging = createHedging({
    budget: createRetryBudget(),
    delay: createHedgeDelay({ rules: () => ({ afterMs: 100 }), now }),
    several: () => true,
    now,
    ...options,
  });
  const attempts: Attempted[] = [];
  const done = hedging(given, (number, call) => {
    expect(number).toBe(attempts.length + 1);
    const attempted = { ...Promise.withResolvers<Reply>(), call };
    attempts.push(attempted);
    return attempted.promise;
  }).catch((error: unknown) => error);
  return { attempts, done };
}

describe('a hedged read', () => {
  it('has one attempt while that is quick', async () => {
    const { attempts, done } = run(read());
    await vi.advanceTimersByTimeAsync(99);
    const first = answer(1);
    attempts[0]?.resolve(first);
    expect(await done).toBe(first);
    expect(vi.getTimerCount()).toBe(0);
    expect(attempts).toHaveLength(1);
  });

  it.each([
    [0, 1],
    [1, 0],
  ])('is answered by whichever of two attempts is first, and the other is aborted: %i', async (winner, loser) => {
    const { attempts, done } = run(read());
    await vi.advanceTimersByTimeAsync(100);
    expect(attempts).toHaveLength(2);
    const first = answer(winner);
    attempts[winner]?.resolve(first);
    expect(await done).toBe(first);
    expect(attempts[loser]?.call.signal.aborted).toBe(true);
    attempts[loser]?.reject(gone());
    expect(await done).toBe(first);
  });

  it('outlives the failure of one attempt, and fails with the last', async () => {
    const lucky = run(read());
    await vi.advanceTimersByTimeAsync(100);
    lucky.attempts[0]?.reject(gone());
    const second = answer(2);
    lucky.attempts[1]?.resolve(second);
    expect(await lucky.done).toBe(second);
    const unlucky = run(read());
    await vi.advanceTimersByTimeAsync(100);
    unlucky.attempts[1]?.reject(gone());
    const last = unreachable();
    unlucky.attempts[0]?.reject(last);
    expect(await unlucky.done).toBe(last);
  });

  it('takes a refusal for an answer', async () => {
    const { attempts, done } = run(read());
    await vi.advanceTimersByTimeAsync(100);
    const error = refused();
    attempts[1]?.reject(error);
    expect(await done).toBe(error);
    expect(attempts[0]?.call.signal.aborted).toBe(true);
  });

  it('fails at once where the first attempt does, for retries are not its business', async () => {
    const { attempts, done } = run(read());
    const error = gone();
    attempts[0]?.reject(error);
    expect(await done).toBe(error);
    await vi.runAllTimersAsync();
    expect(attempts).toHaveLength(1);
  });

  it('ends with its caller', async () => {
    const controller = new AbortController();
    const { attempts, done } = run(read({ signal: controller.signal }));
    controller.abort(new Error('enough'));
    expect(attempts[0]?.call.signal.aborted).toBe(true);
    await vi.advanceTimersByTimeAsync(100);
    expect(attempts).toHaveLength(1);
    const error = gone();
    attempts[0]?.reject(error);
    expect(await done).toBe(error);
  });

  it('waits on where the budget does not pay for a second attempt', async () => {
    const { attempts, done } = run(read(), { budget: createRetryBudget({ minPerSecond: 0 }) });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(attempts).toHaveLength(1);
    const first = answer(1);
    attempts[0]?.resolve(first);
    expect(await done).toBe(first);
  });

  it('is not hedged where there is nobody else to ask', async () => {
    const { attempts } = run(read(), { several: () => false });
    await vi.runAllTimersAsync();
    expect(attempts).toHaveLength(1);
  });
});

describe('a read that is hedged after a percentile', () => {
  function learning(percentile = 95, afterMs?: number) {
    const rules = { percentile, ...(afterMs !== undefined && { afterMs }) };
    const delay = createHedgeDelay({ rules: () => rules, now });
    /** One that is answered after `ms`, or fails then with `error`; how many attempts there were. */
    const took = async (ms: number, error?: Error): Promise<number> => {
      const { attempts, done } = run(read(), { delay });
      await vi.advanceTimersByTimeAsync(ms);
      if (error === undefined) attempts[0]?.resolve(answer(1));
      else attempts[0]?.reject(error);
      await done;
      return attempts.length;
    };
    const learn = async (times: readonly number[], error?: Error): Promise<void> => {
      for (const ms of times) await took(ms, error);
      // What it has worked out holds for a second.
      await vi.advanceTimersByTimeAsync(1_000);
    };
    return { took, learn };
  }
  const times = (count: number, ms: number): readonly number[] => Array<number>(count).fill(ms);

  it('waits longer than most did in the last minute, and as long as ever while it has seen too few', async () => {
    const { took, learn } = learning();
    await learn(times(18, 100));
    expect(await took(5_000)).toBe(1);
    await learn([100]);
    expect(await took(99)).toBe(1);
    // A percentile is too high by 9% at most.
    expect(await took(110)).toBe(2);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await took(5_000)).toBe(1);
  });

  it('is hedged after the percentile that is asked for, which hedges do not draw down', async () => {
    const { took, learn } = learning(50);
    await learn([...times(10, 100), ...times(10, 500)]);
    expect(await took(120)).toBe(2);
    await learn(times(20, 120));
    expect(await took(99)).toBe(1);
  });

  it('waits for the least time, ten milliseconds where nothing is said, however quick most are', async () => {
    for (const [least, given] of [
      [10, undefined],
      [50, 50],
    ] as const) {
      const { took, learn } = learning(95, given);
      await learn(times(20, 1));
      expect(await took(least - 1)).toBe(1);
      expect(await took(least)).toBe(2);
    }
  });

  it('learns from refusals, and from failures nothing', async () => {
    const { took, learn } = learning();
    await learn(times(20, 100), refused());
    expect(await took(110)).toBe(2);
    const deaf = learning();
    await deaf.learn(times(20, 100), gone());
    expect(await deaf.took(5_000)).toBe(1);
  });
});

describe('never hedged', () => {
  it.each([
    ['a tool call', call('tools/call', { name: 't' })],
    ['a subscription', call('subscriptions/listen', { notifications: {} })],
    ['the answer to a question', call('resources/read', { uri: 'x://1', requestState: 's' })],
    ['a read with progress', read({ progressToken: 't' })],
    ['a read with log messages', read({ logLevel: 'info' })],
  ])('is %s', async (_, given) => {
    const { attempts } = run(given);
    await vi.runAllTimersAsync();
    expect(attempts.map(({ call }) => call)).toEqual([given]);
  });
});
