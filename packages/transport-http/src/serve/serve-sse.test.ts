import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { type Call, type Listener, RawObject, type Reply, type Service } from '@toolyard/protocol';
import { describe, expect, it } from 'vitest';
import type { HttpServeOptions } from '../options.ts';
import { connectOptions, discovery, serverInfo, serviceOf, textOf, textReply, toolCall } from '../testing/calls.ts';
import { events, type Events, openSession, toolRequest } from '../testing/legacy-session.ts';
import { echo } from '../testing/listeners.ts';
import { ask, type Message, type RawAnswer, socketTo } from '../testing/raw-http.ts';
import { httpTransport } from '../transport.ts';

const tools = {
  echo,
  async steps(call: Call): Promise<Reply> {
    for (const progress of [1, 2])
      await call.notify({
        method: 'notifications/progress',
        params: RawObject.of({ progressToken: call.progressToken, progress }),
      });
    return textReply('steps');
  },
};

function serve(service: Service = serviceOf(tools), options: Partial<HttpServeOptions> = {}): Promise<Listener> {
  return httpTransport().serve(service, { serverInfo, ...options });
}

interface Old extends Events {
  readonly endpoint: string;
  send(message: unknown, headers?: Record<string, string>): Promise<RawAnswer>;
  message(): Promise<Message | undefined>;
}

/** A client of 2024-11-05, up to its endpoint. */
async function dial(address: string, headers: Record<string, string> = {}): Promise<Old> {
  const stream = await events(new URL('/sse', address).href, { headers });
  const first = await stream.next();
  expect(first?.event).toBe('endpoint');
  const endpoint = new URL(first?.data ?? '', address).href;
  return {
    ...stream,
    endpoint,
    send: (body, more = {}) => {
      const { pathname, search } = new URL(endpoint);
      return ask(address, {
        path: pathname + search,
        headers: { 'content-type': 'application/json', ...headers, ...more },
        body,
      });
    },
    async message() {
      const event = await stream.next();
      return event === undefined ? undefined : (JSON.parse(event.data ?? '') as Message);
    },
  };
}

const initialize = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2024-11-05', capabilities: {}, clientInfo: { name: 'old', version: '1' } },
};

describe('a client of 2024-11-05', () => {
  it('is told where to post, and hears every reply on its stream', async () => {
    await using listener = await serve();
    const old = await dial(listener.address);
    expect(old.endpoint).toMatch(/\/messages\?sessionId=[A-Za-z0-9_-]{32}$/);
    expect(await old.send(initialize)).toMatchObject({ status: 202, body: '' });
    expect(await old.message()).toMatchObject({ id: 1, result: { protocolVersion: '2024-11-05' } });
    expect((await old.send({ jsonrpc: '2.0', method: 'notifications/initialized' })).status).toBe(202);
    await old.send(toolRequest('steps', 'a', { _meta: { progressToken: 'p' } }));
    expect([await old.message(), await old.message(), await old.message()]).toMatchObject([
      { method: 'notifications/progress', params: { progressToken: 'p', progress: 1 } },
      { method: 'notifications/progress', params: { progressToken: 'p', progress: 2 } },
      { id: 'a', result: { content: [{ text: 'steps' }] } },
    ]);
    old.leave();
  });

  it('is one of the official SDK', async () => {
    const heard = Promise.withResolvers<void>();
    // It forgets whom progress is for when the reply comes right behind it.
    const patient = async (call: Call): Promise<Reply> => (
      await tools.steps(call),
      await heard.promise,
      textReply('steps')
    );
    await using listener = await serve(serviceOf({ ...tools, steps: patient }));
    const client = new Client({ name: 'tester', version: '1.0.0' });
    await client.connect(new SSEClientTransport(new URL('/sse', listener.address)));
    expect(client.getServerVersion()).toMatchObject({ name: 'server' });
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['echo', 'steps']);
    const seen: number[] = [];
    const onprogress = ({ progress }: { progress: number }): void => {
      if (seen.push(progress) === 2) heard.resolve();
    };
    expect((await client.callTool({ name: 'steps', arguments: {} }, undefined, { onprogress })).content).toEqual([
      { type: 'text', text: 'steps' },
    ]);
    expect(seen).toEqual([1, 2]);
    const texts = Array.from({ length: 20 }, (_, at) => `text ${at}`);
    const replies = await Promise.all(texts.map((text) => client.callTool({ name: 'echo', arguments: { text } })));
    expect(replies.map(({ content }) => content)).toEqual(texts.map((text) => [{ type: 'text', text }]));
    await client.close();
  });

  it('is one of ours', async () => {
    await using listener = await serve();
    await using connection = await httpTransport().connect(
      { url: new URL('/sse', listener.address).href },
      connectOptions,
    );
    expect(connection.peer.wire).toBe('http+sse');
    expect(textOf(await connection.service(toolCall('echo', { text: 'hello' })))).toBe('hello');
    await listener.close();
    expect(await connection.closed).toMatchObject({ code: 'UPSTREAM_CLOSED' });
  });

  it('is asked what the server wants to know', async () => {
    await using listener = await serve(async (call) => {
      if (call.method === 'server/discover') return { result: discovery };
      if (call.params.has('inputResponses')) return textReply('thanks');
      const request = { method: 'roots/list', params: {} };
      return {
        result: RawObject.of({ resultType: 'input_required', inputRequests: { q: request }, requestState: 's' }),
      };
    });
    const old = await dial(listener.address);
    await old.send({ ...initialize, params: { ...initialize.params, capabilities: { roots: {} } } });
    await old.message();
    await old.send(toolRequest('x', 2));
    const question = await old.message();
    expect(question).toMatchObject({ method: 'roots/list' });
    await old.send({ jsonrpc: '2.0', id: question?.id, result: { roots: [] } });
    expect(await old.message()).toMatchObject({ id: 2, result: { content: [{ text: 'thanks' }] } });
    old.leave();
  });

  it('has left its session, and its calls, when its stream is gone', async () => {
    const started = Promise.withResolvers<void>();
    const aborted = Promise.withResolvers<void>();
    const wait = (call: Call): Promise<never> =>
      new Promise((_, reject) => {
        started.resolve();
        call.signal.addEventListener('abort', () => (aborted.resolve(), reject(new Error('aborted'))));
      });
    await using listener = await serve(serviceOf({ wait }));
    const old = await dial(listener.address);
    await old.send(initialize);
    await old.send(toolRequest('wait'));
    await started.promise;
    old.leave();
    await aborted.promise;
    await expect.poll(async () => (await old.send(toolRequest('echo'))).status).toBe(404);
  });

  it('that does not read loses its session before much is held for it', async () => {
    const aborted = Promise.withResolvers<void>();
    let sent = 0;
    await using listener = await serve(
      serviceOf({
        async flood(given) {
          given.signal.addEventListener('abort', () => aborted.resolve());
          for (; !given.signal.aborted && sent < 5_000; sent += 1) {
            const params = RawObject.of({
              progressToken: given.progressToken,
              progress: sent,
              message: 'x'.repeat(50_000),
            });
            void given.notify({ method: 'notifications/progress', params });
            await new Promise(setImmediate);
          }
          throw new Error('aborted');
        },
      }),
      { maxPendingBytes: 200_000 },
    );
    const port = Number(new URL(listener.address).port);
    const socket = await socketTo(port);
    socket.on('error', () => {});
    socket.write('GET /sse HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\n\r\n');
    const text = await new Promise<string>((resolve) => {
      let seen = '';
      socket.on('data', (part: Buffer) => {
        seen += part.toString();
        if (/sessionId=\S+/.test(seen)) resolve(seen);
      });
    });
    socket.pause();
    const path = /\/messages\?sessionId=[\w-]+/.exec(text)?.[0] ?? '';
    for (const body of [initialize, toolRequest('flood', 9, { _meta: { progressToken: 1 } })])
      await ask(listener.address, { path, headers: { 'content-type': 'application/json' }, body });
    await aborted.promise;
    expect(sent).toBeLessThan(5_000);
    socket.destroy();
  });
});

describe('a session over HTTP+SSE', () => {
  it('exists for its principal and tenant only', async () => {
    await using listener = await serve(undefined, {
      identify: (given) => ({ principal: String(given['x-who']), tenant: String(given['x-tenant']) }),
    });
    const old = await dial(listener.address, { 'x-who': 'ann', 'x-tenant': 'acme' });
    expect((await old.send(initialize, { 'x-who': 'bob' })).status).toBe(404);
    expect((await old.send(initialize, { 'x-tenant': 'other' })).status).toBe(404);
    expect((await old.send(initialize)).status).toBe(202);
    old.leave();
  });

  it('and one of Streamable HTTP are not each other', async () => {
    await using listener = await serve();
    const old = await dial(listener.address);
    const id = new URL(old.endpoint).searchParams.get('sessionId') ?? '';
    const inside = await openSession(listener.address);
    const stolen = await ask(listener.address, {
      headers: { ...inside, 'mcp-session-id': id },
      body: toolRequest('echo'),
    });
    expect(stolen.status).toBe(404);
    const other = await ask(listener.address, {
      path: `/messages?sessionId=${inside['mcp-session-id']}`,
      headers: inside,
      body: toolRequest('echo'),
    });
    expect(other.status).toBe(404);
    old.leave();
  });

  it('counts with all others', async () => {
    await using listener = await serve(undefined, { maxSessions: 2 });
    await openSession(listener.address);
    const old = await dial(listener.address);
    const path = '/sse';
    const get = { method: 'GET', path, headers: { accept: 'text/event-stream' } };
    expect((await ask(listener.address, get)).status).toBe(429);
    old.leave();
    await expect
      .poll(async () => (await events(new URL(path, listener.address).href, { headers: {} })).status)
      .toBe(200);
  });

  it('ends with the endpoint', async () => {
    const listener = await serve();
    const old = await dial(listener.address);
    await listener.close();
    expect(await old.next()).toBeUndefined();
  });

  it.each<[string, string, string, Record<string, string>, unknown, number]>([
    ['POST where the stream is', 'POST', '/sse', { 'content-type': 'application/json' }, initialize, 405],
    ['GET where messages go', 'GET', '/messages', { accept: 'text/event-stream' }, undefined, 405],
    ['a message without a session', 'POST', '/messages', { 'content-type': 'application/json' }, initialize, 404],
    [
      'a message to one that never was',
      'POST',
      '/messages?sessionId=x',
      { 'content-type': 'application/json' },
      initialize,
      404,
    ],
    [
      'a message that is no JSON by its type',
      'POST',
      '/messages?sessionId=x',
      { 'content-type': 'text/plain' },
      '{}',
      415,
    ],
    ['a client that takes no events', 'GET', '/sse', { accept: 'application/json' }, undefined, 406],
    [
      'another name of this machine',
      'GET',
      '/sse',
      { accept: 'text/event-stream', host: 'evil.example' },
      undefined,
      403,
    ],
    [
      'a page of another site, at the stream',
      'GET',
      '/sse',
      { accept: 'text/event-stream', origin: 'https://evil.example' },
      undefined,
      403,
    ],
    [
      'a page of another site, with a message',
      'POST',
      '/messages?sessionId=x',
      { 'content-type': 'application/json', origin: 'https://evil.example' },
      initialize,
      403,
    ],
  ])('refuses %s', async (_, method, path, headers, body, status) => {
    await using listener = await serve();
    expect((await ask(listener.address, { method, path, headers, body })).status).toBe(status);
  });

  it('refuses what is no message, to its sender', async () => {
    await using listener = await serve();
    const old = await dial(listener.address);
    expect(await old.send('{"jsonrpc"')).toMatchObject({ status: 400, json: { error: { code: -32700 } } });
    expect((await old.send([initialize])).status).toBe(400);
    expect((await old.send(initialize, { 'mcp-protocol-version': '2026-07-28' })).status).toBe(400);
    old.leave();
  });
});

describe('the places of HTTP+SSE', () => {
  const get = (path: string) => ({ method: 'GET', path, headers: { accept: 'text/event-stream' } });

  it('can be elsewhere', async () => {
    await using listener = await serve(undefined, { sse: { path: '/old/events', messagesPath: '/old/in' } });
    const stream = await events(new URL('/old/events', listener.address).href, { headers: {} });
    expect((await stream.next())?.data).toMatch(/^\/old\/in\?sessionId=/);
    stream.leave();
    expect((await ask(listener.address, get('/sse'))).status).toBe(404);
  });

  it('can be closed', async () => {
    await using listener = await serve(undefined, { sse: false });
    expect((await ask(listener.address, get('/sse'))).status).toBe(404);
    expect((await ask(listener.address, get('/messages'))).status).toBe(404);
  });
});
