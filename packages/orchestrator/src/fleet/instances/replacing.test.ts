import { ToolyardError } from '@toolyard/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Orchestrator } from '../../orchestrator.ts';
import { type FakeServer, fakeServer, tool } from '../../testing/fake-server.ts';
import { ask, orchestrate, started } from '../../testing/harness.ts';
import { slow } from '../../testing/slow-server.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const tick = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const at = (id: string) => ({ target: { url: `fake:${id}` } });
const calling = (yard: Orchestrator): Promise<unknown> => ask(yard, 'tools/call', { name: 'jobs__run' });

function answering(words: string): FakeServer {
  return fakeServer({ tools: [tool('run')], answers: { 'tools/call': () => ({ words }) } });
}

const numbers = (yard: Orchestrator): readonly string[] =>
  (yard.servers()[0]?.instances ?? []).map(({ number, phase }) => `${number} ${phase}`);

function transitionsOf(yard: Orchestrator): readonly string[] {
  const told: string[] = [];
  yard.events.transition.listen(({ from = '-', to = '-' }) => void told.push(`${from} ${to}`));
  return told;
}

describe('a restart whose new instances do not come up', () => {
  it('leaves those that there are, and says why', async () => {
    const jobs = answering('old');
    await using yard = await started({ jobs });
    const told = transitionsOf(yard);
    jobs.connecting = 'refuse';
    await expect(yard.restart('jobs')).rejects.toMatchObject({
      code: 'START_FAILED',
      facts: { failures: [{ server: 'jobs', code: 'UPSTREAM_UNREACHABLE' }] },
    });
    expect(await calling(yard)).toEqual({ words: 'old' });
    await tick(60_000);
    expect([numbers(yard), yard.state('jobs'), told]).toEqual([['1 up'], 'healthy', []]);
    expect(jobs.attempts).toHaveLength(2);
  });

  it('goes on with those that do, once as many as there were are up or have failed', async () => {
    const jobs = answering('any');
    await using yard = await started({ jobs }, { entries: { jobs: { instances: { min: 3 } } } });
    let attempts = 0;
    const refused = new ToolyardError('UPSTREAM_UNREACHABLE', { upstream: 'jobs' }, 'no');
    jobs.answers['server/discover'] = async () => {
      const attempt = ++attempts;
      await new Promise((resolve) => setTimeout(resolve, 1_000 * attempt));
      if (attempt === 2) throw refused;
      return { supportedVersions: ['2026-07-28'], capabilities: { tools: {} } };
    };
    const restarted = yard.restart('jobs');
    await tick(2_500);
    // One is up, and one has failed.
    expect(numbers(yard).filter((one) => /^[123] up/.test(one))).toHaveLength(3);
    await tick(500);
    expect(numbers(yard)).toEqual(['4 up', '5 down', '6 up']);
    await restarted;
    await tick(10_000);
    expect(numbers(yard)).toEqual(['4 up', '5 up', '6 up']);
  });

  it('takes over at once what nobody answers for', async () => {
    const jobs = answering('new');
    jobs.connecting = 'refuse';
    await using yard = await started({ jobs }, { backoff: { initialMs: 60_000, maxMs: 60_000 } });
    jobs.connecting = 'ok';
    expect(await yard.restart('jobs')).toMatchObject({ state: 'healthy', instances: [{ number: 2 }] });
  });
});

describe('a new definition that cannot be started', () => {
  async function mistyped(yard: Orchestrator): Promise<void> {
    expect(await yard.deploy('jobs', at('late'))).toMatchObject({
      state: 'degraded',
      reason: { code: 'UPSTREAM_UNREACHABLE' },
    });
  }

  it('is tried again while the old instances answer, and takes over when it is up', async () => {
    const late = answering('new');
    late.connecting = 'refuse';
    await using yard = await started({ jobs: answering('old'), late });
    await yard.undeploy('late');
    await mistyped(yard);
    await tick(60_000);
    expect(await calling(yard)).toEqual({ words: 'old' });
    expect(late.attempts.length).toBeGreaterThan(3);
    late.connecting = 'ok';
    await tick(60_000);
    expect(await calling(yard)).toEqual({ words: 'new' });
    expect([numbers(yard), yard.state('jobs')]).toEqual([['2 up'], 'healthy']);
  });

  it('makes room for the next, and nothing is left of it', async () => {
    const late = answering('never');
    late.connecting = 'refuse';
    const next = answering('next');
    await using yard = await started({ jobs: answering('old'), late, next });
    await Promise.all([yard.undeploy('late'), yard.undeploy('next')]);
    await mistyped(yard);
    expect(await yard.deploy('jobs', at('next'))).toMatchObject({ state: 'healthy', instances: [{ phase: 'up' }] });
    expect(await calling(yard)).toEqual({ words: 'next' });
    const attempts = late.attempts.length;
    await tick(60_000);
    expect(late.attempts).toHaveLength(attempts);
  });

  it('can be scaled, stopped and begun anew meanwhile', async () => {
    const old = answering('old');
    const late = answering('new');
    late.connecting = 'refuse';
    await using yard = await started({ jobs: old, late });
    await yard.undeploy('late');
    await mistyped(yard);
    await yard.scale('jobs', 3);
    expect(old.open.size).toBe(3);
    late.connecting = 'ok';
    await tick(60_000);
    expect([late.open.size, old.open.size]).toEqual([3, 0]);
    late.connecting = 'refuse';
    await yard.deploy('jobs', { ...at('late'), tags: ['again'] });
    expect(await yard.drain('jobs')).toMatchObject({ state: 'stopped', instances: [] });
    late.connecting = 'ok';
    expect(await yard.restart('jobs')).toMatchObject({ state: 'healthy' });
  });

  it('leaves nothing behind when all is closed', async () => {
    const late = answering('new');
    late.connecting = 'refuse';
    const yard = await started({ jobs: answering('old'), late });
    await yard.undeploy('late');
    await mistyped(yard);
    await yard.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('where there is no room for old and new at the same time', () => {
  /** Refuses a connection beyond so many, as a governor of processes does. */
  function bounded(server: FakeServer, most: number): FakeServer {
    const refusal = new ToolyardError('PROCESS_LIMIT', { upstream: 'jobs', limit: most }, 'no');
    server.answers['server/discover'] = () => {
      if (server.open.size > most) throw refusal;
      return { supportedVersions: ['2026-07-28'], capabilities: { tools: {} } };
    };
    return server;
  }

  it('they are replaced one by one, and no call is lost', async () => {
    const jobs = bounded(answering('any'), 2);
    await using yard = await started({ jobs }, { entries: { jobs: { instances: { min: 2 } } } });
    expect(numbers(yard)).toEqual(['1 up', '2 up']);
    const least: number[] = [];
    const calls: Promise<unknown>[] = [];
    const ignore = yard.events.server.listen(({ instances }) => {
      least.push(instances.filter(({ phase }) => phase === 'up').length);
      calls.push(calling(yard));
    });
    expect(await yard.restart('jobs')).toMatchObject({ state: 'healthy' });
    expect(numbers(yard).map((one) => one.split(' ')[1])).toEqual(['up', 'up']);
    expect(numbers(yard)).not.toContain('1 up');
    expect(Math.min(...least)).toBe(1);
    ignore();
    expect(await Promise.all(calls)).toEqual(calls.map(() => ({ words: 'any' })));
    await tick();
    expect(jobs.open.size).toBe(2);
  });

  it('the only one goes first, and calls wait for the next', async () => {
    const jobs = bounded(answering('any'), 1);
    await using yard = await started({ jobs });
    const restarted = yard.restart('jobs');
    const answered = Array.from({ length: 20 }, async () => {
      await Promise.resolve();
      return calling(yard);
    });
    expect(await restarted).toMatchObject({ state: 'healthy', queued: 0 });
    expect(await Promise.all(answered)).toEqual(answered.map(() => ({ words: 'any' })));
  });

  it('an instance of the old definition comes back for one that does not come up, and calls wait for it', async () => {
    const jobs = answering('old');
    const late = answering('new');
    late.connecting = 'refuse';
    await using yard = await started({ jobs, late });
    await yard.undeploy('late');
    Object.defineProperty(late, 'refusal', {
      get: () =>
        jobs.open.size === 0
          ? new ToolyardError('UPSTREAM_UNREACHABLE', { upstream: 'jobs' }, 'mistyped')
          : new ToolyardError('PROCESS_LIMIT', { upstream: 'jobs', limit: 1 }, 'full'),
    });
    const deployed = yard.deploy('jobs', at('late'));
    const answered = Array.from({ length: 20 }, async () => {
      await Promise.resolve();
      return calling(yard);
    });
    expect(await deployed).toMatchObject({ state: 'degraded' });
    expect(await Promise.all(answered)).toEqual(answered.map(() => ({ words: 'old' })));
    expect(jobs.open.size).toBe(1);
  });

  it('one that does not come up is followed by no other, and callers are told', async () => {
    const jobs = bounded(answering('any'), 2);
    await using yard = await started({ jobs }, { entries: { jobs: { instances: { min: 2 } } } });
    const discover = jobs.answers['server/discover'];
    jobs.answers['server/discover'] = (call) => {
      if (jobs.open.size <= 2) throw new ToolyardError('UPSTREAM_CLOSED', { upstream: 'jobs' }, 'broken');
      return discover?.(call) ?? {};
    };
    await expect(yard.restart('jobs')).rejects.toMatchObject({ code: 'START_FAILED' });
    expect(yard.state('jobs')).toBe('degraded');
    expect(await calling(yard)).toEqual({ words: 'any' });
    if (discover !== undefined) jobs.answers['server/discover'] = discover;
    await tick(60_000);
    expect(yard.state('jobs')).toBe('healthy');
  });
});

describe('how many there are', () => {
  const bounds = { entries: { jobs: { instances: { min: 1, max: 4 } } } };

  it('stays as it is when they are restarted, or deployed anew within the bounds', async () => {
    await using yard = await started({ jobs: answering('any') }, bounds);
    await yard.scale('jobs', 4);
    expect((await yard.restart('jobs')).instances).toHaveLength(4);
    expect((await yard.deploy('jobs', { ...at('jobs'), instances: { min: 1, max: 3 } })).instances).toHaveLength(3);
    expect((await yard.deploy('jobs', { ...at('jobs'), instances: { min: 2, max: 4 } })).instances).toHaveLength(3);
    expect((await yard.scale('jobs', 2)).instances).toHaveLength(2);
    // The least there may be, which was asked for by nothing but the bounds.
    expect((await yard.deploy('jobs', { ...at('jobs'), instances: { min: 1, max: 4 } })).instances).toHaveLength(1);
  });

  it('is not for the load to say after somebody said it, restarts included', async () => {
    const { server, finish } = slow();
    const entries = { jobs: { instances: { min: 1, max: 4 }, calls: { maxConcurrent: 1 } } };
    await using yard = await started({ jobs: server }, { entries });
    await yard.scale('jobs', 2);
    await yard.restart('jobs');
    const running = [1, 2, 3, 4].map(() => ask(yard, 'tools/call', { name: 'jobs__wait' }));
    await tick(10_000);
    expect(yard.servers()[0]?.instances).toHaveLength(2);
    finish();
    await Promise.all(running);
  });
});

it('starting, scaling up and restarting are told of as nothing that is wrong', async () => {
  const jobs = answering('any');
  let attempts = 0;
  jobs.answers['server/discover'] = async () => {
    await new Promise((resolve) => setTimeout(resolve, 100 * ++attempts));
    return { supportedVersions: ['2026-07-28'], capabilities: { tools: {} } };
  };
  await using yard = orchestrate({ jobs }, { entries: { jobs: { instances: { min: 2 } } } });
  const told = transitionsOf(yard);
  void yard.start();
  await tick(1_000);
  void yard.scale('jobs', 4);
  await tick(1_000);
  void yard.restart('jobs');
  await tick(10_000);
  expect(numbers(yard)).toEqual(['5 up', '6 up', '7 up', '8 up']);
  expect(told).toEqual(['- starting', 'starting healthy']);
});
