import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Orchestrator } from '../orchestrator.ts';
import { fakeServer, tool } from '../testing/fake-server.ts';
import { ask, orchestrate, started } from '../testing/harness.ts';
import type { MemoryOf } from './govern.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const tick = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const numbers = (yard: Orchestrator): readonly string[] =>
  yard.servers().flatMap(({ instances }) => instances.map(({ number, phase }) => `${number} ${phase}`));

/** Whose states and recycled instances are written down. */
function watch(yard: Orchestrator): readonly string[] {
  const seen: string[] = [];
  yard.events.transition.listen(({ to }) => void seen.push(`${to}`));
  yard.events.recycle.listen(({ server, instance, why }) => void seen.push(`${server}/${instance} ${why}`));
  return seen;
}

describe('an instance whose time is over', () => {
  it('is replaced while calls are answered: the new one is up first, the old one finishes its calls, and the server is healthy all the time', async () => {
    const gate = Promise.withResolvers<void>();
    const answers = {
      'tools/call': async () => {
        await gate.promise;
        return { content: [] };
      },
    };
    const jobs = fakeServer({ tools: [tool('wait')], answers });
    const entries = { jobs: { restart: { maxAgeMs: 60_000 } } };
    await using yard = await started({ jobs }, { entries });
    const seen = watch(yard);
    await tick(60_000);
    const running = ask(yard, 'tools/call', { name: 'jobs__wait' });
    await tick(5_000);
    expect(numbers(yard)).toEqual(['2 up', '1 draining']);
    gate.resolve();
    expect(await running).toEqual({ content: [] });
    await tick();
    expect(numbers(yard)).toEqual(['2 up']);
    expect(seen).toEqual(['jobs/1 age']);
    expect(jobs.open.size).toBe(1);
  });

  it('stays where the new one does not come up, and is tried to be replaced again', async () => {
    const jobs = fakeServer({ tools: [tool('run')] });
    const entries = { jobs: { restart: { maxAgeMs: 60_000 } } };
    await using yard = await started({ jobs }, { entries });
    const seen = watch(yard);
    jobs.connecting = 'refuse';
    await tick(65_000);
    expect(numbers(yard)).toEqual(['1 up']);
    jobs.connecting = 'ok';
    await tick(35_000);
    expect(numbers(yard)).toEqual(['3 up']);
    expect(seen).toEqual(['jobs/1 age', 'jobs/1 age']);
    expect(jobs.open.size).toBe(1);
  });

  it('by its memory is found by what tells it', async () => {
    const target = { url: 'fake:jobs', start: { command: 'jobs' } };
    const entries = { jobs: { target, restart: { maxMemoryMb: 100 } } };
    const jobs = fakeServer();
    // Fake servers have no process.
    const memoryOf = vi.fn<MemoryOf>(() => Promise.resolve(new Map<number, number>()));
    await using yard = await started({ jobs }, { entries, memoryOf });
    await tick(60_000);
    expect(numbers(yard)).toEqual(['1 up']);
    expect(() => orchestrate({ jobs }, { entries })).toThrow('maxMemoryMb');
    await expect(orchestrate({ jobs: fakeServer() }).deploy('late', entries.jobs)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    });
  });

  it('goes for good when it is idle and beyond the least number', async () => {
    const jobs = fakeServer({ tools: [tool('run')] });
    const entries = { jobs: { instances: { min: 1, max: 3, idleMs: 30_000 } } };
    await using yard = await started({ jobs }, { entries });
    await yard.scale('jobs', 3);
    const seen = watch(yard);
    await tick(36_000);
    expect(numbers(yard)).toHaveLength(1);
    expect(seen.filter((line) => line.endsWith('idle'))).toHaveLength(2);
    expect(yard.state('jobs')).toBe('healthy');
  });
});

it('nothing is left when it is closed while a new instance is coming up', async () => {
  const jobs = fakeServer();
  const entries = { jobs: { restart: { maxAgeMs: 60_000 } } };
  const yard = await started({ jobs }, { entries });
  jobs.connecting = 'hang';
  await tick(65_000);
  expect(numbers(yard)).toEqual(['1 up', '2 starting']);
  await yard.close();
  await tick();
  expect(jobs.open.size).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});
