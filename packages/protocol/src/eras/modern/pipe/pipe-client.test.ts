import { afterEach, describe, expect, it, vi } from 'vitest';
import { testCall } from '../../../testing/call.ts';
import { modern } from './testing/modern-server.ts';

const meta =
  '"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{},' +
  '"io.modelcontextprotocol/clientInfo":{"name":"toolyard","version":"1.0.0"}';

afterEach(() => {
  vi.useRealTimers();
});

describe('a call to a server of 2026-07-28 over a pipe', () => {
  it('is written with its own id and the meta of this hop, and its result passes verbatim', async () => {
    await using rig = await modern();
    const reply = rig.connection.service(
      testCall('tools/call', { params: { name: 'a', arguments: { n: 1 }, _meta: { 'com.example/x': 1 } } }),
    );
    const sent = await rig.end.answer('"result":{"resultType":"complete","content":[],"big":9007199254740993,"f":1.0}');
    expect(sent).toBe(
      `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"a","arguments":{"n":1},"_meta":{${meta},"com.example/x":1}}}`,
    );
    expect((await reply).result.text).toBe('{"resultType":"complete","content":[],"big":9007199254740993,"f":1.0}');
  });

  it('gets a result type where the server left it out', async () => {
    await using rig = await modern();
    const reply = rig.connection.service(testCall('tools/list'));
    await rig.end.answer('"result":{"tools":[]}');
    expect((await reply).result.text).toBe('{"resultType":"complete","tools":[]}');
  });

  it('finds its answer whatever the order', async () => {
    await using rig = await modern();
    const replies = ['a', 'b', 'c'].map((name) => rig.connection.service(testCall('tools/call', { params: { name } })));
    for (let n = 0; n < 3; n++) await rig.end.next();
    for (const id of [4, 2, 3])
      rig.end.send(`{"jsonrpc":"2.0","id":${id},"result":{"resultType":"complete","n":${id}}}`);
    expect((await Promise.all(replies)).map(({ result }) => result.value)).toEqual(
      [2, 3, 4].map((n) => ({ resultType: 'complete', n })),
    );
  });

  it('fails with the error of the server, verbatim', async () => {
    await using rig = await modern();
    const reply = rig.connection.service(testCall('tools/call'));
    await rig.end.answer('"error":{"code":-7,"message":"broken","data":{"n":1.0}}');
    const error: unknown = await reply.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'UPSTREAM_ERROR', message: 'broken' });
    expect(error).toHaveProperty('facts.error.text', '{"code":-7,"message":"broken","data":{"n":1.0}}');
  });

  it('hides what an error says about this hop, and names missing capabilities anew', async () => {
    await using rig = await modern();
    const version = rig.connection.service(testCall('tools/list'));
    await rig.end.answer('"error":{"code":-32022,"message":"no","data":{"supported":["2030-01-01"]}}');
    await expect(version).rejects.toMatchObject({ code: 'UPSTREAM_MALFORMED' });
    const capability = rig.connection.service(testCall('tools/list'));
    await rig.end.answer('"error":{"code":-32021,"message":"no","data":{"requiredCapabilities":{"sampling":{}}}}');
    await expect(capability).rejects.toMatchObject({
      code: 'CAPABILITY_REQUIRED',
      facts: { requiredCapabilities: { sampling: {} } },
    });
  });

  it('ignores answers to nothing, and a second answer', async () => {
    await using rig = await modern();
    const reply = rig.connection.service(testCall('tools/list'));
    rig.end.send('{"jsonrpc":"2.0","id":99,"result":{}}');
    rig.end.send('{"jsonrpc":"2.0","id":"2","result":{"resultType":"complete","wrong":true}}');
    await rig.end.answer('"result":{"resultType":"complete"}');
    rig.end.send('{"jsonrpc":"2.0","id":2,"error":{"code":1,"message":"again"}}');
    expect((await reply).result.text).toBe('{"resultType":"complete"}');
    const next = rig.connection.service(testCall('tools/list'));
    await rig.end.answer('"result":{"resultType":"complete"}');
    await next;
  });

  it('refuses requests of the server', async () => {
    await using rig = await modern();
    rig.end.send('{"jsonrpc":"2.0","id":"q","method":"elicitation/create","params":{}}');
    expect(await rig.end.next()).toBe(
      '{"jsonrpc":"2.0","id":"q","error":{"code":-32601,"message":"A server sends no requests in this revision.","data":{"code":"METHOD_UNKNOWN","method":"elicitation/create"}}}',
    );
  });
});

describe('progress', () => {
  it('is asked for with our own token only where the caller wants it, and comes back under the token of the caller', async () => {
    await using rig = await modern();
    const call = testCall('tools/call', {
      params: { name: 'a', _meta: { progressToken: 'mine' } },
      progressToken: 'mine',
    });
    const reply = rig.connection.service(call);
    expect(await rig.end.next()).toBe(
      `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"a","_meta":{${meta},"progressToken":2}}}`,
    );
    rig.end.send(
      '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":2,"progress":1.50,"x":1}}',
    );
    rig.end.send('{"jsonrpc":"2.0","id":2,"result":{"resultType":"complete"}}');
    await reply;
    expect(call.notified).toEqual([
      { method: 'notifications/progress', params: { progressToken: 'mine', progress: 1.5, x: 1 } },
    ]);
  });

  it('is dropped where it does not grow, is for nobody, or comes late', async () => {
    await using rig = await modern();
    const call = testCall('tools/call', { progressToken: 1 });
    const reply = rig.connection.service(call);
    for (const [token, progress] of [
      [2, 1],
      [2, 1],
      [2, 0],
      [3, 5],
      ['"2"', 6],
      [2, 2],
      [2, '"x"'],
    ]) {
      rig.end.send(
        `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":${token},"progress":${progress}}}`,
      );
    }
    rig.end.send('{"jsonrpc":"2.0","id":2,"result":{"resultType":"complete"}}');
    rig.end.send('{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":2,"progress":9}}');
    await reply;
    const next = rig.connection.service(testCall('tools/list'));
    await rig.end.next();
    await rig.end.answer('"result":{}');
    await next;
    expect(call.notified.map(({ params }) => params)).toEqual([
      { progressToken: 1, progress: 1 },
      { progressToken: 1, progress: 2 },
    ]);
  });
});

describe('log messages', () => {
  const message = (level: string): string =>
    `{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"${level}","data":1}}`;

  it('go to the only call that wants them, from its level on', async () => {
    await using rig = await modern();
    const wants = testCall('tools/call', { logLevel: 'warning' });
    const other = testCall('tools/call');
    const replies = [rig.connection.service(wants), rig.connection.service(other)];
    rig.end.send(message('info'));
    rig.end.send(message('error'));
    await rig.end.answer('"result":{}');
    await rig.end.answer('"result":{}');
    await Promise.all(replies);
    expect(wants.notified).toEqual([{ method: 'notifications/message', params: { level: 'error', data: 1 } }]);
    expect(other.notified).toEqual([]);
  });

  it('go to nobody where two calls want them, or another caller has a call in flight', async () => {
    await using rig = await modern();
    const calls = [testCall('tools/call', { logLevel: 'debug' }), testCall('tools/call', { logLevel: 'debug' })];
    const replies = calls.map((call) => rig.connection.service(call));
    rig.end.send(message('error'));
    await rig.end.answer('"result":{}');
    await rig.end.answer('"result":{}');
    await Promise.all(replies);

    const strangers = [
      testCall('tools/call', { logLevel: 'debug', principal: 'a' }),
      testCall('tools/call', { principal: 'b' }),
    ];
    const answers = strangers.map((call) => rig.connection.service(call));
    rig.end.send(message('error'));
    await rig.end.answer('"result":{}');
    await rig.end.answer('"result":{}');
    await Promise.all(answers);
    expect([...calls, ...strangers].flatMap(({ notified }) => notified)).toEqual([]);
  });
});

describe('subscriptions/listen', () => {
  const filter = { notifications: { toolsListChanged: true } };
  const stamped = (method: string, id: string): string =>
    `{"jsonrpc":"2.0","method":"${method}","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":${id}},"x":1}}`;

  it('is acknowledged first, and gets its own events without their stamp', async () => {
    await using rig = await modern();
    const calls = [
      testCall('subscriptions/listen', { params: filter }),
      testCall('subscriptions/listen', { params: filter }),
    ];
    const replies = calls.map((call) => rig.connection.service(call));
    rig.end.send(stamped('notifications/tools/list_changed', '2'));
    rig.end.send(stamped('notifications/subscriptions/acknowledged', '2'));
    rig.end.send(stamped('notifications/tools/list_changed', '2'));
    rig.end.send(stamped('notifications/tools/list_changed', '7'));
    rig.end.send('{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}');
    rig.end.send(
      '{"jsonrpc":"2.0","id":2,"result":{"resultType":"complete","_meta":{"io.modelcontextprotocol/subscriptionId":2}}}',
    );
    expect((await replies[0])?.result.text).toBe('{"resultType":"complete"}');
    expect(calls[0]?.notified).toEqual([
      { method: 'notifications/subscriptions/acknowledged', params: { x: 1 } },
      { method: 'notifications/tools/list_changed', params: { x: 1 } },
    ]);
    expect(calls[1]?.notified).toEqual([]);
    rig.end.send('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":3}}');
    expect((await replies[1])?.result.text).toBe('{"resultType":"complete"}');
  });

  it('has no timeout, and ends when its caller ends it', async () => {
    vi.useFakeTimers();
    await using rig = await modern();
    const call = testCall('subscriptions/listen', { params: filter });
    const reply = rig.connection.service(call);
    await rig.end.next();
    expect(vi.getTimerCount()).toBe(0);
    call.abort();
    await expect(reply).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await rig.end.next()).toBe('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2}}');
  });
});
