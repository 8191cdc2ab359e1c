import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { InstanceStatus } from '../status.ts';
import type { GovernedServer, MemoryOf } from './govern.ts';
import { govern, lookEveryMs, recycleGapMs } from './govern.ts';
import type { Recycled } from './rules.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const mib = 1_048_576;
const day = 86_400_000;

/** An instance that is up in the process of its number plus 1,000. */
function up(number: number, more: Partial<InstanceStatus> = {}): InstanceStatus {
  return {
    number,
    phase: 'up',
    state: 'healthy',
    breaker: 'closed',
    peer: { revision: '2026-07-28', wire: 'stdio', pid: 1_000 + number },
    url: undefined,
    inFlight: 0,
    calls: 0,
    attempts: 1,
    connects: 1,
    reason: undefined,
    nextAttemptInMs: undefined,
    ...more,
  };
}

/** Its instances are what it was told last, less those that were let go and with a new one for each that was recycled, from number 11 on. */
interface FakeServer extends GovernedServer {
  instances: readonly InstanceStatus[];
}

function server(id: string, entry: GovernedServer['entry'], ...instances: readonly InstanceStatus[]): FakeServer {
  return {
    id,
    entry,
    instances,
    status() {
      return { instances: this.instances };
    },
  };
}

interface Rig {
  readonly told: readonly string[];
  readonly done: readonly string[];
  readonly follow: () => void;
  readonly stop: () => void;
}

function governing(
  servers: readonly FakeServer[],
  memoryOf?: MemoryOf,
  hold: (what: string) => Promise<void> = () => Promise.resolve(),
): Rig {
  const told: string[] = [];
  const done: string[] = [];
  let newest = 10;
  const doing =
    (what: 'recycle' | 'retire') =>
    async (one: FakeServer, instance: number): Promise<void> => {
      await hold(what);
      const kept = one.instances.filter(({ number }) => number !== instance);
      one.instances = what === 'retire' ? kept : [...kept, up(++newest)];
      done.push(`${what} ${one.id}/${instance}`);
    };
  const { follow, close: stop } = govern({
    servers: () => servers,
    memoryOf,
    recycle: doing('recycle'),
    retire: doing('retire'),
    tell: ({ server: id, instance, why }: Recycled) => told.push(`${why} ${id}/${instance}`),
    now: () => performance.now(),
  });
  onTestFinished(stop);
  return { told, done, follow, stop };
}

const looks = (count: number): Promise<unknown> => vi.advanceTimersByTimeAsync(count * lookEveryMs);

describe('an instance over its memory', () => {
  const rules = { restart: { maxMemoryMb: 100 } };

  it('is replaced, the largest first and one at a time, with a pause in between', async () => {
    const sizes = new Map([
      [1_001, 101 * mib],
      [1_002, 300 * mib],
      [1_003, 100 * mib],
    ]);
    const asked: (readonly number[])[] = [];
    const a = server('a', rules, up(1), up(2), up(3));
    const { done } = governing([a], (pids) => {
      asked.push(pids);
      return Promise.resolve(sizes);
    });
    await looks(1);
    expect(asked).toEqual([[1_001, 1_002, 1_003]]);
    expect(done).toEqual(['recycle a/2']);
    await looks(recycleGapMs / lookEveryMs - 1);
    expect(done).toHaveLength(1);
    await looks(1);
    expect(done).toEqual(['recycle a/2', 'recycle a/1']);
    await looks(20);
    expect(done).toHaveLength(2);
  });

  it('is left alone while another of its server is being replaced, and others are not', async () => {
    const release = Promise.withResolvers<void>();
    const a = server('a', rules, up(1), up(2));
    const b = server('b', rules, up(3));
    let held = 0;
    const { told } = governing(
      [a, b],
      async (pids) => new Map(pids.map((pid) => [pid, 200 * mib])),
      () => (held++ === 0 ? release.promise : Promise.resolve()),
    );
    await looks(20);
    expect(told.filter((line) => line.includes(' a/'))).toEqual(['memory a/1']);
    expect(told.filter((line) => line.includes(' b/')).length).toBeGreaterThan(1);
    release.resolve();
    await looks(recycleGapMs / lookEveryMs + 1);
    expect(told.filter((line) => line.includes(' a/'))).toHaveLength(2);
  });

  it('is not known where memory cannot be told, and nothing happens', async () => {
    const a = server('a', rules, up(1), up(2, { peer: undefined }));
    const broken = governing([a], () => Promise.reject(new Error('no ps')));
    const without = governing([a]);
    await looks(20);
    expect([broken.told, without.told]).toEqual([[], []]);
  });

  it('is looked for only where there is a bound', async () => {
    const memoryOf = vi.fn<MemoryOf>(() => Promise.resolve(new Map([[1_001, 999 * mib]])));
    governing([server('a', {}, up(1)), server('b', { restart: { maxAgeMs: day } }, up(2))], memoryOf);
    await looks(20);
    expect(memoryOf).not.toHaveBeenCalled();
  });
});

describe('an instance over its age', () => {
  it('is replaced, counted from when it was connected the last time', async () => {
    const a = server('a', { restart: { maxAgeMs: 60_000 } }, up(1), up(2));
    const { told, done } = governing([a]);
    await looks(8);
    a.instances = [up(1), up(2, { connects: 2 })];
    await looks(12);
    expect(told).toEqual(['age a/1']);
    await looks(1);
    expect(done).toEqual(['recycle a/1', 'recycle a/2']);
  });

  it('is left alone while it is down or draining', async () => {
    const instances = [up(1, { phase: 'down' }), up(2, { phase: 'draining' }), up(3, { phase: 'starting' })];
    const { told } = governing([server('a', { restart: { maxAgeMs: 1_000 } }, ...instances)]);
    await looks(20);
    expect(told).toEqual([]);
  });
});

describe('an instance without calls', () => {
  it('goes when it is beyond the minimum, the quietest first', async () => {
    const a = server(
      'a',
      { instances: { min: 1, max: 4, idleMs: 60_000 } },
      up(1),
      up(2),
      up(3),
      up(4, { inFlight: 1 }),
    );
    const { told, done } = governing([a]);
    await looks(6);
    // The first has had a call meanwhile.
    a.instances = [up(1, { calls: 1 }), up(2), up(3), up(4, { inFlight: 1, calls: 1 })];
    await looks(7);
    expect(told).toEqual(['idle a/2', 'idle a/3']);
    await looks(40);
    expect(done).toEqual(['retire a/2', 'retire a/3', 'retire a/1']);
  });
});

it('there is no timer while no server has a rule', async () => {
  const servers = [server('a', {}, up(1))];
  const { told, follow } = governing(servers);
  expect(vi.getTimerCount()).toBe(0);
  servers.push(server('b', { restart: { maxAgeMs: 10_000 } }, up(2)));
  follow();
  follow();
  expect(vi.getTimerCount()).toBe(1);
  await looks(3);
  expect(told).toEqual(['age b/2']);
  servers.pop();
  await looks(1);
  expect(vi.getTimerCount()).toBe(0);
});

it('what fails is tried again', async () => {
  let fails = true;
  const hold = (): Promise<void> => (fails ? Promise.reject(new Error('closed')) : Promise.resolve());
  const { done } = governing([server('a', { restart: { maxAgeMs: 1_000 } }, up(1))], undefined, hold);
  await looks(3);
  fails = false;
  await looks(recycleGapMs / lookEveryMs);
  expect(done).toEqual(['recycle a/1']);
});

it('nothing happens once it has ended, also when it ends while memory is being read', async () => {
  const reading = Promise.withResolvers<ReadonlyMap<number, number>>();
  const a = server('a', { restart: { maxMemoryMb: 1 } }, up(1));
  const { told, stop } = governing([a], () => reading.promise);
  await looks(1);
  stop();
  reading.resolve(new Map([[1_001, 999 * mib]]));
  await looks(5);
  expect(told).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});
