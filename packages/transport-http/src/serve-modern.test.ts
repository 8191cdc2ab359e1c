import { once } from 'node:events';
import { type Call, type Listener, RawObject, type Service, ToolyardError } from '@toolyard/protocol';
import { describe, expect, it } from 'vitest';
import type { HttpServeOptions } from './options.ts';
import { serverInfo, serviceOf, textReply } from './testing/calls.ts';
import { ask, messagesIn, modernHeaders, modernMeta, modernRequest, socketTo } from './testing/raw-http.ts';
import { httpTransport } from './transport.ts';

function serve(service: Service = serviceOf({ echo: echo }), options: Partial<HttpServeOptions> = {}): Promise<Listener> {
  return httpTransport().serve(service, { serverInfo, ...options });
}

function echo(call: Call) {
  return textReply(call.params.object('arguments')?.string('text') ?? '');
}

const echoCall = modernRequest('tools/call', { name: 'echo', arguments: { text: 'hi' } });

describe('a request of 2026-07-28', () => {
  it('is answered with JSON of known length', async () => {
    await using listener = await serve();
    const answer = await ask(listener.address, echoCall);
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('application/json');
    expect(answer.headers['content-length']).toBe(String(Buffer.byteLength(answer.body)));
    expect(answer.body).toBe(
      '{"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","content":[{"type":"text","text":"hi"}],' +
        '"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"server","version":"1.0.0"}}}}',
    );
  });

  it('keeps the spelling of its id', async () => {
    await using listener = await serve();
    const body = JSON.stringify(echoCall.body).replace('"id":1', '"id":"\\u0061 \\"b\\""');
    expect((await ask(listener.address, { ...echoCall, body })).body).toContain('"id":"\\u0061 \\"b\\"","result"');
  });

  it('carries odd members and big numbers through, byte for byte', async () => {
    const odd = '{"resultType":"complete","content":[{"type":"x","big":9007199254740993,"f":1.0,"huge":1e400,"esc":"\\u00e9\\/"}],"_meta":{"io.modelcontextprotocol/serverInfo":{}}}';
    let seen = '';
    await using listener = await serve(async (call) => {
      seen = call.params.member('arguments')?.text ?? '';
      return { result: RawObject.read(Buffer.from(odd)) };
    });
    const args = '{"n":1.0,"b":9007199254740993,"s":"\\u0041"}';
    const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":${args},"_meta":${JSON.stringify(modernMeta)}}}`;
    const answer = await ask(listener.address, { ...echoCall, body });
    expect(seen).toBe(args);
    expect(answer.body).toBe(`{"jsonrpc":"2.0","id":1,"result":${odd}}`);
  });

  it('becomes an event stream with the first notification, which says not to buffer', async () => {
    await using listener = await serve(
      serviceOf({
        async steps(call) {
          await call.notify({ method: 'notifications/progress', params: RawObject.of({ progressToken: call.progressToken, progress: 1 }) });
          return textReply('done');
        },
      }),
    );
    const request = modernRequest('tools/call', { name: 'steps' });
    const body = { jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name: 'steps', _meta: { ...modernMeta, progressToken: 'p' } } };
    const answer = await ask(listener.address, { ...request, body });
    expect(answer.headers['content-type']).toBe('text/event-stream');
    expect(answer.headers['x-accel-buffering']).toBe('no');
    expect(messagesIn(answer.body)).toEqual([
      { jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 'p', progress: 1 } },
      { jsonrpc: '2.0', id: 7, result: expect.objectContaining({ content: [{ type: 'text', text: 'done' }] }) },
    ]);
  });

  it('gets no log messages and no progress that it did not ask for', async () => {
    await using listener = await serve(
      serviceOf({
        async chatty(call) {
          await call.notify({ method: 'notifications/message', params: RawObject.of({ level: 'error', data: 'x' }) });
          await call.notify({ method: 'notifications/progress', params: RawObject.of({ progressToken: 1, progress: 1 }) });
          return textReply('done');
        },
      }),
    );
    expect((await ask(listener.address, modernRequest('tools/call', { name: 'chatty' }))).headers['content-type']).toBe('application/json');
  });

  it('is answered in JSON alone where the client takes nothing else', async () => {
    await using listener = await serve(
      serviceOf({
        async steps(call) {
          await call.notify({ method: 'notifications/progress', params: RawObject.of({ progressToken: 1, progress: 1 }) });
          return textReply('done');
        },
      }),
    );
    const body = { jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name: 'steps', _meta: { ...modernMeta, progressToken: 1 } } };
    const headers = modernHeaders('tools/call', { 'mcp-name': 'steps', accept: 'application/json' });
    expect((await ask(listener.address, { headers, body })).json.result).toBeDefined();
  });
});

describe('what is not in order is refused', () => {
  const cases: readonly [string, Parameters<typeof ask>[1], number, number | undefined][] = [
    ['a body that is not JSON', { ...echoCall, body: '{"jsonrpc":' }, 400, -32700],
    ['a batch', { ...echoCall, body: '[]' }, 400, -32600],
    ['a body that is no JSON-RPC', { ...echoCall, body: '{"id":1}' }, 400, -32600],
    ['a version header that differs from the body', { ...echoCall, headers: { ...echoCall.headers, 'mcp-protocol-version': '2027-01-01' } }, 400, -32020],
    ['a missing method header', { ...echoCall, headers: without('mcp-method') }, 400, -32020],
    ['a method header that differs from the body', modernRequest('tools/call', { name: 'echo' }, { 'mcp-method': 'tools/list' }), 400, -32020],
    ['a name header that differs from the body', modernRequest('tools/call', { name: 'echo' }, { 'mcp-name': 'other' }), 400, -32020],
    ['a missing name header', { ...echoCall, headers: without('mcp-name') }, 400, -32020],
    ['no _meta under a modern header', { headers: modernHeaders('server/discover'), body: { jsonrpc: '2.0', id: 1, method: 'server/discover' } }, 400, -32602],
    ['an unknown method', modernRequest('unknown/method'), 404, -32601],
    ['initialize with the _meta of this revision', modernRequest('initialize'), 404, -32601],
    ['a body of another type', { ...echoCall, headers: { ...echoCall.headers, 'content-type': 'text/plain' } }, 415, undefined],
    ['a client that takes neither JSON nor events', { ...echoCall, headers: { ...echoCall.headers, accept: 'text/html' } }, 406, undefined],
    ['a subscription without a stream', modernRequest('subscriptions/listen', {}, { accept: 'application/json' }), 406, undefined],
    ['GET without a session', { method: 'GET', headers: { accept: 'text/event-stream' } }, 405, undefined],
    ['DELETE without a session', { method: 'DELETE' }, 405, undefined],
    ['PUT', { ...echoCall, method: 'PUT' }, 405, undefined],
    ['another path', { ...echoCall, path: '/other' }, 404, undefined],
    ['a message that is too large', { ...echoCall, body: `{"x":"${'x'.repeat(5_000)}"}` }, 413, undefined],
    ['a host that is not ours', { ...echoCall, headers: { ...echoCall.headers, host: 'evil.example.com' } }, 403, undefined],
    ['a page that is not ours', { ...echoCall, headers: { ...echoCall.headers, origin: 'http://evil.example.com' } }, 403, undefined],
    ['a page whose name begins like ours', { ...echoCall, headers: { ...echoCall.headers, origin: 'http://localhost.evil.example.com' } }, 403, undefined],
  ];

  function without(name: string): Record<string, string> {
    const { [name]: _, ...rest } = echoCall.headers ?? {};
    return rest;
  }

  it.each(cases)('%s', async (_, request, status, code) => {
    await using listener = await serve(undefined, { maxMessageBytes: 4_096 });
    const answer = await ask(listener.address, request);
    expect(answer.status).toBe(status);
    if (code !== undefined) expect(answer.json.error?.code).toBe(code);
    else expect(answer.json.error).toBeDefined();
  });

  it('with the versions that are spoken where the one asked for is not', async () => {
    await using listener = await serve();
    const body = { jsonrpc: '2.0', id: 301, method: 'server/discover', params: { _meta: { ...modernMeta, 'io.modelcontextprotocol/protocolVersion': 'v999.0.0' } } };
    const answer = await ask(listener.address, { headers: modernHeaders('server/discover', { 'mcp-protocol-version': 'v999.0.0' }), body });
    expect(answer.status).toBe(400);
    expect(answer.json).toMatchObject({ id: 301, error: { code: -32022, data: { supported: ['2026-07-28'], requested: 'v999.0.0' } } });
  });

  it('with the capabilities that are missing, as HTTP 400', async () => {
    await using listener = await serve(() => {
      throw new ToolyardError('CAPABILITY_REQUIRED', { requiredCapabilities: { sampling: {} } }, 'needs sampling');
    });
    const answer = await ask(listener.address, echoCall);
    expect(answer.status).toBe(400);
    expect(answer.json.error).toMatchObject({ code: -32021, data: { requiredCapabilities: { sampling: {} } } });
  });

  it('without telling what went wrong inside', async () => {
    await using listener = await serve(() => Promise.reject(new Error('secret')));
    const answer = await ask(listener.address, echoCall);
    expect(answer.status).toBe(500);
    expect(answer.body).not.toContain('secret');
  });
});

describe('what is in order is taken', () => {
  it.each([
    ['localhost', { host: 'localhost:80' }],
    ['the IPv6 loopback', { host: '[::1]:1234' }],
    ['a page of this machine', { origin: 'http://localhost:3000' }],
    ['a media type with parameters', { 'content-type': 'application/json; charset=utf-8' }],
    ['white space around header values', { 'mcp-name': '  echo  ' }],
    ['a name in Base64', { 'mcp-name': '=?base64?ZWNobw==?=' }],
    ['a session id, which means nothing here', { 'mcp-session-id': 'abc' }],
  ])('%s', async (_, headers) => {
    await using listener = await serve();
    expect((await ask(listener.address, { ...echoCall, headers: { ...echoCall.headers, ...headers } })).status).toBe(200);
  });

  it('a notification, with 202 and nothing else', async () => {
    await using listener = await serve();
    const answer = await ask(listener.address, { headers: modernHeaders('notifications/cancelled'), body: { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } } });
    expect(answer.status).toBe(202);
    expect(answer.body).toBe('');
  });

  it('a preflight of a page that is allowed, and of no other', async () => {
    await using listener = await serve(undefined, { allowedOrigins: ['https://app.example'] });
    const preflight = (origin: string) => ask(listener.address, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } });
    const allowed = await preflight('https://app.example');
    expect(allowed.status).toBe(204);
    expect(allowed.headers['access-control-allow-origin']).toBe('https://app.example');
    expect((await preflight('https://other.example')).status).toBe(403);
  });
});

describe('Mcp-Param-*', () => {
  const toolHeaders = (tool: string) => (tool === 'echo' ? [{ header: 'mcp-param-region', path: ['region'], type: 'string' as const }] : undefined);
  const request = (headers: Record<string, string>) => modernRequest('tools/call', { name: 'echo', arguments: { region: 'Hello' } }, headers);

  it.each([
    ['as it stands', 'Hello', 200],
    ['in Base64', '=?base64?SGVsbG8=?=', 200],
    ['with another value', 'Other', 400],
    ['in bad Base64', '=?base64?SGVsbG8?=', 400],
  ])('%s', async (_, value, status) => {
    await using listener = await serve(undefined, { toolHeaders });
    expect((await ask(listener.address, request({ 'mcp-param-region': value }))).status).toBe(status);
  });

  it('left out where the argument is there', async () => {
    await using listener = await serve(undefined, { toolHeaders });
    expect((await ask(listener.address, request({}))).json.error?.code).toBe(-32020);
  });
});

describe('a subscription', () => {
  const listen = modernRequest('subscriptions/listen', { notifications: { toolsListChanged: true } });

  it('carries its id on every event and on its result', async () => {
    await using listener = await serve(async (call) => {
      await call.notify({ method: 'notifications/subscriptions/acknowledged', params: RawObject.of({ notifications: { toolsListChanged: true } }) });
      await call.notify({ method: 'notifications/tools/list_changed', params: RawObject.of({}) });
      return { result: RawObject.of({ resultType: 'complete' }) };
    });
    const answer = await ask(listener.address, listen);
    const messages = messagesIn(answer.body);
    expect(messages.map((message) => message.method ?? 'result')).toEqual(['notifications/subscriptions/acknowledged', 'notifications/tools/list_changed', 'result']);
    for (const { params, result } of messages) {
      expect(params ?? result).toMatchObject({ _meta: { 'io.modelcontextprotocol/subscriptionId': 1 } });
    }
  });

  it('ends with a result when the endpoint closes', async () => {
    const listening = Promise.withResolvers<void>();
    const listener = await serve(async (call) => {
      await call.notify({ method: 'notifications/subscriptions/acknowledged', params: RawObject.of({ notifications: {} }) });
      listening.resolve();
      return new Promise((_, reject) => call.signal.addEventListener('abort', () => reject(new Error('aborted'))));
    });
    const answer = ask(listener.address, listen);
    await listening.promise;
    await listener.close({ drainMs: 60_000 });
    expect(messagesIn((await answer).body).at(-1)).toMatchObject({ id: 1, result: { resultType: 'complete', _meta: { 'io.modelcontextprotocol/subscriptionId': 1 } } });
  });
});

describe('a client that is gone', () => {
  it('has cancelled its call', async () => {
    const aborted = Promise.withResolvers<unknown>();
    const started = Promise.withResolvers<void>();
    await using listener = await serve((call) => {
      started.resolve();
      return new Promise((_, reject) => {
        call.signal.addEventListener('abort', () => {
          aborted.resolve(call.signal.reason);
          reject(new Error('aborted'));
        });
      });
    });
    const socket = await socketTo(Number(new URL(listener.address).port));
    const body = JSON.stringify(echoCall.body);
    const head = Object.entries({ host: 'localhost', ...echoCall.headers, 'content-length': String(body.length) }).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`POST /mcp HTTP/1.1\r\n${head.join('')}\r\n${body}`);
    await started.promise;
    socket.destroy();
    expect(await aborted.promise).toMatchObject({ code: 'CANCELLED' });
  });

  it('or reads too slowly has its call aborted before more than the bound is held for it', async () => {
    const aborted = Promise.withResolvers<unknown>();
    let sent = 0;
    await using listener = await serve(
      async (call) => {
        call.signal.addEventListener('abort', () => aborted.resolve(call.signal.reason));
        const params = RawObject.of({ progressToken: 1, progress: 1, message: 'x'.repeat(50_000) });
        while (!call.signal.aborted && sent < 10_000) {
          // Nobody waits here, as a service that cannot.
          void call.notify({ method: 'notifications/progress', params });
          sent += 1;
          await new Promise(setImmediate);
        }
        throw new Error('aborted');
      },
      { maxPendingBytes: 200_000 },
    );
    const socket = await socketTo(Number(new URL(listener.address).port));
    socket.on('error', () => {});
    socket.pause();
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'echo', _meta: { ...modernMeta, progressToken: 1 } } });
    const head = Object.entries({ host: 'localhost', ...echoCall.headers, 'content-length': String(body.length) }).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`POST /mcp HTTP/1.1\r\n${head.join('')}\r\n${body}`);
    expect(await aborted.promise).toMatchObject({ code: 'CALLER_TOO_SLOW', facts: { limitBytes: 200_000 } });
    expect(sent).toBeLessThan(10_000);
    socket.destroy();
  });

  it('keeps a service waiting that awaits its notifications', async () => {
    const finished = Promise.withResolvers<number>();
    await using listener = await serve(async (call) => {
      const params = RawObject.of({ progressToken: 1, progress: 1, message: 'x'.repeat(50_000) });
      let sent = 0;
      for (; sent < 400 && !call.signal.aborted; sent += 1) await call.notify({ method: 'notifications/progress', params });
      finished.resolve(sent);
      return textReply('all');
    });
    const answer = await ask(listener.address, {
      ...echoCall,
      body: { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'echo', _meta: { ...modernMeta, progressToken: 1 } } },
    });
    expect(await finished.promise).toBe(400);
    expect(messagesIn(answer.body)).toHaveLength(401);
  });
});

describe('the endpoint', () => {
  it('keeps a silent call alive: it becomes a stream with comments', async () => {
    const release = Promise.withResolvers<void>();
    await using listener = await serve(
      serviceOf({
        async slow() {
          await release.promise;
          return textReply('at last');
        },
      }),
      { keepAliveMs: 20 },
    );
    const request = modernRequest('tools/call', { name: 'slow' });
    const response = await fetch(listener.address, { method: 'POST', headers: request.headers ?? {}, body: JSON.stringify(request.body) });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (!text.includes(':\n\n:\n\n')) text += (await reader?.read())?.value ?? '';
    release.resolve();
    for (;;) {
      const part = await reader?.read();
      if (part === undefined || part.done) break;
      text += part.value;
    }
    expect(messagesIn(text)).toMatchObject([{ id: 1, result: { content: [{ type: 'text', text: 'at last' }] } }]);
  });

  it('bounds the calls of one caller, and of no other', async () => {
    const release = Promise.withResolvers<void>();
    const started = Promise.withResolvers<void>();
    await using listener = await serve(
      serviceOf({
        async slow() {
          started.resolve();
          await release.promise;
          return textReply('slow');
        },
        echo,
      }),
      { maxInFlight: 1, identify: (headers) => ({ principal: String(headers['x-who']) }) },
    );
    const slow = ask(listener.address, modernRequest('tools/call', { name: 'slow' }, { 'x-who': 'ann' }));
    await started.promise;
    expect((await ask(listener.address, modernRequest('tools/call', { name: 'echo' }, { 'x-who': 'ann' }))).status).toBe(429);
    expect((await ask(listener.address, modernRequest('tools/call', { name: 'echo' }, { 'x-who': 'bob' }))).status).toBe(200);
    release.resolve();
    expect((await slow).status).toBe(200);
    expect((await ask(listener.address, modernRequest('tools/call', { name: 'echo' }, { 'x-who': 'ann' }))).status).toBe(200);
  });

  it('asks who it is, and sends a challenge where that is not known', async () => {
    let seen: string[] = [];
    await using listener = await serve(
      async (call) => {
        seen = [call.caller.principal, call.caller.tenant];
        return textReply('x');
      },
      {
        async identify(headers) {
          if (headers.authorization !== 'Bearer good') throw new ToolyardError('UNAUTHENTICATED', { reason: 'no token' }, 'No token.');
          return { principal: 'ann', tenant: 'acme' };
        },
      },
    );
    const refused = await ask(listener.address, echoCall);
    expect(refused.status).toBe(401);
    expect(refused.headers['www-authenticate']).toBe('Bearer');
    expect((await ask(listener.address, { ...echoCall, headers: { ...echoCall.headers, authorization: 'Bearer good' } })).status).toBe(200);
    expect(seen).toEqual(['ann', 'acme']);
  });

  it('leaves other paths to the fallback, after the check of the host', async () => {
    await using listener = await serve(undefined, { fallback: (_, response) => response.end('health') });
    expect((await ask(listener.address, { method: 'GET', path: '/health' })).body).toBe('health');
    expect((await ask(listener.address, { method: 'GET', path: '/health', headers: { host: 'evil.example.com' } })).status).toBe(403);
  });

  it('waits for calls in flight while it drains, and takes no new ones', async () => {
    const release = Promise.withResolvers<void>();
    const started = Promise.withResolvers<void>();
    const listener = await serve(
      serviceOf({
        async slow() {
          started.resolve();
          await release.promise;
          return textReply('in time');
        },
      }),
    );
    const slow = ask(listener.address, modernRequest('tools/call', { name: 'slow' }));
    await started.promise;
    const closed = listener.close({ drainMs: 60_000 });
    await expect(ask(listener.address, echoCall)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    release.resolve();
    expect((await slow).json.result).toMatchObject({ content: [{ text: 'in time' }] });
    await closed;
    await listener.close();
    expect(await listener.closed).toBeUndefined();
  });

  it('aborts calls that are not done in time, and tells their callers', async () => {
    const started = Promise.withResolvers<Call>();
    const listener = await serve((call) => {
      started.resolve(call);
      return new Promise(() => {});
    });
    const answer = ask(listener.address, echoCall);
    const call = await started.promise;
    await listener.close();
    expect(call.signal.aborted).toBe(true);
    expect((await answer).json.error).toMatchObject({ data: { code: 'CLOSED' } });
  });

  it('is hurried by a second close', async () => {
    const started = Promise.withResolvers<void>();
    const listener = await serve(() => {
      started.resolve();
      return new Promise(() => {});
    });
    const answer = ask(listener.address, echoCall);
    await started.promise;
    const closed = listener.close({ drainMs: 3_600_000 });
    await listener.close({ drainMs: 0 });
    await closed;
    expect((await answer).status).toBe(503);
  });

  it('cuts off who sends headers forever', async () => {
    await using listener = await serve(undefined, { headersTimeoutMs: 50, checkMs: 20 });
    const socket = await socketTo(Number(new URL(listener.address).port));
    socket.write('POST /mcp HTTP/1.1\r\nhost: localhost\r\nx-a: ');
    socket.resume();
    await once(socket, 'close');
  });

  it('closes sockets beyond its bound', async () => {
    await using listener = await serve(undefined, { maxSockets: 1 });
    const port = Number(new URL(listener.address).port);
    const first = await socketTo(port);
    const second = await socketTo(port);
    second.resume();
    second.on('error', () => {});
    await once(second, 'close');
    first.destroy();
  });

  it('says so when the port is taken', async () => {
    await using listener = await serve();
    await expect(serve(undefined, { port: Number(new URL(listener.address).port) })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
