import type { Call, Reply } from '@toolyard/protocol';
import { RawObject } from '@toolyard/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { call } from '../testing/harness.ts';
import type { Breaker } from './breaker.ts';
import { createBreaker } from './breaker.ts';
import { createBulkhead } from './bulkhead.ts';
import { createHedging } from './hedging.ts';
import type { Outcomes } from './outcomes.ts';
import { createOutcomes } from './outcomes.ts';
import { createRetryBudget } from './retry-budget.ts';
import { createRetrying } from './retrying.ts';
import { breakerOpen, gone } from './testing/failures.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

interface FakeInstance {
  /** `slow`: answers after a second. */
  mode: 'good' | 'broken' | 'slow';
  calls: number;
  readonly breaker: Breaker;
  readonly outcomes: Outcomes;
}

interface FakeServer {
  readonly instances: readonly [FakeInstance, FakeInstance];
  /** The name of the instance that answered, or the code of the error. */
  ask(given?: Call): Promise<unknown>;
}

const read = call('resources/read', { uri: 'x://1' });
const random = (): number => 0;

/** Two instances, and all parts put together in the order in which calls meet them. */
function server(hedgeAfterMs?: number): FakeServer {
  const instance = (): FakeInstance => ({
    mode: 'good',
    calls: 0,
    breaker: createBreaker({ upstream: 'a', random }),
    outcomes: createOutcomes(),
  });
  const instances = [instance(), instance()] as const;
  const bulkhead = createBulkhead({ upstream: 'a', maxConcurrent: () => 2, maxQueue: 8 });
  const budget = createRetryBudget();
  const retrying = createRetrying({ budget, isIdempotent: () => false, random });
  const hedging = createHedging({ budget, afterMs: () => hedgeAfterMs });

  const answer = async (from: FakeInstance, { signal }: Call): Promise<Reply> => {
    from.calls++;
    if (from.mode === 'broken') throw gone();
    if (from.mode === 'slow') await new Promise((resolve) => setTimeout(resolve, 1_000));
    signal.throwIfAborted();
    return { result: RawObject.of({ from: instances.indexOf(from) }) };
  };
  const service = (given: Call): Promise<Reply> => {
    const tried = new Set<FakeInstance>();
    return bulkhead.run(given, () =>
      retrying(given, (_, attempted) =>
        hedging(attempted, async (_, sent) => {
          const able = instances.filter(({ breaker }) => breaker.allows);
          const picked = able.find((one) => !tried.has(one)) ?? able[0];
          if (picked === undefined) throw breakerOpen(500);
          tried.add(picked);
          return picked.breaker.run(() => picked.outcomes.observe(() => answer(picked, sent)));
        }),
      ),
    );
  };
  return {
    instances,
    async ask(given = read) {
      const asking = service(given).then(
        ({ result }) => result.member('from')?.value,
        (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
      );
      await vi.runAllTimersAsync();
      return asking;
    },
  };
}

describe('all parts together', () => {
  it('have reads answered while one of two instances is broken, and leave that one alone after a few', async () => {
    const { instances, ask } = server();
    const [first] = instances;
    first.mode = 'broken';
    for (let time = 0; time < 10; time++) expect(await ask()).toBe(1);
    expect(first.calls).toBe(5);
    expect(first.breaker.state).toBe('open');
    expect(first.outcomes.summary()).toMatchObject({ calls: 5, faults: 5 });
  });

  it('give an instance calls again once it answers', async () => {
    const { instances, ask } = server();
    const [first] = instances;
    first.mode = 'broken';
    for (let time = 0; time < 5; time++) await ask();
    first.mode = 'good';
    expect(await ask()).toBe(1);
    vi.advanceTimersByTime(500);
    expect(await ask()).toBe(0);
    expect(first.breaker.state).toBe('closed');
  });

  it('make a tool call once, whatever becomes of it', async () => {
    const { instances, ask } = server();
    instances[0].mode = instances[1].mode = 'broken';
    expect(await ask(call('tools/call', { name: 'pay' }))).toBe('UPSTREAM_CLOSED');
    expect(instances.map(({ calls }) => calls)).toEqual([1, 0]);
  });

  it('refuse calls without making them when no instance takes any, and recover', async () => {
    const { instances, ask } = server();
    instances[0].mode = instances[1].mode = 'broken';
    const pay = call('tools/call', { name: 'pay' });
    for (let time = 0; time < 10; time++) expect(await ask(pay)).toBe('UPSTREAM_CLOSED');
    expect(instances.map(({ breaker }) => breaker.state)).toEqual(['open', 'open']);
    instances[0].mode = instances[1].mode = 'good';
    // It never left, so it is made again when the first pause is over.
    expect(await ask(pay)).toBe(0);
    expect(instances.map(({ calls }) => calls)).toEqual([6, 5]);
  });

  it('hedge a read that the first instance is slow to answer, and hold its loss against nobody', async () => {
    const { instances, ask } = server(50);
    const [first, second] = instances;
    first.mode = 'slow';
    expect(await ask()).toBe(1);
    expect([first.calls, second.calls]).toEqual([1, 1]);
    expect(first.breaker.state).toBe('closed');
  });
});
