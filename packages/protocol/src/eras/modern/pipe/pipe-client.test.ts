import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Pipe } from '../../../pipe.ts';
import type { Connection } from '../../../transport.ts';
import { testCall } from '../../../testing/call.ts';
import { discoverResult, pipeSource } from '../../../testing/pipes.ts';
import type { WireEnd } from '../../../testing/wire-end.ts';
import { connectPipe } from '../../pipe/connect-pipe.ts';
import type { PipeConnectOptions } from '../../pipe/pipe-options.ts';

interface Rig extends AsyncDisposable {
  readonly connection: Connection;
  readonly end: WireEnd;
}

async function modern(options: Partial<PipeConnectOptions> = {}): Promise<Rig> {
  const source = pipeSource();
  const connecting = connectPipe(source.open, {
    upstream: 'files',
    clientInfo: { name: 'toolyard', version: '1.0.0' },
    wire: 'memory',
    ...options,
  });
  const end = await source.end();
  await end.answer(discoverResult);
  const connection = await connecting;
  return { connection, end, [Symbol.asyncDispose]: () => connection.close() };
}

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

describe('a call ends', () => {
  it('when its caller cancels: the server is told, and its late answer ignored', async () => {
    await using rig = await modern();
    const call = testCall('tools/call');
    const reply = rig.connection.service(call);
    await rig.end.next();
    call.abort('enough');
    await expect(reply).rejects.toMatchObject({ code: 'CANCELLED', cause: 'enough' });
    expect(await rig.end.next()).toBe('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2}}');
    rig.end.send('{"jsonrpc":"2.0","id":2,"result":{}}');
    const next = rig.connection.service(testCall('tools/list'));
    await rig.end.answer('"result":{}');
    await next;
  });

  it('before it is sent, when it was cancelled before', async () => {
    await using rig = await modern();
    const call = testCall('tools/call');
    call.abort();
    await expect(rig.connection.service(call)).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(rig.end.seen).toHaveLength(1);
  });

  it('after silence: the server is told', async () => {
    vi.useFakeTimers();
    await using rig = await modern();
    const reply = rig.connection.service(testCall('tools/call'));
    const failed = reply.catch((error: unknown) => error);
    await rig.end.next();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await failed).toMatchObject({
      code: 'UPSTREAM_TIMEOUT',
      facts: { upstream: 'files', method: 'tools/call', afterMs: 60_000 },
    });
    expect(await rig.end.next()).toBe(
      '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2,"reason":"timeout"}}',
    );
    expect(vi.getTimerCount()).toBe(0);
  });

  it('later where progress is reported, but not later than the bound on the whole', async () => {
    vi.useFakeTimers();
    await using rig = await modern({ timeoutMs: 100, maxTimeoutMs: 250 });
    const reply = rig.connection.service(testCall('tools/call', { progressToken: 1 }));
    const failed = reply.catch((error: unknown) => error);
    for (let progress = 1; progress <= 3; progress++) {
      await vi.advanceTimersByTimeAsync(80);
      rig.end.send(
        `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":2,"progress":${progress}}}`,
      );
    }
    await vi.advanceTimersByTimeAsync(9);
    expect(rig.end.seen).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(await failed).toMatchObject({ code: 'UPSTREAM_TIMEOUT', facts: { afterMs: 250 } });
  });

  it('at its deadline', async () => {
    vi.useFakeTimers();
    await using rig = await modern();
    const reply = rig.connection.service(testCall('tools/call', { deadlineMs: performance.now() + 30 }));
    const failed = reply.catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(30);
    expect(await failed).toMatchObject({ code: 'UPSTREAM_TIMEOUT', facts: { afterMs: 30 } });
  });

  it('when the pipe does: all calls fail, and so does each one after', async () => {
    await using rig = await modern();
    const replies = [1, 2].map(() => rig.connection.service(testCall('tools/call')));
    const failed = Promise.all(
      replies.map((reply) =>
        expect(reply).rejects.toMatchObject({ code: 'UPSTREAM_CLOSED', facts: { upstream: 'files' } }),
      ),
    );
    await rig.end.next();
    await rig.end.close();
    await failed;
    expect(await rig.connection.closed).toMatchObject({ code: 'CLOSED', facts: { what: 'pipe' } });
    await expect(rig.connection.service(testCall('tools/list'))).rejects.toMatchObject({ code: 'UPSTREAM_CLOSED' });
  });

  it('when the connection is closed, twice if need be: the server is told', async () => {
    const rig = await modern();
    const reply = rig.connection.service(testCall('tools/call')).catch((error: unknown) => error);
    await rig.end.next();
    await Promise.all([rig.connection.close(), rig.connection.close()]);
    expect(await reply).toMatchObject({ code: 'CLOSED', facts: { what: 'files' } });
    await vi.waitFor(() => expect(rig.end.closed).toBe(true));
    expect(rig.end.seen.at(-1)).toBe('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2}}');
    expect(await rig.connection.closed).toBeUndefined();
    await expect(rig.connection.service(testCall('tools/list'))).rejects.toMatchObject({ code: 'CLOSED' });
  });

  it('leaves no timer and no listener behind', async () => {
    vi.useFakeTimers();
    await using rig = await modern();
    const call = testCall('tools/call');
    const added = vi.spyOn(call.signal, 'addEventListener');
    const removed = vi.spyOn(call.signal, 'removeEventListener');
    const reply = rig.connection.service(call);
    expect(vi.getTimerCount()).toBe(1);
    await rig.end.answer('"result":{}');
    await reply;
    expect(vi.getTimerCount()).toBe(0);
    expect(removed.mock.calls.length).toBe(added.mock.calls.length);
  });
});

describe('a connection', () => {
  it('takes no more calls at once than it may', async () => {
    await using rig = await modern({ maxInFlight: 2 });
    const replies = [1, 2].map(() => rig.connection.service(testCall('tools/call')));
    await expect(rig.connection.service(testCall('tools/call'))).rejects.toMatchObject({
      code: 'UPSTREAM_BUSY',
      facts: { upstream: 'files', limit: 2 },
    });
    await rig.end.answer('"result":{}');
    await rig.end.answer('"result":{}');
    await Promise.all(replies);
    const next = rig.connection.service(testCall('tools/call'));
    await rig.end.answer('"result":{}');
    await next;
  });

  it('takes no more calls for a server that does not read, and gives one up that wants answers all the same', async () => {
    const sends: Uint8Array[] = [];
    let receive: ((message: string) => void) | undefined;
    let closes = 0;
    const hung: Pipe = {
      send(message) {
        sends.push(message);
        return sends.length === 1 ? Promise.resolve() : new Promise(() => {});
      },
      start(receiver) {
        receive = (message) => void receiver.message(new TextEncoder().encode(message));
      },
      close: async () => void closes++,
    };
    const connecting = connectPipe(() => Promise.resolve(hung), {
      upstream: 'files',
      clientInfo: { name: 't', version: '1' },
      wire: 'memory',
    });
    await vi.waitFor(() => expect(sends).toHaveLength(1));
    receive?.(`{"jsonrpc":"2.0","id":1,${discoverResult}}`);
    await using connection = await connecting;
    const big = 'x'.repeat(33 * 1024 * 1024);
    const replies = [1, 2].map(() =>
      connection.service(testCall('tools/call', { params: { big } })).catch((error: unknown) => error),
    );
    await expect(connection.service(testCall('tools/list'))).rejects.toMatchObject({ code: 'UPSTREAM_BUSY' });
    expect(sends).toHaveLength(3);
    const ask = `{"jsonrpc":"2.0","id":"${'x'.repeat(1_000)}","method":"ping"}`;
    for (let n = 0; n < 65_000; n++) receive?.(ask);
    expect(closes).toBeGreaterThan(0);
    expect(await connection.closed).toMatchObject({
      code: 'UPSTREAM_MALFORMED',
      facts: { reason: 'it does not read what it is sent' },
    });
    expect(await Promise.all(replies)).toEqual([
      expect.objectContaining({ code: 'UPSTREAM_MALFORMED' }),
      expect.objectContaining({ code: 'UPSTREAM_MALFORMED' }),
    ]);
  });

  it('survives lines that are no messages, logs them, and is closed by the hundredth', async () => {
    const lines: string[] = [];
    await using rig = await modern({ onLog: (line) => lines.push(line) });
    rig.end.send('Server listening on stdio');
    const reply = rig.connection.service(testCall('tools/list'));
    await rig.end.answer('"result":{}');
    await reply;
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^not a JSON-RPC message: /);
    for (let n = 1; n < 100; n++) rig.end.send('more of that');
    expect(await rig.connection.closed).toMatchObject({ code: 'UPSTREAM_MALFORMED' });
    await vi.waitFor(() => expect(rig.end.closed).toBe(true));
    expect(lines).toHaveLength(100);
  });

  it.each([
    ['is no result', '{"jsonrpc":"2.0","id":2,"result":5}'],
    ['has two outcomes', '{"jsonrpc":"2.0","id":2,"result":{},"error":{"code":1,"message":""}}'],
    ['has no version', '{"id":2,"result":{}}'],
    ['has an error without a code', '{"jsonrpc":"2.0","id":2,"error":{"message":"x"}}'],
  ])('fails one call where its answer %s', async (_, answer) => {
    await using rig = await modern();
    const replies = [1, 2].map(() => rig.connection.service(testCall('tools/call')));
    rig.end.send(answer);
    await expect(replies[0]).rejects.toMatchObject({ code: 'UPSTREAM_MALFORMED', facts: { upstream: 'files' } });
    rig.end.send('{"jsonrpc":"2.0","id":3,"result":{"resultType":"complete"}}');
    await replies[1];
  });

  it('fails one call where its answer is too large', async () => {
    await using rig = await modern({ maxMessageBytes: 300 });
    const replies = [1, 2].map(() => rig.connection.service(testCall('tools/call')));
    rig.end.send(`{"jsonrpc":"2.0","id":2,"result":{"x":"${'x'.repeat(300)}"}}`);
    await expect(replies[0]).rejects.toMatchObject({ code: 'UPSTREAM_MALFORMED' });
    rig.end.send('{"jsonrpc":"2.0","id":3,"result":{"resultType":"complete"}}');
    await replies[1];
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
