import { type CacheStore, type Call, createCall, RawObject, type Service, ToolyardError } from '@toolyard/protocol';
import { describe, expect, it } from 'vitest';
import { memoryStore } from '../memory/memory-store.ts';
import { listCall, numbered, reply, toolIn, upstream, type Upstream } from '../testing/upstream.ts';
import { cached } from './cached.ts';
import type { CachedEvent, CachedOptions } from './options.ts';

interface Rig {
  readonly server: Upstream;
  readonly store: CacheStore;
  readonly service: Service;
  readonly events: readonly CachedEvent[];
  pass(ms: number): void;
  /** Which request the answer to a call of `tools/list` is from. */
  list(principal?: string): Promise<unknown>;
}

function rig(script = numbered(), options: Partial<CachedOptions> = {}): Rig {
  let nowMs = 0;
  const now = (): number => nowMs;
  const server = upstream(script);
  const store = options.store ?? memoryStore({ now });
  const events: CachedEvent[] = [];
  const onEvent = (event: CachedEvent): void => void events.push(event);
  const service = cached({ server: 'files', store, now, onEvent, ...options })(server.service);
  return {
    server,
    store,
    service,
    events,
    pass: (ms) => void (nowMs += ms),
    list: async (principal = 'ann') => toolIn(await service(listCall(principal))),
  };
}

const down = (): never => {
  throw new ToolyardError('UPSTREAM_UNREACHABLE', { upstream: 'files' }, 'files cannot be reached.');
};

describe('answers of a server that says how long they hold', () => {
  it('are reused for that time, and say what is left of it', async () => {
    const { service, server, pass } = rig();
    const first = await service(listCall());
    expect(first.result.text).toBe(
      '{"resultType":"complete","tools":[{"name":"t1"}],"ttlMs":60000,"cacheScope":"private"}',
    );
    pass(59_000);
    const again = await service(listCall());
    expect(again.result.text).toBe(
      '{"resultType":"complete","tools":[{"name":"t1"}],"ttlMs":1000,"cacheScope":"private"}',
    );
    pass(1_000);
    expect(toolIn(await service(listCall()))).toBe('t2');
    expect(server.calls).toHaveLength(2);
  });

  it('are given to nobody else where they are private, whatever the tenant', async () => {
    const { service, list, server } = rig();
    expect(await list('ann')).toBe('t1');
    expect(await list('bob')).toBe('t2');
    expect(toolIn(await service(listCall('ann', { caller: { principal: 'ann', tenant: 'other' } })))).toBe('t3');
    expect(await list('ann')).toBe('t1');
    expect(server.calls).toHaveLength(3);
  });

  it('are given to everybody in the tenant where they are public', async () => {
    const { service, list } = rig(numbered({ ttlMs: 60_000, cacheScope: 'public' }));
    expect([await list('ann'), await list('bob')]).toEqual(['t1', 't1']);
    expect(toolIn(await service(listCall('ann', { caller: { principal: 'ann', tenant: 'other' } })))).toBe('t2');
  });

  it('are kept apart by whatever is said to be the authorization context', async () => {
    const principalOf = ({ caller }: Call): string => `${caller.principal} ${caller.clientInfo?.string('name') ?? ''}`;
    const { service } = rig(numbered(), { principalOf });
    const from = (name: string): Call => listCall('ann', { caller: { clientInfo: RawObject.of({ name }) } });
    expect(toolIn(await service(from('x')))).toBe('t1');
    expect(toolIn(await service(from('y')))).toBe('t2');
    expect(toolIn(await service(from('x')))).toBe('t1');
  });

  it.each([
    ['0', { ttlMs: 0, cacheScope: 'public' }],
    ['less than 0', { ttlMs: -1, cacheScope: 'public' }],
    ['no number', { ttlMs: '60000', cacheScope: 'public' }],
    ['not there', { cacheScope: 'public' }],
  ])('are not kept where the time is %s', async (_, hints) => {
    const { list } = rig(numbered(hints));
    expect([await list(), await list()]).toEqual(['t1', 't2']);
  });

  it('are private where the scope is one that nobody knows', async () => {
    const { list } = rig(numbered({ ttlMs: 60_000, cacheScope: 'everyone' }));
    expect([await list('ann'), await list('bob')]).toEqual(['t1', 't2']);
  });

  it('hold for a day at most', async () => {
    const { list, pass } = rig(numbered({ ttlMs: 1e15, cacheScope: 'private' }), { staleIfErrorMs: 0 });
    await list();
    pass(86_399_000);
    expect(await list()).toBe('t1');
    pass(2_000);
    expect(await list()).toBe('t2');
  });

  it('are kept apart by page and by what the client can do', async () => {
    const { service, server } = rig();
    const calls = [
      createCall('tools/list'),
      createCall('tools/list', { params: { cursor: '' } }),
      createCall('tools/list', { params: { cursor: 'a' } }),
      createCall('tools/list', { caller: { capabilities: RawObject.of({ sampling: {} }) } }),
    ];
    for (const call of [...calls, ...calls]) await service(call);
    expect(server.calls).toHaveLength(4);
  });
});

describe('answers of a server that knows no caching hints', () => {
  const old = (): ReturnType<typeof reply> => ({
    ...reply({ tools: [{ name: 'old' }], ttlMs: 0, cacheScope: 'private' }),
    unhinted: true,
  });

  it('hold for five minutes, for one principal, and promise nothing to the caller', async () => {
    const { list, service, server, pass } = rig(old);
    await list();
    pass(299_000);
    const { result } = await service(listCall());
    expect(result.text).toBe('{"resultType":"complete","tools":[{"name":"old"}],"ttlMs":0,"cacheScope":"private"}');
    expect(server.calls).toHaveLength(1);
    await list('bob');
    pass(1_000);
    await list();
    expect(server.calls).toHaveLength(3);
  });

  it('hold for as long as the operator says', async () => {
    const never = rig(old, { defaultTtlMs: 0 });
    await never.list();
    await never.list();
    expect(never.server.calls).toHaveLength(2);
    const long = rig(old, { defaultTtlMs: 600_000 });
    await long.list();
    long.pass(599_999);
    await long.list();
    expect(long.server.calls).toHaveLength(1);
  });
});

describe('what is never kept', () => {
  it.each([
    ['a question', { resultType: 'input_required', requestState: 's', ttlMs: 60_000 }],
    ['a task', { resultType: 'task', taskId: 't', ttlMs: 60_000 }],
  ])('%s', async (_, members) => {
    const { service, server } = rig(() => ({ result: RawObject.of(members) }));
    const read = createCall('resources/read', { params: { uri: 'file:///a' } });
    await service(read);
    await service(read);
    expect(server.calls).toHaveLength(2);
  });

  it.each([
    ['the answer to a retry', 'resources/read', { uri: 'file:///a', requestState: 's' }],
    ['the answer to answers', 'resources/read', { uri: 'file:///a', inputResponses: {} }],
    ['a call of a tool that is not marked', 'tools/call', { name: 'write' }],
    ['a prompt', 'prompts/get', { name: 'p' }],
    ['a method that nobody knows', 'x/y', {}],
    ['the reading of nothing', 'resources/read', {}],
  ])('%s', async (_, method, params) => {
    const { service, server } = rig(numbered({ ttlMs: 60_000, cacheScope: 'public' }), {
      toolTtlMs: (tool) => (tool === 'read' ? 60_000 : undefined),
    });
    await service(createCall(method, { params }));
    await service(createCall(method, { params }));
    expect(server.calls).toHaveLength(2);
  });

  it('what readers would disagree on, which goes through as it came', async () => {
    for (const text of ['{"ttlMs":1000,"ttlMs":0}', '{"ttlMs":1000,"_meta":{"a":1,"a":2}}']) {
      const { service, server } = rig(() => ({ result: new RawObject(Buffer.from(text)) }));
      expect((await service(listCall())).result.text).toBe(text);
      expect((await service(listCall())).result.text).toBe(text);
      expect(server.calls).toHaveLength(2);
    }
  });

  it('an error', async () => {
    const { list, server } = rig(down);
    await expect(list()).rejects.toMatchObject({ code: 'UPSTREAM_UNREACHABLE' });
    server.answer(numbered());
    expect(await list()).toBe('t2');
  });
});

describe('a tool that is marked', () => {
  const call = (args: unknown, principal = 'ann'): Call =>
    createCall('tools/call', { params: { name: 'read', arguments: args }, caller: { principal } });
  const toolTtlMs = (tool: string): number | undefined => (tool === 'read' ? 1_000 : undefined);

  it('answers the same arguments from the cache, for one principal', async () => {
    const { service, server, pass } = rig((_, n) => reply({ content: [], structuredContent: { n } }), { toolTtlMs });
    const first = await service(call({ a: 1 }));
    expect((await service(call({ a: 1 }))).result.text).toBe(first.result.text);
    await service(call({ a: 2 }));
    await service(call({ a: 1 }, 'bob'));
    expect(server.calls).toHaveLength(3);
    pass(1_000);
    await service(call({ a: 1 }));
    expect(server.calls).toHaveLength(4);
  });

  it('is called again after it failed, and never answered with what is stale', async () => {
    const { service, server, pass } = rig(() => reply({ content: [], isError: true }), {
      toolTtlMs,
      staleWhileRevalidateMs: 60_000,
    });
    await service(call({}));
    server.answer(() => reply({ content: [] }));
    await service(call({}));
    pass(10_000);
    await service(call({}));
    expect(server.calls).toHaveLength(3);
    pass(10_000);
    server.answer(down);
    await expect(service(call({}))).rejects.toMatchObject({ code: 'UPSTREAM_UNREACHABLE' });
  });
});
