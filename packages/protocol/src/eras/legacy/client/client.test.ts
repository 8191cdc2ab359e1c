import { getEventListeners } from 'node:events';

import { afterEach, describe, expect, it, vi } from 'vitest';
import { createPipePair } from '../../../memory/pipe-pair.ts';
import { testCall } from '../../../testing/call.ts';
import { initializeResult } from '../../../testing/pipes.ts';
import { wireEnd, type WireEnd } from '../../../testing/wire-end.ts';
import type { Connection } from '../../../transport.ts';
import type { PipeConnectOptions } from '../../pipe/pipe-options.ts';
import { connectLegacy } from './client.ts';

interface Rig extends AsyncDisposable {
  readonly connection: Connection;
  readonly end: WireEnd;
}

async function session(capabilities = '{}', options: Partial<PipeConnectOptions> = {}): Promise<Rig> {
  const [near, far] = createPipePair();
  const end = wireEnd(far);
  const connecting = connectLegacy(near, {
    upstream: 'old',
    clientInfo: { name: 'toolyard', version: '1.0.0' },
    wire: 'memory',
    ...options,
  });
  await end.answer(initializeResult(capabilities));
  await end.next();
  const connection = await connecting;
  return { connection, end, [Symbol.asyncDispose]: () => connection.close() };
}

afterEach(() => {
  vi.useRealTimers();
});

describe('a session with a server before 2026-07-28', () => {
  it('answers a discovery itself', async () => {
    await using rig = await session('{"tools":{"listChanged":true},"tasks":{},"x":1}');
    const { result } = await rig.connection.service(testCall('server/discover'));
    expect(result.value).toEqual({
      resultType: 'complete',
      supportedVersions: ['2026-07-28'],
      capabilities: { tools: { listChanged: true }, x: 1 },
      ttlMs: 0,
      cacheScope: 'private',
      _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'old', version: '1' } },
    });
    expect(rig.end.seen).toHaveLength(2);
  });

  it('is asked for a sign of life with a ping, to which any answer is one', async () => {
    await using rig = await session();
    expect(rig.connection.stateful).toBe(true);
    const stop = new AbortController();
    const check = rig.connection.check?.(stop.signal);
    expect(await rig.end.answer('"result":{}')).toBe('{"jsonrpc":"2.0","id":2,"method":"ping","params":{}}');
    await check;
    const again = rig.connection.check?.(stop.signal);
    await rig.end.answer('"error":{"code":-32601,"message":"what?"}');
    await again;
    const silent = rig.connection.check?.(stop.signal);
    await rig.end.next();
    stop.abort();
    await expect(silent).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await rig.end.next()).toBe('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":4}}');
    await expect(rig.connection.check?.(stop.signal)).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
  });

  it('takes the meta of this hop off a request, and gives its result what it needs', async () => {
    await using rig = await session();
    const meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': {},
      'com.example/x': 1,
      progressToken: 't',
    };
    const reply = rig.connection.service(testCall('tools/list', { params: { cursor: 'c', _meta: meta } }));
    expect(await rig.end.answer('"result":{"tools":[{"name":"a","n":1.0}]}')).toBe(
      '{"jsonrpc":"2.0","id":2,"method":"tools/list","params":{"cursor":"c","_meta":{"com.example/x":1}}}',
    );
    const { result, unhinted } = await reply;
    expect(result.value).toEqual({
      resultType: 'complete',
      tools: [{ name: 'a', n: 1 }],
      ttlMs: 0,
      cacheScope: 'private',
    });
    expect(unhinted).toBe(true);
    expect(result.text).toContain('{"name":"a","n":1.0}');
  });

  it.each(['ping', 'initialize', 'logging/setLevel', 'resources/subscribe', 'tasks/get'])(
    'passes no %s on',
    async (method) => {
      await using rig = await session();
      await expect(rig.connection.service(testCall(method))).rejects.toMatchObject({
        code: 'METHOD_UNKNOWN',
        facts: { method },
      });
      expect(rig.end.seen).toHaveLength(2);
    },
  );

  it('passes methods on that nobody here knows', async () => {
    await using rig = await session();
    const reply = rig.connection.service(testCall('com.example/do', { params: { a: 1 } }));
    expect(await rig.end.answer('"result":{}')).toBe(
      '{"jsonrpc":"2.0","id":2,"method":"com.example/do","params":{"a":1}}',
    );
    expect((await reply).result.value).toEqual({ resultType: 'complete' });
  });

  it('tells of a missing resource in the words of today', async () => {
    await using rig = await session();
    const reply = rig.connection.service(testCall('resources/read', { params: { uri: 'a:b' } }));
    await rig.end.answer('"error":{"code":-32002,"message":"Resource not found"}');
    const error: unknown = await reply.catch((thrown: unknown) => thrown);
    expect(error).toHaveProperty(
      'facts.error.text',
      '{"code":-32602,"message":"Resource not found","data":{"uri":"a:b"}}',
    );
  });

  it('answers a ping, and refuses what it does not know', async () => {
    await using rig = await session();
    rig.end.send('{"jsonrpc":"2.0","id":"p","method":"ping"}');
    expect(await rig.end.next()).toBe('{"jsonrpc":"2.0","id":"p","result":{}}');
    rig.end.send('{"jsonrpc":"2.0","id":"x","method":"tasks/get"}');
    expect(await rig.end.next()).toContain('"id":"x","error":{"code":-32601');
    expect(rig.end.lanes.at(-1)).toBe('"x"');
  });

  it('reports progress under the token of the caller', async () => {
    await using rig = await session();
    const call = testCall('tools/call', { params: { name: 'a' }, progressToken: 'mine' });
    const reply = rig.connection.service(call);
    expect(await rig.end.next()).toBe(
      '{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"a","_meta":{"progressToken":2}}}',
    );
    rig.end.send('{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":2,"progress":1}}');
    rig.end.send('{"jsonrpc":"2.0","id":2,"result":{}}');
    await reply;
    expect(call.notified).toEqual([
      { method: 'notifications/progress', params: { progressToken: 'mine', progress: 1 } },
    ]);
  });

  it('tells the server of a cancelled call', async () => {
    await using rig = await session();
    const call = testCall('tools/call');
    const reply = rig.connection.service(call);
    await rig.end.next();
    call.abort();
    await expect(reply).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await rig.end.next()).toBe('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2}}');
  });

  it('never cancels initialize', async () => {
    const [near, far] = createPipePair();
    const end = wireEnd(far);
    const abort = new AbortController();
    const connecting = connectLegacy(near, {
      upstream: 'old',
      clientInfo: { name: 't', version: '1' },
      wire: 'memory',
      signal: abort.signal,
    });
    await end.next();
    abort.abort();
    await expect(connecting).rejects.toMatchObject({ code: 'CANCELLED' });
    await vi.waitFor(() => expect(end.closed).toBe(true));
    expect(end.seen).toHaveLength(1);
  });
});

describe('the log level of a session', () => {
  const setLevel = (id: number, level: string): string =>
    `{"jsonrpc":"2.0","id":${id},"method":"logging/setLevel","params":{"level":"${level}"}}`;

  it('is the most verbose that calls in flight want, and is set before the call goes out', async () => {
    await using rig = await session('{"logging":{}}');
    const first = rig.connection.service(testCall('tools/call', { logLevel: 'warning' }));
    expect(await rig.end.answer('"result":{}')).toBe(setLevel(2, 'warning'));
    await rig.end.next();
    const second = rig.connection.service(testCall('tools/call', { logLevel: 'debug' }));
    expect(await rig.end.answer('"result":{}')).toBe(setLevel(4, 'debug'));
    await rig.end.next();
    const third = rig.connection.service(testCall('tools/call', { logLevel: 'error' }));
    expect(await rig.end.next()).toContain('"id":6,"method":"tools/call"');
    rig.end.send('{"jsonrpc":"2.0","id":5,"result":{}}');
    await second;
    expect(await rig.end.answer('"result":{}')).toBe(setLevel(7, 'warning'));
    rig.end.send('{"jsonrpc":"2.0","id":3,"result":{}}');
    rig.end.send('{"jsonrpc":"2.0","id":6,"result":{}}');
    await Promise.all([first, third]);
  });

  it('is left alone where the server has no logging, or no call wants messages', async () => {
    for (const [capabilities, logLevel] of [
      ['{}', 'debug'],
      ['{"logging":{}}', undefined],
    ] as const) {
      await using rig = await session(capabilities);
      const reply = rig.connection.service(testCall('tools/call', { logLevel }));
      expect(await rig.end.answer('"result":{}')).toContain('"method":"tools/call"');
      await reply;
    }
  });

  it('decides with the lane who gets a message', async () => {
    await using rig = await session();
    const calls = [
      testCall('tools/call', { logLevel: 'info' }),
      testCall('tools/call', { logLevel: 'info' }),
      testCall('tools/call'),
    ];
    const replies = calls.map((call) => rig.connection.service(call));
    for (const about of ['2', '3', '4', undefined]) {
      rig.end.send(
        `{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"${String(about)}"}}`,
        about,
      );
    }
    for (let n = 0; n < 3; n++) await rig.end.answer('"result":{}');
    await Promise.all(replies);
    expect(calls.map(({ notified }) => notified.map(({ params }) => params))).toEqual([
      [{ level: 'info', data: '2' }],
      [{ level: 'info', data: '3' }],
      [],
    ]);
  });
});

describe('subscriptions/listen', () => {
  const listen = (notifications: Readonly<Record<string, unknown>>): ReturnType<typeof testCall> =>
    testCall('subscriptions/listen', { params: { notifications } });
  const all = { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true };

  it('is acknowledged for what the server can tell, and fed from what it tells', async () => {
    await using rig = await session('{"tools":{"listChanged":true},"prompts":{},"resources":{"listChanged":true}}');
    const call = listen({ ...all, resourceSubscriptions: ['a:1'] });
    const other = listen({ resourcesListChanged: true });
    const replies = [rig.connection.service(call), rig.connection.service(other)];
    await vi.waitFor(() => expect(other.notified).toHaveLength(1));
    for (const list of ['tools', 'prompts', 'resources'])
      rig.end.send(`{"jsonrpc":"2.0","method":"notifications/${list}/list_changed"}`);
    await vi.waitFor(() => expect(other.notified).toHaveLength(2));
    expect(call.notified).toEqual([
      {
        method: 'notifications/subscriptions/acknowledged',
        params: { notifications: { toolsListChanged: true, resourcesListChanged: true } },
      },
      { method: 'notifications/tools/list_changed', params: {} },
      { method: 'notifications/resources/list_changed', params: {} },
    ]);
    call.abort();
    other.abort();
    await expect(replies[0]).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(replies[1]).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(rig.end.seen).toHaveLength(2);
  });

  it('subscribes to each resource once, and unsubscribes after the last', async () => {
    await using rig = await session('{"resources":{"subscribe":true}}');
    const [one, two] = [listen({ resourceSubscriptions: ['a:1', 'a:2'] }), listen({ resourceSubscriptions: ['a:1'] })];
    const replies = [rig.connection.service(one), rig.connection.service(two)].map((reply) =>
      expect(reply).rejects.toMatchObject({ code: 'CANCELLED' }),
    );
    expect(await rig.end.answer('"result":{}')).toBe(
      '{"jsonrpc":"2.0","id":2,"method":"resources/subscribe","params":{"uri":"a:1"}}',
    );
    expect(await rig.end.answer('"result":{}')).toBe(
      '{"jsonrpc":"2.0","id":3,"method":"resources/subscribe","params":{"uri":"a:2"}}',
    );
    await vi.waitFor(() => expect([one.notified.length, two.notified.length]).toEqual([1, 1]));
    expect(one.notified[0]?.params).toEqual({ notifications: { resourceSubscriptions: ['a:1', 'a:2'] } });
    rig.end.send('{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"a:2"}}');
    rig.end.send('{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"a:1/part"}}');
    await vi.waitFor(() => expect(two.notified).toHaveLength(2));
    expect(one.notified.slice(1).map(({ params }) => params)).toEqual([{ uri: 'a:2' }, { uri: 'a:1/part' }]);
    expect(two.notified.slice(1).map(({ params }) => params)).toEqual([{ uri: 'a:1/part' }]);
    one.abort();
    expect(await rig.end.answer('"result":{}')).toBe(
      '{"jsonrpc":"2.0","id":4,"method":"resources/unsubscribe","params":{"uri":"a:2"}}',
    );
    two.abort();
    expect(await rig.end.answer('"result":{}')).toBe(
      '{"jsonrpc":"2.0","id":5,"method":"resources/unsubscribe","params":{"uri":"a:1"}}',
    );
    await Promise.all(replies);
  });

  it('leaves out of the acknowledgement what the server refuses', async () => {
    await using rig = await session('{"resources":{"subscribe":true}}');
    const call = listen({ resourceSubscriptions: ['a:1'] });
    const reply = rig.connection.service(call).catch((error: unknown) => error);
    await rig.end.answer('"error":{"code":-32602,"message":"no"}');
    await vi.waitFor(() =>
      expect(call.notified).toEqual([
        { method: 'notifications/subscriptions/acknowledged', params: { notifications: {} } },
      ]),
    );
    call.abort();
    expect(await reply).toMatchObject({ code: 'CANCELLED' });
  });

  it('gives back what it got after it was ended', async () => {
    await using rig = await session('{"resources":{"subscribe":true}}');
    const call = listen({ resourceSubscriptions: ['a:1'] });
    const reply = rig.connection.service(call).catch((error: unknown) => error);
    await rig.end.next();
    call.abort();
    expect(await reply).toMatchObject({ code: 'CANCELLED' });
    rig.end.send('{"jsonrpc":"2.0","id":2,"result":{}}');
    expect(await rig.end.next()).toBe(
      '{"jsonrpc":"2.0","id":3,"method":"resources/unsubscribe","params":{"uri":"a:1"}}',
    );
    expect(call.notified).toEqual([]);
  });

  it('has a bound, and ends with the connection', async () => {
    await using rig = await session('{}', { maxInFlight: 1 });
    const reply = rig.connection.service(listen(all)).catch((error: unknown) => error);
    await expect(rig.connection.service(listen(all))).rejects.toMatchObject({ code: 'UPSTREAM_BUSY' });
    await rig.end.close();
    expect(await reply).toMatchObject({ code: 'UPSTREAM_CLOSED' });
  });
});
