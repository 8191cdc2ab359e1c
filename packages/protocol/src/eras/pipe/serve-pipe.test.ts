import { afterEach, describe, expect, it, vi } from 'vitest';
import { ToolyardError } from '../../errors/toolyard-error.ts';
import { createPipePair } from '../../memory/pipe-pair.ts';
import type { Reply } from '../../reply.ts';
import type { Service } from '../../service.ts';
import { held, modernMeta, serveRig } from '../../testing/serve.ts';
import { RawObject } from '../../wire/raw-object.ts';
import { servePipe } from './serve-pipe.ts';

const stamp = '"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"toolyard","version":"1.0.0"}}';

const done: Reply = { result: RawObject.of({ resultType: 'complete' }) };
const never: Service = () => new Promise(() => {});

afterEach(() => {
  vi.useRealTimers();
});

it('every call by a pipe, of any revision, has the session of that pipe, which no other has', async () => {
  const { service, calls } = held();
  await using one = serveRig(service);
  await using other = serveRig(service);
  const initialize = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"c","version":"1"}}}`;
  one.end.send(initialize);
  for (const id of [2, 3]) one.end.send(`{"jsonrpc":"2.0","id":${id},"method":"tools/list","params":{${modernMeta}}}`);
  other.end.send(`{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{${modernMeta}}}`);
  await vi.waitFor(() => expect(calls).toHaveLength(4));
  const sessions = calls.map(({ caller }) => caller.session);
  expect(sessions.every((session) => session !== undefined && session.length <= 64)).toBe(true);
  expect([new Set(sessions).size, calls.filter(({ caller }) => caller.session === sessions[0])]).toEqual([
    2,
    expect.objectContaining({ length: 3 }),
  ]);
});

describe('a request of 2026-07-28', () => {
  it('becomes a call, and its result passes verbatim but for the stamp', async () => {
    const { service, calls, replies } = held();
    await using rig = serveRig(service, { principal: 'ada', tenant: 'acme' });
    rig.end.send(
      '{"jsonrpc":"2.0","id":"\\u0061","method":"tools/call","params":{"name":"x","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",' +
        '"io.modelcontextprotocol/clientCapabilities":{"roots":{}},"io.modelcontextprotocol/clientInfo":{"name":"c"},"progressToken":"t","io.modelcontextprotocol/logLevel":"error"}}}',
    );
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    const [call] = calls;
    expect(call).toMatchObject({ method: 'tools/call', progressToken: 't', logLevel: 'error', deadlineMs: undefined });
    expect(call?.caller).toMatchObject({ principal: 'ada', tenant: 'acme' });
    expect([call?.caller.capabilities.text, call?.caller.clientInfo?.text, call?.params.string('name')]).toEqual([
      '{"roots":{}}',
      '{"name":"c"}',
      'x',
    ]);
    replies[0]?.resolve({
      result: RawObject.read(new TextEncoder().encode('{"resultType":"complete","n":1.0,"b":9007199254740993}')),
    });
    expect(await rig.end.next()).toBe(
      `{"jsonrpc":"2.0","id":"\\u0061","result":{"resultType":"complete","n":1.0,"b":9007199254740993,${stamp}}}`,
    );
  });

  it('is from anonymous of the default tenant where nobody was authenticated', async () => {
    const { service, calls } = held();
    await using rig = serveRig(service);
    rig.end.send(`{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{${modernMeta}}}`);
    await vi.waitFor(() =>
      expect(calls[0]?.caller).toMatchObject({ principal: 'anonymous', tenant: 'default', clientInfo: undefined }),
    );
  });

  it.each([
    ['names no version', '{"_meta":{"io.modelcontextprotocol/clientCapabilities":{}}}', -32602, 'META_MISSING'],
    ['has no meta at all', '{}', -32602, 'META_MISSING'],
    [
      'has no capabilities',
      '{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}',
      -32602,
      'META_MISSING',
    ],
    [
      'names an unknown version',
      '{"_meta":{"io.modelcontextprotocol/protocolVersion":"2031-01-01","io.modelcontextprotocol/clientCapabilities":{}}}',
      -32022,
      'VERSION_UNSUPPORTED',
    ],
    [
      'has a log level that is none',
      '{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{},"io.modelcontextprotocol/logLevel":"loud"}}',
      -32602,
      'INVALID_PARAMS',
    ],
  ])('is refused where it %s', async (_, params, code, name) => {
    await using rig = serveRig(never);
    rig.end.send(`{"jsonrpc":"2.0","id":1,"method":"tools/list","params":${params}}`);
    const reply: unknown = JSON.parse(await rig.end.next());
    expect(reply).toMatchObject({ id: 1, error: { code, data: { code: name } } });
  });

  it.each(['initialize', 'ping', 'logging/setLevel', 'resources/subscribe'])(
    'is refused where its method was removed: %s',
    async (method) => {
      await using rig = serveRig(never);
      rig.end.send(`{"jsonrpc":"2.0","id":1,"method":"${method}","params":{${modernMeta}}}`);
      expect(JSON.parse(await rig.end.next())).toMatchObject({ id: 1, error: { code: -32601 } });
    },
  );

  it('fails with what the service throws, and with nothing of what it did not mean to tell', async () => {
    const errors = [new ToolyardError('TOOL_UNKNOWN', { tool: 'x', nearest: [] }, 'No tool x.'), new Error('secret')];
    await using rig = serveRig(() => Promise.reject(errors.shift()));
    rig.end.send(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{${modernMeta}}}`);
    expect(await rig.end.next()).toBe(
      '{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"No tool x.","data":{"code":"TOOL_UNKNOWN","tool":"x","nearest":[]}}}',
    );
    rig.end.send(`{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{${modernMeta}}}`);
    expect(await rig.end.next()).toBe(
      '{"jsonrpc":"2.0","id":2,"error":{"code":-32603,"message":"Internal error.","data":{"code":"INTERNAL"}}}',
    );
  });

  it('fails also where the service throws instead of rejecting', async () => {
    await using rig = serveRig(() => {
      throw new Error('at once');
    });
    rig.end.send(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{${modernMeta}}}`);
    expect(JSON.parse(await rig.end.next())).toMatchObject({ id: 1, error: { code: -32603 } });
  });

  it('gets its notifications before its reply, in its lane, and none after', async () => {
    let late: Promise<void> | undefined;
    await using rig = serveRig(async (call) => {
      await call.notify({ method: 'notifications/progress', params: RawObject.of({ progressToken: 1, progress: 1 }) });
      setImmediate(() => {
        late = call.notify({
          method: 'notifications/progress',
          params: RawObject.of({ progressToken: 1, progress: 2 }),
        });
      });
      return done;
    });
    rig.end.send(`{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{${modernMeta}}}`);
    expect(await rig.end.next()).toBe(
      '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":1}}',
    );
    expect(await rig.end.next()).toBe(`{"jsonrpc":"2.0","id":7,"result":{"resultType":"complete",${stamp}}}`);
    expect(rig.end.lanes).toEqual(['7', '7']);
    await vi.waitFor(() => expect(late).toBeDefined());
    await late;
    expect(rig.end.seen).toHaveLength(2);
  });

  it('is aborted by a cancellation, and not answered', async () => {
    const { service, calls, replies } = held();
    await using rig = serveRig(service);
    rig.end.send(`{"jsonrpc":"2.0","id":1.0,"method":"tools/call","params":{${modernMeta}}}`);
    rig.end.send('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1,"reason":"bored"}}');
    await vi.waitFor(() => expect(calls[0]?.signal.aborted).toBe(true));
    expect(calls[0]?.signal.reason).toMatchObject({ code: 'CANCELLED', facts: { reason: 'bored' } });
    replies[0]?.resolve(done);
    rig.end.send(`{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{${modernMeta}}}`);
    await vi.waitFor(() => expect(replies).toHaveLength(2));
    replies[1]?.resolve(done);
    expect(await rig.end.next()).toContain('"id":2');
  });

  it('may not take an id that is in flight, nor be one too many', async () => {
    const { service, replies } = held();
    await using rig = serveRig(service, { maxInFlight: 1 });
    rig.end.send(`{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{${modernMeta}}}`);
    rig.end.send(`{"jsonrpc":"2.0","id":"\\u0061","method":"tools/call","params":{${modernMeta}}}`);
    expect(JSON.parse(await rig.end.next())).toMatchObject({ id: 'a', error: { code: -32600 } });
    rig.end.send(`{"jsonrpc":"2.0","id":"b","method":"tools/call","params":{${modernMeta}}}`);
    expect(JSON.parse(await rig.end.next())).toMatchObject({
      id: 'b',
      error: { data: { code: 'TOO_MANY_CALLS', limit: 1 } },
    });
    replies[0]?.resolve(done);
    expect(JSON.parse(await rig.end.next())).toMatchObject({ id: 'a', result: {} });
    rig.end.send(`{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{${modernMeta}}}`);
    await vi.waitFor(() => expect(replies).toHaveLength(2));
  });

  it('is aborted where its caller does not read', async () => {
    const { service, calls } = held();
    const [near, far] = createPipePair({ highWaterBytes: 10 });
    const unread = Promise.withResolvers<void>();
    const seen: string[] = [];
    far.start({
      message(bytes) {
        seen.push(new TextDecoder().decode(bytes));
        return unread.promise;
      },
      closed() {},
    });
    await using serving = servePipe(near, service, { serverInfo: { name: 't', version: '1' }, maxPendingBytes: 1_000 });
    await far.send(new TextEncoder().encode(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{${modernMeta}}}`));
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    const [call] = calls;
    const params = RawObject.of({ data: 'x'.repeat(300) });
    for (let n = 0; n < 3 && call?.signal.aborted === false; n++)
      void call.notify({ method: 'notifications/message', params });
    expect(call?.signal.reason).toMatchObject({ code: 'CALLER_TOO_SLOW', facts: { limitBytes: 1_000 } });
    unread.resolve();
    await vi.waitFor(() => expect(seen.at(-1)).toContain('CALLER_TOO_SLOW'));
    expect(serving).toBeDefined();
  });

  it('is read no further while the client leaves replies unread', async () => {
    const [near, far] = createPipePair({ highWaterBytes: 10 });
    const unread = Promise.withResolvers<void>();
    far.start({ message: () => unread.promise, closed() {} });
    let calls = 0;
    const service: Service = () => {
      calls++;
      return Promise.resolve({ result: RawObject.of({ resultType: 'complete', data: 'x'.repeat(600) }) });
    };
    await using serving = servePipe(near, service, { serverInfo: { name: 't', version: '1' }, maxPendingBytes: 1_000 });
    const sent = (async () => {
      for (let id = 0; id < 20; id++)
        await far.send(
          new TextEncoder().encode(`{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{${modernMeta}}}`),
        );
    })();
    await vi.waitFor(() => expect(calls).toBeGreaterThan(1));
    await new Promise((resolve) => setImmediate(resolve));
    expect(calls).toBeLessThan(6);
    unread.resolve();
    await sent;
    await vi.waitFor(() => expect(calls).toBe(20));
    expect(serving).toBeDefined();
  });
});

describe('a message that is none', () => {
  it.each([
    ['no JSON', 'hello', '{"jsonrpc":"2.0","error":{"code":-32700,'],
    ['a batch', '[]', '{"jsonrpc":"2.0","error":{"code":-32600,'],
    [
      'a request with a null id',
      '{"jsonrpc":"2.0","id":null,"method":"ping"}',
      '{"jsonrpc":"2.0","error":{"code":-32600,',
    ],
    ['a request without a version', '{"id":5,"method":"ping"}', '{"jsonrpc":"2.0","id":5,"error":{"code":-32600,'],
    [
      'a request with a member twice',
      '{"jsonrpc":"2.0","id":5,"method":"tools/list","params":{"_meta":{},"_meta":{}}}',
      '{"jsonrpc":"2.0","id":5,"error":{"code":-32600,',
    ],
    [
      'too large',
      `{"jsonrpc":"2.0","id":5,"method":"ping","params":{"x":"${'x'.repeat(1_000)}"}}`,
      '{"jsonrpc":"2.0","id":5,"error":{"code":1001,',
    ],
  ])('is answered with an error: %s', async (_, message, start) => {
    await using rig = serveRig(never, { maxMessageBytes: 1_000 });
    rig.end.send(message);
    expect((await rig.end.next()).slice(0, start.length)).toBe(start);
  });

  it('is not answered where it is an answer itself', async () => {
    await using rig = serveRig(never);
    rig.end.send('{"jsonrpc":"2.0","id":5,"result":7}');
    rig.end.send('{"jsonrpc":"2.0","id":5,"result":{}}');
    rig.end.send('{"jsonrpc":"2.0","error":{"code":-32700,"message":"Parse error"}}');
    rig.end.send('{"jsonrpc":"2.0","id":6,"method":"ping"}');
    expect(await rig.end.next()).toBe('{"jsonrpc":"2.0","id":6,"result":{}}');
  });
});

describe('subscriptions/listen', () => {
  const id = '"io.modelcontextprotocol/subscriptionId"';
  const listen = `{"jsonrpc":"2.0","id":"s","method":"subscriptions/listen","params":{"notifications":{"toolsListChanged":true},${modernMeta}}}`;

  it('sends nothing before the acknowledgement, and stamps everything', async () => {
    const { service, calls, replies } = held();
    await using rig = serveRig(service);
    rig.end.send(listen);
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    const [call] = calls;
    await call?.notify({ method: 'notifications/tools/list_changed', params: RawObject.empty });
    await call?.notify({
      method: 'notifications/subscriptions/acknowledged',
      params: RawObject.of({ notifications: { toolsListChanged: true } }),
    });
    await call?.notify({ method: 'notifications/tools/list_changed', params: RawObject.empty });
    replies[0]?.resolve(done);
    expect([await rig.end.next(), await rig.end.next(), await rig.end.next()]).toEqual([
      `{"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{"notifications":{"toolsListChanged":true},"_meta":{${id}:"s"}}}`,
      `{"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":{"_meta":{${id}:"s"}}}`,
      `{"jsonrpc":"2.0","id":"s","result":{"resultType":"complete","_meta":{"io.modelcontextprotocol/serverInfo":{"name":"toolyard","version":"1.0.0"},${id}:"s"}}}`,
    ]);
  });

  it('ends with a result when the server closes', async () => {
    const { service, calls } = held();
    await using rig = serveRig(service);
    rig.end.send(listen);
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    await rig.serving.close();
    expect(await rig.end.next()).toBe(
      `{"jsonrpc":"2.0","id":"s","result":{"resultType":"complete","_meta":{"io.modelcontextprotocol/serverInfo":{"name":"toolyard","version":"1.0.0"},${id}:"s"}}}`,
    );
    expect(calls[0]?.signal.aborted).toBe(true);
  });
});

describe('two eras on one pipe', () => {
  it('interleave', async () => {
    await using rig = serveRig((call) =>
      Promise.resolve({
        result: RawObject.of({
          resultType: 'complete',
          capabilities: {},
          method: call.method,
          era: call.caller.clientInfo === undefined ? 'modern' : 'legacy',
        }),
      }),
    );
    rig.end.send(
      '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"c","version":"1"}}}',
    );
    expect(await rig.end.next()).toContain('"protocolVersion":"2025-06-18"');
    rig.end.send('{"jsonrpc":"2.0","id":2,"method":"tools/list"}');
    expect(await rig.end.next()).toBe(
      '{"jsonrpc":"2.0","id":2,"result":{"capabilities":{},"method":"tools/list","era":"legacy"}}',
    );
    rig.end.send(`{"jsonrpc":"2.0","id":3,"method":"tools/list","params":{${modernMeta}}}`);
    expect(await rig.end.next()).toBe(
      `{"jsonrpc":"2.0","id":3,"result":{"resultType":"complete","capabilities":{},"method":"tools/list","era":"modern",${stamp}}}`,
    );
  });

  it('and before either, a ping is answered', async () => {
    await using rig = serveRig(never);
    rig.end.send('{"jsonrpc":"2.0","id":1,"method":"ping"}');
    expect(await rig.end.next()).toBe('{"jsonrpc":"2.0","id":1,"result":{}}');
  });
});
