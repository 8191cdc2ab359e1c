import { RawObject, ToolyardError } from '@toolyard/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Orchestrator } from '../orchestrator.ts';
import { type FakeServer, fakeServer, rawItem } from '../testing/fake-server.ts';
import { type FleetOptions, started } from '../testing/harness.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const tick = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const list = 'resources/list';
const having = (name: string): FakeServer => fakeServer({ resources: [{ uri: `x:${name}`, name }] });
const hanging = (): Promise<never> => new Promise(() => undefined);
const refusing = (): never => {
  const error = RawObject.of({ code: -32603, message: 'secret words' });
  throw new ToolyardError('UPSTREAM_ERROR', { upstream: 'x', error }, 'secret words');
};

const fleet = (servers: Readonly<Record<string, FakeServer>>, options: FleetOptions = {}): Promise<Orchestrator> =>
  started(servers, { probeIntervalMs: 0, ...options });

describe('gathering all resources', () => {
  it('gives an entry for each server, by precedence, with what it lists or why it is missing', async () => {
    const odd = '{ "uri":"x:1" ,"name":"a","size":1.0}';
    const servers = {
      good: fakeServer({ resources: [rawItem(odd), rawItem('{"uri":1}')] }),
      none: fakeServer({ capabilities: { tools: {} } }),
      down: fakeServer({ connecting: 'refuse' }),
      failing: having('failing'),
      silent: having('silent'),
    };
    const entries = {
      good: { priority: 5, domains: ['d'], capabilities: ['c'], tags: ['t'] },
      silent: { priority: -1 },
    };
    await using yard = await fleet(servers, { entries });
    servers.failing.answers[list] = refusing;
    servers.silent.answers[list] = hanging;
    const gathered = yard.gatherAllResources({ timeoutMs: 2_000, caller: { principal: 'ann' } });
    await tick(2_000);
    const empty = { domains: [], capabilities: [], tags: [], resources: [], leftOut: [], leftOutCount: 0 };
    expect(await gathered).toEqual([
      {
        ...empty,
        server: 'silent',
        priority: -1,
        connected: true,
        outcome: { code: 'UPSTREAM_TIMEOUT', message: 'It did not answer resources/list within 2000 ms.' },
      },
      {
        ...empty,
        server: 'down',
        priority: 0,
        connected: false,
        outcome: { code: 'UPSTREAM_UNREACHABLE', message: 'It cannot be reached.' },
      },
      {
        ...empty,
        server: 'failing',
        priority: 0,
        connected: true,
        outcome: { code: 'UPSTREAM_ERROR', message: 'It answered with the JSON-RPC error -32603.' },
      },
      { ...empty, server: 'none', priority: 0, connected: true, outcome: 'none' },
      {
        server: 'good',
        priority: 5,
        domains: ['d'],
        capabilities: ['c'],
        tags: ['t'],
        connected: true,
        resources: [expect.objectContaining({ text: odd }) as unknown],
        leftOut: [expect.objectContaining({ entry: '#1' }) as unknown],
        leftOutCount: 1,
        outcome: 'ok',
      },
    ]);
    expect(servers.good.called(list).at(-1)?.caller.principal).toBe('ann');
    expect(servers.silent.called(list).at(-1)?.signal.aborted).toBe(true);
    expect(servers.none.called(list)).toEqual([]);
  });

  it('is nothing where no server is deployed', async () => {
    await using yard = await fleet({});
    expect(await yard.gatherAllResources({ failFast: true })).toEqual([]);
  });

  it('asks 16 at a time; those that hang do not keep the rest from being asked', async () => {
    const servers = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`s${n + 10}`, having(`${n}`)]));
    await using yard = await fleet(servers);
    const all = Object.values(servers);
    for (const server of all) server.calls.length = 0;
    for (const server of all.slice(0, 16)) server.answers[list] = hanging;
    const gathered = yard.gatherAllResources({ timeoutMs: 5_000 });
    await tick(900);
    expect(all.filter((server) => server.called(list).length > 0)).toHaveLength(16);
    await tick(4_100);
    const outcomes = (await gathered).map(({ outcome }) => (typeof outcome === 'string' ? outcome : outcome.code));
    expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(24);
    expect(outcomes.filter((outcome) => outcome === 'UPSTREAM_TIMEOUT')).toHaveLength(16);
    await yard.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('says of those whose turn did not come that they were not asked', async () => {
    const servers = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`s${n + 10}`, having(`${n}`)]));
    await using yard = await fleet(servers);
    for (const server of Object.values(servers)) server.answers[list] = hanging;
    const gathered = yard.gatherAllResources({ timeoutMs: 500 });
    await tick(500);
    const late = (await gathered).filter(
      ({ outcome }) => typeof outcome !== 'string' && outcome.message === 'It was not asked within 500 ms.',
    );
    expect(late.map(({ server }) => server)).toEqual(['s26', 's27', 's28', 's29']);
  });

  it('is over for all once the caller is gone', async () => {
    const servers = { a: having('a'), b: having('b') };
    await using yard = await fleet(servers);
    for (const server of Object.values(servers)) server.answers[list] = hanging;
    const controller = new AbortController();
    const gathered = yard.gatherAllResources({ signal: controller.signal }).catch((error: unknown) => error);
    await tick();
    controller.abort();
    expect(await gathered).toMatchObject({ code: 'CANCELLED' });
    for (const server of Object.values(servers)) expect(server.called(list).at(-1)?.signal.aborted).toBe(true);
    await tick();
    await yard.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('failing fast', () => {
  it('names the first that failed, and cancels the rest', async () => {
    const servers = { a: having('a'), b: having('b'), c: fakeServer({ capabilities: { tools: {} } }) };
    await using yard = await fleet(servers);
    servers.a.answers[list] = hanging;
    servers.b.answers[list] = refusing;
    await expect(yard.gatherAllResources({ failFast: true })).rejects.toMatchObject({
      code: 'GATHER_FAILED',
      facts: { server: 'b', code: 'UPSTREAM_ERROR' },
      message: 'The server b did not answer. It answered with the JSON-RPC error -32603.',
    });
    expect(servers.a.called(list).at(-1)?.signal.aborted).toBe(true);
    await tick();
    await yard.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('takes a server that is down for one that failed, and one without resources for none', async () => {
    const down = fakeServer();
    await using yard = await fleet({ down, none: fakeServer({ capabilities: {} }) });
    expect((await yard.gatherAllResources({ failFast: true })).map(({ outcome }) => outcome)).toEqual(['ok', 'none']);
    down.connecting = 'refuse';
    down.crash();
    await tick();
    await expect(yard.gatherAllResources({ failFast: true })).rejects.toMatchObject({
      facts: { server: 'down', code: 'UPSTREAM_CLOSED' },
    });
  });
});
