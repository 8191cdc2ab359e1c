import { ToolyardError } from '@toolyard/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fakeServer, tool } from '../../testing/fake-server.ts';
import { ask, started } from '../../testing/harness.ts';
import { slow } from '../../testing/slow-server.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const tick = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

describe('a server with several instances', () => {
  const two = { entries: { files: { instances: { min: 2 } } } };

  it('has its calls answered by the good ones while one fails, and that one tried again', async () => {
    let broken: unknown;
    const files = fakeServer({
      tools: [tool('read')],
      answers: {
        'tools/call': () => {
          if (broken === undefined) return { content: [] };
          throw new ToolyardError('UPSTREAM_TIMEOUT', { upstream: 'files', method: 'tools/call', afterMs: 1 }, 'late');
        },
      },
    });
    await using yard = await started({ files }, two);
    broken = true;
    for (let time = 0; time < 10; time++) await ask(yard, 'tools/call', { name: 'files__read' }).catch(() => undefined);
    expect(yard.servers()[0]).toMatchObject({
      state: 'unhealthy',
      instances: [{ breaker: 'open' }, { breaker: 'open' }],
    });
    expect(yard.health()).toMatchObject({ total: 1, servers: { unhealthy: 1 }, calls: 10, faults: 10 });
    const refused = ask(yard, 'tools/call', { name: 'files__read' }).catch((error: unknown) => error);
    await tick(5_000);
    expect(await refused).toMatchObject({ code: 'UPSTREAM_TIMEOUT' });
    broken = undefined;
    await tick(60_000);
    for (let time = 0; time < 4; time++) await ask(yard, 'tools/call', { name: 'files__read' });
    await tick(60_000);
    expect(yard.state('files')).toBe('healthy');
  });

  it('has more of them when calls wait, and fewer when it was quiet for long', async () => {
    const { server, finish } = slow();
    const entries = { jobs: { instances: { min: 1, max: 2 }, calls: { maxConcurrent: 1 } } };
    await using yard = await started({ jobs: server }, { entries });
    const running = [1, 2].map(() => ask(yard, 'tools/call', { name: 'jobs__wait' }));
    await tick();
    expect(yard.servers()[0]).toMatchObject({ queued: 1, instances: [{ inFlight: 1 }] });
    await tick(4_000);
    expect(yard.servers()[0]).toMatchObject({ queued: 0, instances: [{ inFlight: 1 }, { inFlight: 1 }] });
    finish();
    await Promise.all(running);
    await tick(61_000);
    expect(yard.servers()[0]?.instances).toHaveLength(1);
  });

  it('has more of them also while one that was too many still works', async () => {
    const gates: PromiseWithResolvers<void>[] = [];
    const answers = {
      'tools/call': async () => {
        const gate = Promise.withResolvers<void>();
        gates.push(gate);
        await gate.promise;
        return { content: [] };
      },
    };
    const jobs = fakeServer({ tools: [tool('wait')], answers });
    const entries = { jobs: { instances: { min: 1, max: 2 }, calls: { maxConcurrent: 10 } } };
    await using yard = await started({ jobs }, { entries });
    const calls = (count: number): readonly Promise<unknown>[] =>
      Array.from({ length: count }, () => ask(yard, 'tools/call', { name: 'jobs__wait' }));
    const phases = (): readonly string[] => yard.servers()[0]?.instances.map(({ phase }) => phase) ?? [];
    const finish = (count: number): void => gates.splice(0, count).forEach(({ resolve }) => resolve());
    const burst = calls(10);
    await tick(4_000);
    expect(phases()).toEqual(['up', 'up']);
    const long = calls(1);
    await tick();
    finish(10);
    await Promise.all(burst);
    await tick(61_000);
    expect(phases()).toEqual(['up', 'draining']);
    const again = calls(10);
    await tick(4_000);
    expect(phases()).toEqual(['up', 'up', 'draining']);
    finish(11);
    await Promise.all([...long, ...again]);
  });
});

describe('probes', () => {
  it('find out an instance that answers nothing, which is connected anew', async () => {
    const files = fakeServer({ tools: [tool('read')] });
    await using yard = await started({ files }, { probeIntervalMs: 1_000 });
    files.answers['server/discover'] = () => new Promise(() => undefined);
    await tick(2_500);
    expect(yard.state('files')).toBe('degraded');
    await tick(3_500);
    expect(yard.state('files')).toBe('unhealthy');
    delete files.answers['server/discover'];
    await tick(10_000);
    expect(yard.servers()[0]).toMatchObject({ state: 'healthy', connects: 2, restarts: 1 });
    // Those of instances that are gone count on.
    await yard.restart('files');
    expect(yard.servers()[0]).toMatchObject({ state: 'healthy', connects: 1, restarts: 2 });
  });

  it('do not end one that works on something', async () => {
    const { server, finish } = slow();
    await using yard = await started({ jobs: server }, { probeIntervalMs: 1_000 });
    const running = ask(yard, 'tools/call', { name: 'jobs__wait' });
    server.answers['server/discover'] = () => new Promise(() => undefined);
    await tick(20_000);
    expect(yard.servers()[0]).toMatchObject({ state: 'unhealthy', connects: 1 });
    finish();
    expect(await running).toEqual({ content: [] });
  });
});
