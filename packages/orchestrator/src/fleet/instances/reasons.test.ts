import { ToolyardError } from '@toolyard/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Orchestrator } from '../../orchestrator.ts';
import { type FakeServer, fakeServer, tool } from '../../testing/fake-server.ts';
import { ask, started } from '../../testing/harness.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const tick = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const status500 = new ToolyardError('UPSTREAM_STATUS', { upstream: 'files', status: 500 }, 'with secret words');
const http500 = { code: 'UPSTREAM_STATUS', message: 'It answered with HTTP status 500.' };

interface Moody {
  readonly files: FakeServer;
  /** What calls of tools fail with. */
  fault: Error | undefined;
  tookMs: number;
}

function moody(): Moody {
  const mood: Moody = {
    files: fakeServer({
      tools: [tool('read')],
      answers: {
        'tools/call': async () => {
          if (mood.tookMs > 0) await tick(mood.tookMs);
          if (mood.fault !== undefined) throw mood.fault;
          return { content: [] };
        },
      },
    }),
    fault: undefined,
    tookMs: 0,
  };
  return mood;
}

async function call(yard: Orchestrator, times: number): Promise<void> {
  for (let time = 0; time < times; time++)
    await ask(yard, 'tools/call', { name: 'files__read' }).catch(() => undefined);
}

function transitions(yard: Orchestrator): readonly string[] {
  const heard: string[] = [];
  yard.events.transition.listen(({ from, to, reason }) => heard.push(`${from} → ${to}: ${reason?.code}`));
  return heard;
}

describe('the reason that is told', () => {
  it('is that of the state that a server is in now: of its connection, then none, then of its breaker', async () => {
    const mood = moody();
    mood.files.connecting = 'refuse';
    await using yard = await started({ files: mood.files });
    expect(yard.servers()[0]).toMatchObject({ state: 'unhealthy', reason: { code: 'UPSTREAM_UNREACHABLE' } });
    mood.files.connecting = 'ok';
    await tick(1_000);
    expect(yard.servers()[0]).toMatchObject({ state: 'healthy', reason: undefined });
    const heard = transitions(yard);
    mood.fault = status500;
    await call(yard, 5);
    expect(yard.servers()[0]).toMatchObject({
      state: 'unhealthy',
      reason: http500,
      instances: [{ reason: http500 }],
    });
    expect(heard).toEqual(['healthy → unhealthy: UPSTREAM_STATUS']);
    expect(yard.status().servers['files']).toMatchObject({ connected: false, error: http500.message });
    expect(yard.serversByTag('any', { connected: true })).toEqual([]);
    mood.fault = undefined;
    await tick(1_500);
    expect(heard.slice(1)).toEqual(['unhealthy → degraded: UPSTREAM_STATUS']);
    await call(yard, 1);
    expect(yard.servers()[0]).toMatchObject({ state: 'healthy', reason: undefined });
    expect(yard.status().servers['files']).toMatchObject({ connected: true });
  });

  it('is told within a second where too many calls fail, and so is the end of that, without any probe', async () => {
    const mood = moody();
    await using yard = await started({ files: mood.files }, { probeIntervalMs: 0 });
    const heard = transitions(yard);
    await call(yard, 20);
    for (let time = 0; time < 3; time++) {
      mood.fault = status500;
      await call(yard, 1);
      mood.fault = undefined;
      await call(yard, 1);
    }
    await tick(1_000);
    expect(heard).toEqual(['healthy → degraded: UPSTREAM_STATUS']);
    expect(yard.servers()[0]?.reason?.message).toBe(
      'Of 26 calls in the last minute 3 failed. The last: It answered with HTTP status 500.',
    );
    await tick(61_000);
    expect(heard.slice(1)).toEqual(['degraded → healthy: undefined']);
  });

  it('is how slow calls are, where the definition says what is slow for tools', async () => {
    const mood = moody();
    const given = { probeIntervalMs: 0, entries: { files: { health: { slowMs: 200, minCalls: 10 } } } };
    await using yard = await started({ files: mood.files }, given);
    const heard = transitions(yard);
    mood.tookMs = 250;
    await call(yard, 10);
    await tick(1_000);
    expect(heard).toEqual(['healthy → degraded: SLOW']);
    expect(yard.servers()[0]?.reason?.message).toMatch(
      /^Of 10 calls in the last minute 10 were slow; .* 2\d\d ms and more/,
    );
  });

  it('is none for tools that take their time, where it does not', async () => {
    const mood = moody();
    await using yard = await started({ files: mood.files }, { probeIntervalMs: 0 });
    mood.tookMs = 20_000;
    await Promise.all(Array.from({ length: 25 }, () => call(yard, 1)));
    await tick(1_000);
    expect(yard.servers()[0]).toMatchObject({ state: 'healthy', lastMinute: { slow: 0 } });
  });

  it('is that of the probe for one that hangs, whose bound is the interval', async () => {
    const mood = moody();
    await using yard = await started(
      { files: mood.files },
      { entries: { files: { health: { probeIntervalMs: 1_000, unhealthyProbes: 2 } } } },
    );
    const heard = transitions(yard);
    mood.files.answers['server/discover'] = () => new Promise(() => undefined);
    await tick(2_500);
    expect(yard.servers()[0]?.reason).toEqual({
      code: 'UPSTREAM_TIMEOUT',
      message: 'It did not answer probe within 1000 ms.',
    });
    await tick(2_000);
    expect(heard.slice(0, 2)).toEqual([
      'healthy → degraded: UPSTREAM_TIMEOUT',
      'degraded → unhealthy: UPSTREAM_TIMEOUT',
    ]);
  });
});

it('a call is made again as often as the definition says, which may be another the next time', async () => {
  const mood = moody();
  mood.fault = new ToolyardError('UPSTREAM_CLOSED', { upstream: 'files' }, 'gone');
  const calls = (maxAttempts: number) => ({ idempotent: ['read'], retry: { maxAttempts, firstDelayMs: 1 } });
  const target = { url: 'fake:files' };
  await using yard = await started({ files: mood.files }, { entries: { files: { target, calls: calls(2) } } });
  const made = async (): Promise<number> => {
    const before = mood.files.called('tools/call').length;
    const ended = call(yard, 1);
    await tick(10);
    await ended;
    return mood.files.called('tools/call').length - before;
  };
  expect(await made()).toBe(2);
  await yard.deploy('files', { target, calls: calls(1) });
  expect(await made()).toBe(1);
});

describe('restarts', () => {
  it('count attempts after the first, whether or not they come up, and instances that take the place of others', async () => {
    const files = fakeServer({ connecting: 'refuse' });
    await using yard = await started({ files });
    expect(yard.servers()[0]).toMatchObject({ restarts: 0, instances: [{ attempts: 1, connects: 0 }] });
    await tick(10_000);
    const { restarts = 0, instances = [] } = yard.servers()[0] ?? {};
    expect(restarts).toBe(files.attempts.length - 1);
    expect(instances).toMatchObject([{ attempts: restarts + 1, connects: 0 }]);
    files.connecting = 'ok';
    await tick(30_000);
    await yard.scale('files', 3);
    expect(yard.servers()[0]?.restarts).toBe(restarts + 1);
    await yard.restart('files');
    expect(yard.servers()[0]?.restarts).toBe(restarts + 4);
  });
});

describe('attempts that failed', () => {
  const failed = (yard: Orchestrator): unknown => yard.servers()[0]?.failedAttempts;

  it('are counted by code, without losses and what somebody ended, and those of instances that are gone count on', async () => {
    const files = fakeServer({ connecting: 'refuse' });
    await using yard = await started({ files });
    expect(failed(yard)).toEqual({ UPSTREAM_UNREACHABLE: 1 });
    files.refusal = status500;
    await tick(10_000);
    const tries = files.attempts.length;
    expect(failed(yard)).toEqual({ UPSTREAM_UNREACHABLE: 1, UPSTREAM_STATUS: tries - 1 });
    files.connecting = 'ok';
    await tick(30_000);
    await yard.restart('files');
    files.connecting = 'hang';
    files.crash();
    await tick(1_000);
    await yard.close();
    expect(files.attempts).toHaveLength(tries + 3);
    expect(failed(yard)).toEqual({ UPSTREAM_UNREACHABLE: 1, UPSTREAM_STATUS: tries - 1 });
  });
});

describe('events', () => {
  it('end for those who read them when the orchestrator is closed, with the last of them told', async () => {
    const yard = await started({ files: fakeServer() });
    const read = async <T>(told: AsyncIterable<T>): Promise<readonly T[]> => {
      const all: T[] = [];
      for await (const one of told) all.push(one);
      return all;
    };
    const { server, transition, recycle, registry, catalogue } = yard.events;
    const loops = [read(transition), read<unknown>(server), read(recycle), read(registry), read(catalogue)];
    await yard.close();
    const [last] = await Promise.all(loops);
    expect(last).toMatchObject([{ from: 'healthy', to: 'stopped' }]);
  });
});
