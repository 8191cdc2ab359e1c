import type { Call } from '@toolyard/protocol';
import { RawObject, ToolyardError } from '@toolyard/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Orchestrator } from '../orchestrator.ts';
import { type FakeServer, fakeServer, rawItem } from '../testing/fake-server.ts';
import { type FleetOptions, started } from '../testing/harness.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const tick = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const list = 'resources/list';

/** Servers of the domain `ops`, in their order: the first has priority 1. */
async function domain(
  servers: Readonly<Record<string, FakeServer>>,
  options: FleetOptions = {},
): Promise<Orchestrator> {
  const ids = Object.keys(servers);
  const entries = Object.fromEntries(ids.map((id, at) => [id, { domains: ['ops'], priority: at + 1 }]));
  const yard = await started(servers, { entries, probeIntervalMs: 0, ...options });
  for (const server of Object.values(servers)) server.calls.length = 0;
  return yard;
}

const having = (name: string): FakeServer => fakeServer({ resources: [{ uri: `x:${name}`, name }] });
const refusing = (): never => {
  const error = RawObject.of({ code: -32603, message: 'secret words' });
  throw new ToolyardError('UPSTREAM_ERROR', { upstream: 'x', error }, 'secret words');
};
const hanging = (): Promise<never> => new Promise(() => undefined);
const silent = {
  code: 'UPSTREAM_TIMEOUT',
  message: expect.stringContaining('did not answer resources/list') as unknown,
};

describe('the resources of a domain', () => {
  it('are those of the healthy server that goes first, all pages, byte for byte', async () => {
    const odd = '{ "uri":"x:1" ,"name":"\\u0061","size":1.0,"big":9007199254740993}';
    const a = fakeServer({
      answers: {
        [list]: ({ params }: Call) =>
          params.has('cursor')
            ? { resources: [{ uri: 'x:2', name: 'b' }] }
            : RawObject.read(Buffer.from(`{"resources":[${odd},{"uri":7}],"nextCursor":"2"}`)),
      },
    });
    await using yard = await domain({ a, b: having('b'), other: having('other') });
    const found = await yard.resourcesForDomain('ops');
    expect(found.resources.map(({ text }) => text)).toEqual([odd, '{"uri":"x:2","name":"b"}']);
    expect(found).toMatchObject({ server: 'a', priority: 1, passedOver: [], leftOutCount: 1 });
    expect(found.leftOut).toMatchObject([{ kind: 'resources', entry: '#1' }]);
    expect(yard.status().servers['b']?.connected).toBe(true);
  });

  it('are asked for anew, in the name of the caller', async () => {
    const a = having('a');
    await using yard = await domain({ a });
    a.resources = [{ uri: 'x:new', name: 'new' }];
    const { resources } = await yard.resourcesForDomain('ops', { caller: { principal: 'ann', tenant: 'blue' } });
    expect(resources.map((one) => one.string('name'))).toEqual(['new']);
    await yard.resourcesForDomain('ops');
    expect(a.called(list).map(({ caller }) => `${caller.principal} ${caller.tenant}`)).toEqual([
      'ann blue',
      'toolyard default',
    ]);
  });

  it('come from the next one where the first fails, offers none, or is down, and it is said why', async () => {
    const servers = {
      down: fakeServer({ connecting: 'refuse' }),
      busy: having('busy'),
      none: fakeServer({ capabilities: { tools: {} } }),
      liar: having('liar'),
      good: having('good'),
      later: fakeServer({ connecting: 'refuse' }),
    };
    await using yard = await domain(servers);
    servers.busy.answers[list] = refusing;
    servers.liar.answers[list] = () => rawItem('{"resources":7}');
    expect(await yard.resourcesForDomain('ops')).toMatchObject({
      server: 'good',
      priority: 5,
      passedOver: [
        { server: 'down', failure: { code: 'UPSTREAM_UNREACHABLE', message: 'It cannot be reached.' } },
        { server: 'busy', failure: { code: 'UPSTREAM_ERROR', message: 'It answered with the JSON-RPC error -32603.' } },
        { server: 'none', failure: { code: 'METHOD_UNKNOWN', message: 'It offers no resources.' } },
        { server: 'liar', failure: { code: 'UPSTREAM_MALFORMED' } },
      ],
    });
    expect(servers.none.called(list)).toEqual([]);
  });

  it('come from a healthy server before a degraded one that would go first', async () => {
    const servers = { shaky: having('shaky'), well: having('well') };
    servers.shaky.answers['prompts/list'] = refusing;
    await using yard = await domain(servers);
    expect(yard.state('shaky')).toBe('degraded');
    expect(await yard.resourcesForDomain('ops')).toMatchObject({ server: 'well', passedOver: [] });
    servers.well.answers[list] = refusing;
    expect(await yard.resourcesForDomain('ops')).toMatchObject({ server: 'shaky', passedOver: [{ server: 'well' }] });
  });

  it('are an answer also where there are none of them', async () => {
    await using yard = await domain({ a: fakeServer(), b: having('b') });
    expect(await yard.resourcesForDomain('ops')).toMatchObject({ server: 'a', resources: [], passedOver: [] });
  });
});

describe('one deadline for all', () => {
  it('is shared: who hangs is left for the next in time, and its call is cancelled', async () => {
    const servers = { a: having('a'), b: having('b'), c: having('c') };
    await using yard = await domain(servers);
    servers.a.answers[list] = hanging;
    servers.b.answers[list] = hanging;
    const asked = yard.resourcesForDomain('ops', { timeoutMs: 3_000 });
    await tick(1_000);
    expect([servers.a, servers.b, servers.c].map((one) => one.called(list).length)).toEqual([1, 1, 0]);
    expect(servers.a.called(list)[0]?.signal.aborted).toBe(true);
    await tick(1_000);
    expect(await asked).toMatchObject({
      server: 'c',
      passedOver: [
        { server: 'a', failure: silent },
        { server: 'b', failure: silent },
      ],
    });
    await yard.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('leaves the share of those who fail at once to the rest', async () => {
    const servers = { a: having('a'), b: having('b') };
    await using yard = await domain(servers);
    servers.a.answers[list] = refusing;
    servers.b.answers[list] = async () => {
      await new Promise((resolve) => setTimeout(resolve, 2_900));
      return { resources: [] };
    };
    const asked = yard.resourcesForDomain('ops', { timeoutMs: 3_000 });
    await tick(2_900);
    expect(await asked).toMatchObject({ server: 'b' });
  });

  it('gives the first of many a quarter', async () => {
    const servers = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`s${n + 10}`, having('r')]));
    await using yard = await domain(servers);
    const [first] = Object.values(servers);
    if (first === undefined) return;
    first.answers[list] = async () => {
      await new Promise((resolve) => setTimeout(resolve, 990));
      return { resources: [] };
    };
    const asked = yard.resourcesForDomain('ops', { timeoutMs: 4_000 });
    await tick(990);
    expect(await asked).toMatchObject({ server: 's10' });
  });

  it('ends it all', async () => {
    const servers = { a: having('a'), b: having('b') };
    await using yard = await domain(servers);
    for (const server of Object.values(servers)) server.answers[list] = hanging;
    const asked = yard.resourcesForDomain('ops', { timeoutMs: 500 }).catch((error: unknown) => error);
    await tick(500);
    expect(await asked).toMatchObject({
      code: 'DOMAIN_UNSERVED',
      facts: {
        domain: 'ops',
        tried: [
          { server: 'a', code: 'UPSTREAM_TIMEOUT' },
          { server: 'b', code: 'UPSTREAM_TIMEOUT' },
        ],
        known: ['ops'],
      },
    });
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31])('cannot be %s', async (timeoutMs) => {
    await using yard = await domain({ a: having('a') });
    await expect(yard.resourcesForDomain('ops', { timeoutMs })).rejects.toMatchObject({ code: 'INVALID_PARAMS' });
    await expect(yard.gatherAllResources({ timeoutMs })).rejects.toMatchObject({ code: 'INVALID_PARAMS' });
  });
});

describe('a domain that nobody serves', () => {
  it('is told with those that there are', async () => {
    await using yard = await domain({ a: having('a') }, { entries: { a: { domains: ['ops', 'dev'] } } });
    await expect(yard.resourcesForDomain('obs')).rejects.toMatchObject({
      facts: { domain: 'obs', tried: [], known: ['dev', 'ops'] },
      message: 'No server has the domain "obs"; known are dev, ops.',
    });
  });

  it('is told with what became of its servers, in words of our own', async () => {
    const a = having('a');
    await using yard = await domain({ a, b: fakeServer({ connecting: 'refuse' }) });
    a.answers[list] = refusing;
    await expect(yard.resourcesForDomain('ops')).rejects.toMatchObject({
      code: 'DOMAIN_UNSERVED',
      message:
        'No server of the domain "ops" answered. a: It answered with the JSON-RPC error -32603. b: It cannot be reached.',
    });
  });

  it('is told with 100 servers and 100 domains at most, and 64 characters of itself', async () => {
    const ids = Array.from({ length: 120 }, (_, n) => `s${n}`);
    const wanted = 'd'.repeat(200);
    await using yard = await started(Object.fromEntries(ids.map((id) => [id, fakeServer({ connecting: 'refuse' })])), {
      entries: Object.fromEntries(ids.map((id) => [id, { domains: [wanted, id] }])),
    });
    const failure: unknown = await yard.resourcesForDomain(wanted).catch((error: unknown) => error);
    if (!ToolyardError.is(failure, 'DOMAIN_UNSERVED')) throw failure;
    const { domain: said, tried, known } = failure.facts;
    expect([said.length, tried.length, known.length]).toEqual([64, 100, 100]);
    expect(failure.message.length).toBeLessThan(1_000);
  });
});

describe('who does not want to know any more', () => {
  it('is answered at once, and the server is told', async () => {
    const servers = { a: having('a'), b: having('b') };
    await using yard = await domain(servers);
    servers.a.answers[list] = hanging;
    const controller = new AbortController();
    const asked = yard.resourcesForDomain('ops', { signal: controller.signal }).catch((error: unknown) => error);
    await tick();
    controller.abort();
    expect(await asked).toMatchObject({ code: 'CANCELLED' });
    expect(servers.a.called(list)[0]?.signal.aborted).toBe(true);
    expect(servers.b.called(list)).toEqual([]);
    await expect(yard.resourcesForDomain('ops', { signal: controller.signal })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    await yard.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is told when everything is closed meanwhile', async () => {
    const a = having('a');
    await using yard = await domain({ a });
    a.answers[list] = hanging;
    const asked = yard.resourcesForDomain('ops').catch((error: unknown) => error);
    await tick();
    await yard.close();
    expect(await asked).toMatchObject({ code: 'CLOSED' });
    await expect(yard.gatherAllResources()).rejects.toMatchObject({ code: 'CLOSED' });
  });
});
