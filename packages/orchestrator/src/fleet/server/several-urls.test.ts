import { once } from 'node:events';
import { httpTransport } from '@toolyard/transport-http';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createOrchestrator } from '../../create-orchestrator.ts';
import type { Orchestrator } from '../../orchestrator.ts';
import type { InstanceStatus } from '../../status.ts';
import { fakeServer, tool } from '../../testing/fake-server.ts';
import { ask, orchestrate, started } from '../../testing/harness.ts';
import { type WebServer, webServer } from '../../testing/web-server.ts';

const instances = (yard: Orchestrator): readonly InstanceStatus[] => yard.servers()[0]?.instances ?? [];
const urls = (yard: Orchestrator): readonly (number | undefined)[] => instances(yard).map(({ url }) => url?.number);
const three = { urls: ['fake:a', 'fake:b', 'fake:c'] };
const servers = () => ({ a: fakeServer(), b: fakeServer(), c: fakeServer() });

/** With one server `all`, at `three` unless said otherwise. */
async function spread(more: object = {}, target: object = three): Promise<Orchestrator> {
  const yard = orchestrate(servers());
  await Promise.all(['a', 'b', 'c'].map((id) => yard.undeploy(id)));
  await yard.deploy('all', { target: target as typeof three, ...more });
  return yard;
}

describe('a server with several URLs', () => {
  it('has an instance for each, and further ones in turn', async () => {
    await using yard = await spread();
    await vi.waitFor(() => expect(yard.state('all')).toBe('healthy'));
    expect(urls(yard)).toEqual([1, 2, 3]);
    await yard.scale('all', 5);
    expect(urls(yard)).toEqual([1, 2, 3, 1, 2]);
    await yard.scale('all', 2);
    expect(urls(yard)).toEqual([1, 2]);
    await yard.scale('all', 3);
    expect(urls(yard)).toEqual([1, 2, 3]);
  });

  it('is spread over all again when it is begun anew, whatever went before', async () => {
    await using yard = await spread({ instances: { min: 2, max: 6 } });
    await yard.scale('all', 4);
    await yard.restart('all');
    await vi.waitFor(() => expect(instances(yard)).toHaveLength(4));
    expect(new Set(urls(yard))).toEqual(new Set([1, 2, 3]));
  });

  it('has other URLs from one definition to the next', async () => {
    await using yard = await spread();
    await yard.deploy('all', { target: { urls: ['fake:c', 'fake:a'] } });
    await vi.waitFor(() => expect(instances(yard)).toHaveLength(2));
    expect(urls(yard)).toEqual([1, 2]);
    await yard.deploy('all', { target: { url: 'fake:b' } });
    await vi.waitFor(() => expect(urls(yard)).toEqual([undefined]));
  });

  it('has one at the same URL come in the place of another', async () => {
    vi.useFakeTimers();
    try {
      await using yard = await spread({ restart: { maxAgeMs: 60_000 } });
      await vi.advanceTimersByTimeAsync(200_000);
      expect(Math.min(...instances(yard).map(({ number }) => number))).toBeGreaterThan(3);
      expect(urls(yard)).toEqual([1, 2, 3]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('keeps one at each when those without calls go', async () => {
    vi.useFakeTimers();
    try {
      await using yard = await spread({ instances: { min: 2, max: 6, idleMs: 30_000 } });
      await yard.scale('all', 6);
      await vi.advanceTimersByTimeAsync(60_000);
      expect(new Set(urls(yard))).toEqual(new Set([1, 2, 3]));
    } finally {
      vi.useRealTimers();
    }
  });

  it('answers where one of them cannot be reached, and says which', async () => {
    const up = fakeServer({ tools: [tool('read')] });
    await using yard = await started({ up });
    await yard.deploy('both', { target: { urls: ['fake:nobody', 'fake:up'] } });
    expect(yard.state('both')).toBe('degraded');
    expect(await ask(yard, 'tools/call', { name: 'both__read' })).toBeDefined();
    const [, both] = yard.servers();
    expect(both?.instances.map(({ url, phase }) => [url, phase])).toEqual([
      [{ number: 1, origin: 'fake://' }, 'down'],
      [{ number: 2, origin: 'fake://' }, 'up'],
    ]);
  });
});

describe('a server at two real URLs', () => {
  let one: WebServer;
  let two: WebServer;
  beforeAll(async () => {
    [one, two] = await Promise.all([webServer(), webServer()]);
  });
  afterAll(async () => {
    await one[Symbol.asyncDispose]();
    await two[Symbol.asyncDispose]();
  });

  const echo = (yard: Orchestrator, message: string): Promise<unknown> =>
    ask(yard, 'tools/call', { name: 'web__echo', arguments: { message } });
  const phases = (yard: Orchestrator): readonly string[] => instances(yard).map(({ phase }) => phase);
  const calls = (yard: Orchestrator): readonly number[] => instances(yard).map((instance) => instance.calls);

  it('goes on while one of them is killed, and uses it again when it is back', async () => {
    await using yard = createOrchestrator({
      servers: [],
      transports: [httpTransport()],
      clientInfo: { name: 'toolyard-test', version: '0' },
      backoff: { initialMs: 20, maxMs: 100 },
    });
    await yard.start();
    const target = { urls: [`${one.url}?token=s3cret`, two.url], headers: { Authorization: 'Bearer s3cret' } };
    await yard.deploy('web', {
      target,
      calls: { idempotent: ['echo'] },
      health: { probeIntervalMs: 50, unhealthyProbes: 1 },
    });
    await vi.waitFor(() => expect(phases(yard)).toEqual(['up', 'up']), 10_000);
    expect(instances(yard).map(({ url }) => url)).toEqual([
      { number: 1, origin: new URL(one.url).origin },
      { number: 2, origin: new URL(two.url).origin },
    ]);
    expect(JSON.stringify(yard.servers())).not.toContain('s3cret');
    await Promise.all(Array.from({ length: 20 }, (_, n) => echo(yard, `${n}`)));
    expect(calls(yard)).toEqual([10, 10]);

    one.child.kill('SIGKILL');
    await once(one.child, 'exit');
    for (let n = 0; n < 20; n++)
      expect(await echo(yard, `${n}`)).toMatchObject({ content: [{ type: 'text', text: `Echo: ${n}` }] });
    await vi.waitFor(() => expect(yard.state('web')).toBe('degraded'), 10_000);
    expect(yard.servers()[0]?.instances.map(({ state }) => state)).toEqual(['unhealthy', 'healthy']);

    one = await webServer(new URL(one.url).port);
    await vi.waitFor(() => expect(phases(yard)).toEqual(['up', 'up']), 10_000);
    const [before = 0] = calls(yard);
    await vi.waitFor(async () => {
      await Promise.all(Array.from({ length: 10 }, (_, n) => echo(yard, `${n}`)));
      expect(calls(yard)[0]).toBeGreaterThan(before);
    }, 10_000);
  });
});
