import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Orchestrator } from '../../orchestrator.ts';
import { type FakeServer, fakeServer, tool } from '../../testing/fake-server.ts';
import { ask, started } from '../../testing/harness.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const tick = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

interface Work {
  readonly server: FakeServer;
  /** Calls under way at the same time, the most that there were. */
  readonly most: () => number;
}

/** Takes 100 ms for a call. */
function working(): Work {
  let running = 0;
  let most = 0;
  const answers = {
    'tools/call': async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 100));
      running -= 1;
      return { content: [] };
    },
  };
  return { server: fakeServer({ tools: [tool('work')], answers }), most: () => most };
}

const calls = (yard: Orchestrator, count: number): readonly Promise<unknown>[] =>
  Array.from({ length: count }, () => ask(yard, 'tools/call', { name: 'jobs__work' }).catch((error: unknown) => error));
const answered = (count: number): readonly unknown[] => Array.from({ length: count }, () => ({ content: [] }));
const single = { target: { url: 'fake:jobs' }, calls: { maxConcurrent: 1 } };
const entries = { jobs: single };

describe('the bound on calls at an instance', () => {
  it('holds while definitions take over from each other, and one number tells of all who wait', async () => {
    const [one, two] = [working(), working()];
    await using yard = await started({ jobs: one.server, two: two.server }, { entries });
    await yard.undeploy('two');
    const asked = [...calls(yard, 10)];
    expect(yard.servers()[0]?.queued).toBe(9);
    const deployed: Promise<unknown>[] = [];
    for (let time = 0; time < 5; time++) {
      deployed.push(yard.deploy('jobs', { ...single, target: { url: 'fake:two' } }));
      await tick(10);
      asked.push(...calls(yard, 10));
    }
    expect(yard.servers()[0]?.queued).toBeGreaterThan(50);
    await tick(10_000);
    expect(await Promise.all(asked)).toEqual(answered(60));
    await Promise.all(deployed);
    // Six connections, one after the other: each has a call at most.
    expect([one.most(), two.most() <= 5]).toEqual([1, true]);
  });

  it('is that of the definition that was given last, for those who wait already, too', async () => {
    const { server, most } = working();
    await using yard = await started({ jobs: server }, { entries });
    const asked = calls(yard, 10);
    await tick(10);
    const deployed = yard.deploy('jobs', { ...single, calls: { maxConcurrent: 20 } });
    await tick(1);
    expect(yard.servers()[0]?.queued).toBe(0);
    await tick(1_000);
    expect(await Promise.all(asked)).toEqual(answered(10));
    await deployed;
    expect(most()).toBe(10);
  });
});

describe('calls that wait when a server', () => {
  const ends: readonly (readonly [string, (yard: Orchestrator, drainMs?: number) => Promise<unknown>])[] = [
    ['is stopped', (yard, drainMs) => yard.drain('jobs', drainMs === undefined ? {} : { drainMs })],
    ['is removed', (yard, drainMs) => yard.undeploy('jobs', drainMs === undefined ? {} : { drainMs })],
  ];

  it.each(ends)('%s are answered, and new ones are refused', async (_, end) => {
    const { server, most } = working();
    await using yard = await started({ jobs: server }, { entries });
    await yard.scale('jobs', 2);
    const asked = calls(yard, 20);
    await tick(10);
    const ended = end(yard);
    await tick();
    expect((await Promise.all(calls(yard, 1)))[0]).toMatchObject({
      code: expect.stringMatching(/UNREACHABLE|UNKNOWN/),
    });
    await tick(5_000);
    expect(await Promise.all(asked)).toEqual(answered(20));
    expect(most()).toBe(2);
    await ended;
    expect(server.open.size).toBe(0);
  });

  it.each(ends)('%s wait no longer than it drains', async (_, end) => {
    const { server } = working();
    await using yard = await started({ jobs: server }, { entries });
    const asked = calls(yard, 20);
    await tick(10);
    const ended = end(yard, 500);
    await tick(1_500);
    await ended;
    const outcomes = await Promise.all(asked);
    expect(outcomes.filter((one) => one instanceof Error)).not.toHaveLength(0);
    expect(outcomes.slice(0, 5)).toEqual(answered(5));
    expect(server.open.size).toBe(0);
  });

  it('is restarted, or has fewer instances, are answered', async () => {
    const { server } = working();
    await using yard = await started({ jobs: server }, { entries });
    await yard.scale('jobs', 2);
    const asked = calls(yard, 20);
    await tick(10);
    const changed = [yard.restart('jobs'), yard.scale('jobs', 1)];
    await tick(10_000);
    expect(await Promise.all(asked)).toEqual(answered(20));
    await Promise.all(changed);
  });
});
