import type { Call, Reply } from '@toolyard/protocol';
import { RawObject } from '@toolyard/protocol';
import type { CallRules, HedgeRules } from '@toolyard/registry';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Breaker } from '../../resilience/breaker.ts';
import { createBreaker } from '../../resilience/breaker.ts';
import type { Outcomes } from '../../resilience/outcomes.ts';
import { createOutcomes } from '../../resilience/outcomes.ts';
import { breakerOpen, gone } from '../../resilience/testing/failures.ts';
import { call, caller } from '../../testing/harness.ts';
import { createAffinity } from './affinity.ts';
import { type CallPath, createCallPath } from './call-path.ts';
import { createHomes } from './homes.ts';
import type { CallTarget } from './route.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

class FakeInstance implements CallTarget {
  /** `slow`: answers after a second. */
  mode: 'good' | 'broken' | 'slow' = 'good';
  calls = 0;
  inFlight = 0;
  readonly breaker: Breaker = createBreaker({ upstream: 'a', random });
  readonly outcomes: Outcomes = createOutcomes();

  constructor(
    readonly number: number,
    readonly stateful = false,
  ) {}

  get allows(): boolean {
    return this.breaker.allows;
  }

  call(given: Call): Promise<Reply> {
    const startedMs = performance.now();
    if (this.breaker.allows) this.inFlight++;
    return this.breaker
      .run(() => this.#answer(given))
      .then(
        (reply) => {
          this.outcomes.record(startedMs, false);
          return reply;
        },
        (error: unknown) => {
          this.outcomes.rejected(startedMs, error);
          throw error;
        },
      );
  }

  async #answer({ signal }: Call): Promise<Reply> {
    this.calls++;
    try {
      return await this.#work(signal);
    } finally {
      this.inFlight--;
    }
  }

  async #work(signal: AbortSignal): Promise<Reply> {
    if (this.mode === 'broken') throw gone();
    if (this.mode === 'slow') await new Promise((resolve) => setTimeout(resolve, 1_000));
    signal.throwIfAborted();
    return { result: RawObject.of({ from: this.number }) };
  }
}

interface FakeServer {
  readonly instances: readonly [FakeInstance, FakeInstance];
  /** The number of the instance that answered, or the code of the error. */
  ask(given?: Call): Promise<unknown>;
}

const read = call('resources/read', { uri: 'x://1' });
const random = (): number => 0;

function pathTo(members: () => readonly FakeInstance[], rules: CallRules): CallPath {
  return createCallPath({
    upstream: 'a',
    rules: () => rules,
    members,
    leaving: () => [],
    expected: () => false,
    affinity: createAffinity(),
    homes: createHomes(),
    several: () => true,
    absence: () => breakerOpen(500),
    now: () => performance.now(),
    random,
  });
}

function server(hedge?: HedgeRules): FakeServer {
  const instances = [new FakeInstance(0), new FakeInstance(1)] as const;
  const { service } = pathTo(() => instances, { maxConcurrent: 1, maxQueue: 8, ...(hedge !== undefined && { hedge }) });
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
    // It never left the first, so it is made again when that one's pause is over, by the other.
    expect(await ask(pay)).toBe(1);
    expect(instances.map(({ calls }) => calls)).toEqual([5, 6]);
  });

  it('hedge a read that the first instance is slow to answer, and hold its loss against nobody', async () => {
    const { instances, ask } = server({ afterMs: 50 });
    const [first, second] = instances;
    first.mode = 'slow';
    expect(await ask()).toBe(1);
    expect([first.calls, second.calls]).toEqual([1, 1]);
    expect(first.breaker.state).toBe('closed');
  });
});

const sorted = (counts: readonly number[]): readonly number[] => counts.toSorted((one, other) => one - other);

describe('instances that keep state', () => {
  const all = [1, 2, 3].map((number) => new FakeInstance(number, true));
  const path = (members: () => readonly FakeInstance[]): CallPath => pathTo(members, { maxConcurrent: 1 });
  const asking = ({ service }: CallPath, principal: string): Promise<Reply> =>
    service(call('tools/call', { name: 'x' }, { caller: { ...caller, principal } }));

  beforeEach(() => {
    for (const instance of all) [instance.mode, instance.calls] = ['slow', 0];
  });

  it('are waited for by those who have theirs there, while others go to where there is room', async () => {
    const one = path(() => all);
    const ann = [1, 2, 3].map(() => asking(one, 'ann'));
    expect([one.bulkhead.queued, sorted(all.map(({ inFlight }) => inFlight))]).toEqual([2, [0, 0, 1]]);
    const others = ['bob', 'eve'].map((who) => asking(one, who));
    expect([one.bulkhead.queued, all.map(({ inFlight }) => inFlight)]).toEqual([2, [1, 1, 1]]);
    await vi.runAllTimersAsync();
    await Promise.all([...ann, ...others]);
    expect(sorted(all.map(({ calls }) => calls))).toEqual([1, 1, 3]);
  });

  it('keep those who came when there was one, also those who wait, and get new ones as others come', async () => {
    let members = all.slice(0, 1);
    const one = path(() => members);
    const ann = [1, 2, 3].map(() => asking(one, 'ann'));
    const bob = asking(one, 'bob');
    members = all;
    one.bulkhead.changed();
    expect([one.bulkhead.queued, sorted(all.map(({ inFlight }) => inFlight))]).toEqual([2, [0, 1, 1]]);
    await vi.runAllTimersAsync();
    await Promise.all([...ann, bob]);
    expect(sorted(all.map(({ calls }) => calls))).toEqual([0, 1, 3]);
    members = all.slice(1);
    const after = [1, 2].map(() => asking(one, 'ann'));
    await vi.runAllTimersAsync();
    const from = (await Promise.all(after)).map(({ result }) => result.member('from')?.value);
    expect([new Set(from).size, from.includes(1)]).toEqual([1, false]);
  });
});
