import { RawObject, ToolyardError } from '@toolyard/protocol';
import { describe, expect, it } from 'vitest';
import { serviceOf, textReply } from '../testing/calls.ts';
import { serve } from '../testing/listeners.ts';
import { ask, messagesIn, modernHeaders, modernMeta, modernRequest } from '../testing/raw-http.ts';

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
    const odd =
      '{"resultType":"complete","content":[{"type":"x","big":9007199254740993,"f":1.0,"huge":1e400,"esc":"\\u00e9\\/"}],"_meta":{"io.modelcontextprotocol/serverInfo":{}}}';
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
          await call.notify({
            method: 'notifications/progress',
            params: RawObject.of({ progressToken: call.progressToken, progress: 1 }),
          });
          return textReply('done');
        },
      }),
    );
    const request = modernRequest('tools/call', { name: 'steps' });
    const body = {
      jsonrpc: '2.0',
      id: 7,
      method: 'tools/call',
      params: { name: 'steps', _meta: { ...modernMeta, progressToken: 'p' } },
    };
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
          await call.notify({
            method: 'notifications/progress',
            params: RawObject.of({ progressToken: 1, progress: 1 }),
          });
          return textReply('done');
        },
      }),
    );
    expect((await ask(listener.address, modernRequest('tools/call', { name: 'chatty' }))).headers['content-type']).toBe(
      'application/json',
    );
  });

  it('is answered in JSON alone where the client takes nothing else', async () => {
    await using listener = await serve(
      serviceOf({
        async steps(call) {
          await call.notify({
            method: 'notifications/progress',
            params: RawObject.of({ progressToken: 1, progress: 1 }),
          });
          return textReply('done');
        },
      }),
    );
    const body = {
      jsonrpc: '2.0',
      id: 7,
      method: 'tools/call',
      params: { name: 'steps', _meta: { ...modernMeta, progressToken: 1 } },
    };
    const headers = modernHeaders('tools/call', { 'mcp-name': 'steps', accept: 'application/json' });
    expect((await ask(listener.address, { headers, body })).json.result).toBeDefined();
  });
});

describe('what is not in order is refused', () => {
  const cases: readonly [string, Parameters<typeof ask>[1], number, number | undefined][] = [
    ['a body that is not JSON', { ...echoCall, body: '{"jsonrpc":' }, 400, -32700],
    ['a batch', { ...echoCall, body: '[]' }, 400, -32600],
    ['a body that is no JSON-RPC', { ...echoCall, body: '{"id":1}' }, 400, -32600],
    [
      'a version header that differs from the body',
      { ...echoCall, headers: { ...echoCall.headers, 'mcp-protocol-version': '2027-01-01' } },
      400,
      -32020,
    ],
    ['a missing method header', { ...echoCall, headers: without('mcp-method') }, 400, -32020],
    [
      'a method header that differs from the body',
      modernRequest('tools/call', { name: 'echo' }, { 'mcp-method': 'tools/list' }),
      400,
      -32020,
    ],
    [
      'a name header that differs from the body',
      modernRequest('tools/call', { name: 'echo' }, { 'mcp-name': 'other' }),
      400,
      -32020,
    ],
    ['a missing name header', { ...echoCall, headers: without('mcp-name') }, 400, -32020],
    [
      'no _meta under a modern header',
      { headers: modernHeaders('server/discover'), body: { jsonrpc: '2.0', id: 1, method: 'server/discover' } },
      400,
      -32602,
    ],
    ['an unknown method', modernRequest('unknown/method'), 404, -32601],
    ['initialize with the _meta of this revision', modernRequest('initialize'), 404, -32601],
    [
      'a body of another type',
      { ...echoCall, headers: { ...echoCall.headers, 'content-type': 'text/plain' } },
      415,
      undefined,
    ],
    [
      'a client that takes neither JSON nor events',
      { ...echoCall, headers: { ...echoCall.headers, accept: 'text/html' } },
      406,
      undefined,
    ],
    [
      'a subscription without a stream',
      modernRequest('subscriptions/listen', {}, { accept: 'application/json' }),
      406,
      undefined,
    ],
    ['GET without a session', { method: 'GET', headers: { accept: 'text/event-stream' } }, 405, undefined],
    ['DELETE without a session', { method: 'DELETE' }, 405, undefined],
    ['PUT', { ...echoCall, method: 'PUT' }, 405, undefined],
    ['another path', { ...echoCall, path: '/other' }, 404, undefined],
    ['a message that is too large', { ...echoCall, body: `{"x":"${'x'.repeat(5_000)}"}` }, 413, undefined],
    [
      'a host that is not ours',
      { ...echoCall, headers: { ...echoCall.headers, host: 'evil.example.com' } },
      403,
      undefined,
    ],
    [
      'a page that is not ours',
      { ...echoCall, headers: { ...echoCall.headers, origin: 'http://evil.example.com' } },
      403,
      undefined,
    ],
    [
      'a page whose name begins like ours',
      { ...echoCall, headers: { ...echoCall.headers, origin: 'http://localhost.evil.example.com' } },
      403,
      undefined,
    ],
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

  it('with an answer that arrives, also while a large body is still being sent', async () => {
    await using listener = await serve(undefined, { maxMessageBytes: 4_096 });
    const answer = await fetch(listener.address, {
      method: 'POST',
      headers: echoCall.headers ?? {},
      body: 'x'.repeat(10_000_000),
    });
    expect(answer.status).toBe(413);
    expect(await answer.json()).toMatchObject({ error: { data: { code: 'MESSAGE_TOO_LARGE', limitBytes: 4_096 } } });
  });

  it('with the versions that are spoken where the one asked for is not', async () => {
    await using listener = await serve();
    const body = {
      jsonrpc: '2.0',
      id: 301,
      method: 'server/discover',
      params: { _meta: { ...modernMeta, 'io.modelcontextprotocol/protocolVersion': 'v999.0.0' } },
    };
    const answer = await ask(listener.address, {
      headers: modernHeaders('server/discover', { 'mcp-protocol-version': 'v999.0.0' }),
      body,
    });
    expect(answer.status).toBe(400);
    expect(answer.json).toMatchObject({
      id: 301,
      error: { code: -32022, data: { supported: ['2026-07-28'], requested: 'v999.0.0' } },
    });
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
    expect((await ask(listener.address, { ...echoCall, headers: { ...echoCall.headers, ...headers } })).status).toBe(
      200,
    );
  });

  it('a notification, with 202 and nothing else', async () => {
    await using listener = await serve();
    const answer = await ask(listener.address, {
      headers: modernHeaders('notifications/cancelled'),
      body: { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } },
    });
    expect(answer.status).toBe(202);
    expect(answer.body).toBe('');
  });

  it('a preflight of a page that is allowed, and of no other', async () => {
    await using listener = await serve(undefined, { allowedOrigins: ['https://app.example'] });
    const preflight = (origin: string) =>
      ask(listener.address, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } });
    const allowed = await preflight('https://app.example');
    expect(allowed.status).toBe(204);
    expect(allowed.headers['access-control-allow-origin']).toBe('https://app.example');
    expect((await preflight('https://other.example')).status).toBe(403);
  });
});

describe('Mcp-Param-*', () => {
  const toolHeaders = (tool: string) =>
    tool === 'echo' ? [{ header: 'mcp-param-region', path: ['region'], type: 'string' as const }] : undefined;
  const request = (headers: Record<string, string>) =>
    modernRequest('tools/call', { name: 'echo', arguments: { region: 'Hello' } }, headers);

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
