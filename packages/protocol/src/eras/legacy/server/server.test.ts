import { describe, expect, it, vi } from 'vitest';
import { ToolyardError } from '../../../errors/toolyard-error.ts';
import { createPipePair } from '../../../memory/pipe-pair.ts';
import { wireEnd } from '../../../testing/wire-end.ts';
import { RawObject } from '../../../wire/raw-object.ts';
import { serveLegacy } from './server.ts';
import { discovery, done, initialize, never, open, session } from './testing/old-client.ts';

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
