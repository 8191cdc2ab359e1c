import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Call } from '../../../call.ts';
import { ToolyardError } from '../../../errors/toolyard-error.ts';
import { createPipePair } from '../../../memory/pipe-pair.ts';
import type { Reply } from '../../../reply.ts';
import type { Service } from '../../../service.ts';
import { wireEnd, type WireEnd } from '../../../testing/wire-end.ts';
import { RawObject } from '../../../wire/raw-object.ts';
import type { PipeServeOptions, Serving } from '../../pipe/pipe-options.ts';
import { serveLegacy } from './server.ts';

interface Rig extends AsyncDisposable {
  readonly end: WireEnd;
  readonly serving: Serving;
  /** Every call that the service got, but for `server/discover`. */
  readonly calls: Call[];
}

type Answer = (call: Call) => Promise<Reply>;

const discovery = (capabilities: unknown): Reply => ({
  result: RawObject.of({
    resultType: 'complete',
    supportedVersions: ['2026-07-28'],
    capabilities,
    ttlMs: 0,
    cacheScope: 'private',
    instructions: 'Be kind.',
  }),
});
const done = (result: Readonly<Record<string, unknown>> = {}): Reply => ({
  result: RawObject.of({ resultType: 'complete', ...result }),
});

function open(answer: Answer, options: Partial<PipeServeOptions> & { readonly capabilities?: unknown } = {}): Rig {
  const { capabilities = {}, ...rest } = options;
  const calls: Call[] = [];
  const service: Service = (call) => {
    if (call.method === 'server/discover') return Promise.resolve(discovery(capabilities));
    calls.push(call);
    return answer(call);
  };
  const [near, far] = createPipePair();
  const end = wireEnd(far);
  const serving = serveLegacy(near, service, {
    serverInfo: { name: 'toolyard', version: '1.0.0' },
    principal: 'ada',
    tenant: 'acme',
    ...rest,
  });
  return { end, serving, calls, [Symbol.asyncDispose]: () => serving.close() };
}

function initialize(capabilities = '{}', revision = '2025-11-25'): string {
  return `{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"${revision}","capabilities":${capabilities},"clientInfo":{"name":"c","version":"9"}}}`;
}

/** A session that is ready. */
async function session(
  answer: Answer,
  options: Parameters<typeof open>[1] & { readonly client?: string } = {},
): Promise<Rig> {
  const { client, ...rest } = options;
  const rig = open(answer, rest);
  rig.end.send(initialize(client));
  await rig.end.next();
  rig.end.send('{"jsonrpc":"2.0","method":"notifications/initialized"}');
  return rig;
}

const never: Answer = () => new Promise(() => {});

afterEach(() => {
  vi.useRealTimers();
});

describe('initialize', () => {
  it('is answered from a discovery', async () => {
    await using rig = open(never, { capabilities: { tools: { listChanged: true } } });
    rig.end.send(initialize());
    expect(await rig.end.next()).toBe(
      '{"jsonrpc":"2.0","id":0,"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{"listChanged":true}},"instructions":"Be kind.","serverInfo":{"name":"toolyard","version":"1.0.0"}}}',
    );
    expect(rig.end.lanes).toEqual(['0']);
  });

  it.each([
    ['2024-11-05', '2024-11-05'],
    ['2025-03-26', '2025-03-26'],
    ['2025-06-18', '2025-06-18'],
    ['1999-01-01', '2025-11-25'],
    ['2026-07-28', '2025-11-25'],
  ])('that asks for %s gets %s', async (requested, agreed) => {
    await using rig = open(never);
    rig.end.send(initialize('{}', requested));
    expect(await rig.end.next()).toContain(`"protocolVersion":"${agreed}"`);
  });

  it('is taken once', async () => {
    await using rig = await session(never);
    rig.end.send(initialize().replace('"id":0', '"id":1'));
    expect(await rig.end.next()).toContain('"id":1,"error":{"code":-32600');
  });

  it('may be tried again where it failed', async () => {
    const answers = [
      Promise.reject(new ToolyardError('UPSTREAM_UNREACHABLE', { upstream: 'a' }, 'Not there.')),
      Promise.resolve(discovery({})),
    ];
    const [near, far] = createPipePair();
    const end = wireEnd(far);
    await using serving = serveLegacy(near, () => answers.shift() ?? new Promise(() => {}), {
      serverInfo: { name: 't', version: '1' },
    });
    end.send(initialize());
    expect(await end.next()).toContain('"error":{"code":1201');
    end.send(initialize());
    expect(await end.next()).toContain('"protocolVersion":"2025-11-25"');
    expect(serving).toBeDefined();
  });

  it('is not cancelled by the client', async () => {
    await using rig = open(never);
    rig.end.send(initialize());
    rig.end.send('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":0}}');
    expect(await rig.end.next()).toContain('"protocolVersion"');
  });
});

describe('a session', () => {
  it('takes nothing but ping before it is initialized', async () => {
    await using rig = open(never);
    rig.end.send('{"jsonrpc":"2.0","id":1,"method":"tools/list"}');
    expect(await rig.end.next()).toContain('"id":1,"error":{"code":-32600');
    rig.end.send('{"jsonrpc":"2.0","id":2,"method":"ping"}');
    expect(await rig.end.next()).toBe('{"jsonrpc":"2.0","id":2,"result":{}}');
    expect(rig.calls).toEqual([]);
  });

  it('takes requests that were sent without waiting for the answer to initialize', async () => {
    await using rig = open(() => Promise.resolve(done({ tools: [] })));
    rig.end.send(initialize());
    rig.end.send('{"jsonrpc":"2.0","method":"notifications/initialized"}');
    rig.end.send('{"jsonrpc":"2.0","id":1,"method":"tools/list"}');
    await rig.end.next();
    expect(await rig.end.next()).toBe('{"jsonrpc":"2.0","id":1,"result":{"tools":[]}}');
  });

  it('keeps what is about itself to itself: a ping, changed roots, another initialized', async () => {
    await using rig = await session(() => Promise.resolve(done({ tools: [] })));
    rig.end.send('{"jsonrpc":"2.0","method":"notifications/roots/list_changed"}');
    rig.end.send('{"jsonrpc":"2.0","method":"notifications/initialized"}');
    rig.end.send('{"jsonrpc":"2.0","id":1,"method":"ping"}');
    expect(await rig.end.next()).toBe('{"jsonrpc":"2.0","id":1,"result":{}}');
    expect(rig.calls).toEqual([]);
  });

  it('puts who it is on each call', async () => {
    await using rig = await session(never, { client: '{"roots":{},"tasks":{}}' });
    rig.end.send('{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","_meta":{"progressToken":"t"}}}');
    await vi.waitFor(() => expect(rig.calls).toHaveLength(1));
    const [call] = rig.calls;
    expect(call).toMatchObject({
      method: 'tools/call',
      progressToken: 't',
      caller: { principal: 'ada', tenant: 'acme' },
    });
    expect([call?.caller.capabilities.text, call?.caller.clientInfo?.text]).toEqual([
      '{"roots":{}}',
      '{"name":"c","version":"9"}',
    ]);
  });

  it('puts its log level on each call', async () => {
    await using rig = await session(never);
    rig.end.send('{"jsonrpc":"2.0","id":1,"method":"tools/list"}');
    rig.end.send('{"jsonrpc":"2.0","id":2,"method":"logging/setLevel","params":{"level":"error"}}');
    expect(await rig.end.next()).toBe('{"jsonrpc":"2.0","id":2,"result":{}}');
    rig.end.send('{"jsonrpc":"2.0","id":3,"method":"logging/setLevel","params":{"level":"loud"}}');
    expect(await rig.end.next()).toContain('"id":3,"error":{"code":-32602');
    rig.end.send('{"jsonrpc":"2.0","id":4,"method":"tools/list"}');
    await vi.waitFor(() => expect(rig.calls.map(({ logLevel }) => logLevel)).toEqual(['info', 'error']));
  });

  it('takes off results what its revision does not know', async () => {
    await using rig = await session(() => Promise.resolve(done({ tools: [], ttlMs: 5, cacheScope: 'public' })));
    rig.end.send('{"jsonrpc":"2.0","id":1,"method":"tools/list"}');
    expect(await rig.end.next()).toBe('{"jsonrpc":"2.0","id":1,"result":{"tools":[]}}');
  });

  it('tells errors in the words of its revision', async () => {
    const error = RawObject.of({ code: -32602, message: 'Resource not found', data: { uri: 'a:b' } });
    await using rig = await session(() =>
      Promise.reject(new ToolyardError('UPSTREAM_ERROR', { upstream: 'a', error }, 'Resource not found')),
    );
    rig.end.send('{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"a:b"}}');
    expect(await rig.end.next()).toBe(
      '{"jsonrpc":"2.0","id":1,"error":{"code":-32002,"message":"Resource not found","data":{"uri":"a:b"}}}',
    );
  });

  it('passes progress and logs in the lane of the call, before its reply', async () => {
    await using rig = await session(async (call) => {
      await call.notify({
        method: 'notifications/progress',
        params: RawObject.of({ progressToken: call.progressToken, progress: 1 }),
      });
      await call.notify({ method: 'notifications/message', params: RawObject.of({ level: 'info', data: 1 }) });
      return done();
    });
    rig.end.send(
      '{"jsonrpc":"2.0","id":"x","method":"tools/call","params":{"name":"a","_meta":{"progressToken":"t"}}}',
    );
    expect([await rig.end.next(), await rig.end.next(), await rig.end.next()]).toEqual([
      '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"t","progress":1}}',
      '{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":1}}',
      '{"jsonrpc":"2.0","id":"x","result":{}}',
    ]);
    expect(rig.end.lanes.slice(1)).toEqual(['"x"', '"x"', '"x"']);
  });

  it.each(['server/discover', 'subscriptions/listen', 'tasks/get', 'tasks/list'])('knows no %s', async (method) => {
    await using rig = await session(never);
    rig.end.send(`{"jsonrpc":"2.0","id":1,"method":"${method}"}`);
    expect(await rig.end.next()).toContain('"id":1,"error":{"code":-32601');
    expect(rig.calls).toEqual([]);
  });

  it('aborts a cancelled call and does not answer it', async () => {
    await using rig = await session(
      (call) => new Promise((resolve) => call.signal.addEventListener('abort', () => resolve(done()))),
    );
    rig.end.send('{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}}');
    await vi.waitFor(() => expect(rig.calls).toHaveLength(1));
    rig.end.send('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}');
    rig.end.send('{"jsonrpc":"2.0","id":2,"method":"ping"}');
    expect(await rig.end.next()).toBe('{"jsonrpc":"2.0","id":2,"result":{}}');
    expect(rig.calls[0]?.signal.aborted).toBe(true);
  });

  it('can be closed twice, and tells the calls in flight', async () => {
    await using rig = await session(never);
    rig.end.send('{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}}');
    await vi.waitFor(() => expect(rig.calls).toHaveLength(1));
    await Promise.all([rig.serving.close(), rig.serving.close()]);
    expect(await rig.end.next()).toContain('"id":1,"error":{"code":1302');
    await vi.waitFor(() => expect(rig.end.closed).toBe(true));
  });
});

describe('the subscription of a session', () => {
  /** Acknowledges every listen call as `honour` says, and keeps it open. */
  function listening(honour: (uris: readonly unknown[]) => readonly unknown[] = (uris) => uris): Answer {
    return async (call) => {
      const uris =
        call.params
          .object('notifications')
          ?.array('resourceSubscriptions')
          ?.map(({ value }) => value) ?? [];
      await call.notify({
        method: 'notifications/subscriptions/acknowledged',
        params: RawObject.of({ notifications: { toolsListChanged: true, resourceSubscriptions: honour(uris) } }),
      });
      return new Promise((_, reject) => call.signal.addEventListener('abort', () => reject(call.signal.reason)));
    };
  }
  const capabilities = { tools: { listChanged: true }, resources: { subscribe: true } };
  const filters = (rig: Rig): unknown[] => rig.calls.map((call) => call.params.object('notifications')?.value);
  const lists = { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true };

  it('is opened once the client is ready, and its events go out in no lane', async () => {
    await using rig = await session(listening(), { capabilities });
    await vi.waitFor(() => expect(filters(rig)).toEqual([lists]));
    await rig.calls[0]?.notify({ method: 'notifications/tools/list_changed', params: RawObject.empty });
    expect(await rig.end.next()).toBe('{"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":{}}');
    expect(rig.end.lanes.at(-1)).toBeUndefined();
  });

  it('is not opened for a service without anything to tell', async () => {
    await using rig = await session(listening(), { capabilities: { tools: {} } });
    rig.end.send('{"jsonrpc":"2.0","id":1,"method":"ping"}');
    await rig.end.next();
    expect(rig.calls).toEqual([]);
  });

  it('is replaced when resources change: the new one is open before the old one ends', async () => {
    const othersOpen: number[] = [];
    const answer = listening();
    await using rig = await session(
      (call) => {
        othersOpen.push(rig.calls.filter((other) => other !== call && !other.signal.aborted).length);
        return answer(call);
      },
      { capabilities },
    );
    await vi.waitFor(() => expect(rig.calls).toHaveLength(1));
    rig.end.send('{"jsonrpc":"2.0","id":1,"method":"resources/subscribe","params":{"uri":"a:1"}}');
    expect(await rig.end.next()).toBe('{"jsonrpc":"2.0","id":1,"result":{}}');
    expect(othersOpen).toEqual([0, 1]);
    expect(rig.calls[0]?.signal.aborted).toBe(true);
    await rig.calls[1]?.notify({ method: 'notifications/resources/updated', params: RawObject.of({ uri: 'a:1' }) });
    expect(await rig.end.next()).toBe(
      '{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"a:1"}}',
    );
    await rig.calls[0]?.notify({ method: 'notifications/tools/list_changed', params: RawObject.empty });
    rig.end.send('{"jsonrpc":"2.0","id":2,"method":"resources/unsubscribe","params":{"uri":"a:1"}}');
    expect(await rig.end.next()).toBe('{"jsonrpc":"2.0","id":2,"result":{}}');
    expect(filters(rig)).toEqual([lists, { ...lists, resourceSubscriptions: ['a:1'] }, lists]);
    expect(rig.calls.map(({ signal }) => signal.aborted)).toEqual([true, true, false]);
  });

  it('is opened once for changes that come together', async () => {
    await using rig = await session(listening(), { capabilities });
    await vi.waitFor(() => expect(rig.calls).toHaveLength(1));
    for (let id = 1; id <= 5; id++)
      rig.end.send(`{"jsonrpc":"2.0","id":${id},"method":"resources/subscribe","params":{"uri":"a:${id}"}}`);
    for (let id = 1; id <= 5; id++) await rig.end.next();
    expect(rig.calls.length).toBeLessThanOrEqual(3);
    expect(filters(rig).at(-1)).toEqual({ ...lists, resourceSubscriptions: ['a:1', 'a:2', 'a:3', 'a:4', 'a:5'] });
  });

  it('refuses resources that the service does not watch, and more than it may', async () => {
    await using rig = await session(
      listening((uris) => uris.filter((uri) => uri !== 'a:no')),
      { capabilities, maxSubscriptions: 1 },
    );
    rig.end.send('{"jsonrpc":"2.0","id":1,"method":"resources/subscribe","params":{"uri":"a:no"}}');
    expect(await rig.end.next()).toContain('"id":1,"error":{"code":-32602');
    rig.end.send('{"jsonrpc":"2.0","id":2,"method":"resources/subscribe","params":{"uri":"a:1"}}');
    expect(await rig.end.next()).toBe('{"jsonrpc":"2.0","id":2,"result":{}}');
    rig.end.send('{"jsonrpc":"2.0","id":3,"method":"resources/subscribe","params":{"uri":"a:2"}}');
    expect(await rig.end.next()).toContain('may watch 1 resources');
    rig.end.send('{"jsonrpc":"2.0","id":4,"method":"resources/subscribe","params":{}}');
    expect(await rig.end.next()).toContain('"id":4,"error":{"code":-32602');
  });

  it('is opened again when it ends by itself, and the client is told to read anew', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const ends: (() => void)[] = [];
    await using rig = await session(
      async (call) => {
        await call.notify({
          method: 'notifications/subscriptions/acknowledged',
          params: RawObject.of({ notifications: { toolsListChanged: true } }),
        });
        return new Promise((resolve) => ends.push(() => resolve(done())));
      },
      { capabilities },
    );
    await vi.waitFor(() => expect(ends).toHaveLength(1));
    ends[0]?.();
    await vi.advanceTimersByTimeAsync(999);
    expect(rig.calls).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(rig.calls).toHaveLength(2);
    expect(await rig.end.next()).toBe('{"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":{}}');
  });

  it('drops events that the client does not read, and tells it to read anew when it does', async () => {
    const [near, far] = createPipePair({ highWaterBytes: 10 });
    const seen: string[] = [];
    let unread: PromiseWithResolvers<void> | undefined;
    far.start({
      message(bytes) {
        seen.push(new TextDecoder().decode(bytes));
        return unread?.promise;
      },
      closed() {},
    });
    const listens: Call[] = [];
    const answer = listening();
    await using serving = serveLegacy(
      near,
      (call) => {
        if (call.method === 'server/discover') return Promise.resolve(discovery(capabilities));
        listens.push(call);
        return answer(call);
      },
      { serverInfo: { name: 't', version: '1' }, maxPendingBytes: 500 },
    );
    const send = (message: string): Promise<void> => far.send(new TextEncoder().encode(message));
    await send(initialize());
    await send('{"jsonrpc":"2.0","method":"notifications/initialized"}');
    await vi.waitFor(() => expect(listens).toHaveLength(1));
    unread = Promise.withResolvers();
    const told = Array.from({ length: 100 }, async () =>
      listens[0]?.notify({ method: 'notifications/tools/list_changed', params: RawObject.empty }),
    );
    unread.resolve();
    unread = undefined;
    await Promise.all(told);
    const changed = '{"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":{}}';
    // Seven fill the bound, the rest is dropped, and one stands for all that were.
    await vi.waitFor(() => expect(seen.filter((message) => message === changed)).toHaveLength(8));
    expect(serving).toBeDefined();
  });

  it('is not opened again for a service that knows no subscriptions', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const refusal = new ToolyardError('METHOD_UNKNOWN', { method: 'subscriptions/listen' }, 'No.');
    await using rig = await session(() => Promise.reject(refusal), { capabilities });
    await vi.waitFor(() => expect(rig.calls).toHaveLength(1));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(rig.calls).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('ends with the session', async () => {
    const rig = await session(listening(), { capabilities });
    await vi.waitFor(() => expect(rig.calls).toHaveLength(1));
    await rig.end.close();
    await vi.waitFor(() => expect(rig.calls[0]?.signal.aborted).toBe(true));
  });
});
