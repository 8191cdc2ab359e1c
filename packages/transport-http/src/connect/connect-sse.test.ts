import type { ServerResponse } from 'node:http';
import type { Connection, ConnectOptions } from '@toolyard/protocol';
import { describe, expect, it } from 'vitest';
import { codeOf, collect, connectOptions, errorOf, textOf, toolCall } from '../testing/calls.ts';
import { rawServer, type RawServer, type SeenRequest, sendJson } from '../testing/raw-http.ts';
import { httpTransport } from '../transport.ts';

type Answer = (seen: SeenRequest, say: (message: unknown) => void, response: ServerResponse) => void;

interface Old {
  /** What is said to a POST at the place of the stream. Default 405. */
  readonly refusal?: number;
  /** Whether it says so in a JSON-RPC error too. */
  readonly explains?: boolean;
  /** What the endpoint event names. Default `/messages?sessionId=1`. */
  readonly endpoint?: (server: RawServer) => string;
  /** Default: the call is echoed. */
  readonly answer?: Answer;
  readonly get?: (response: ServerResponse) => void;
}

interface OldServer extends RawServer {
  readonly streams: ServerResponse[];
}

const accept = (response: ServerResponse): void => void response.writeHead(202).end('Accepted');

/** A server of 2024-11-05 at `/mcp`. */
async function old({
  refusal = 405,
  explains = false,
  endpoint = () => '/messages?sessionId=1',
  answer,
  get,
}: Old = {}): Promise<OldServer> {
  const streams: ServerResponse[] = [];
  const server = await rawServer((seen, response) => {
    if (seen.method === 'GET') {
      if (get !== undefined) return get(response);
      streams.push(response);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      return void response.write(`event: endpoint\ndata: ${endpoint(server)}\n\n`);
    }
    const { id, method } = seen.message;
    if (!seen.url.startsWith('/messages')) {
      const error = { code: -32000, message: 'no' };
      if (explains) return sendJson(response, { jsonrpc: '2.0', id, error }, refusal);
      return void response.writeHead(refusal).end();
    }
    const say = (message: unknown): void =>
      void streams.at(-1)?.write(`event: message\ndata: ${JSON.stringify(message)}\n\n`);
    if (method === 'initialize') {
      accept(response);
      const serverInfo = { name: 'old', version: '1' };
      return say({
        jsonrpc: '2.0',
        id,
        result: { protocolVersion: '2024-11-05', capabilities: { tools: {} }, serverInfo },
      });
    }
    if (method !== 'tools/call') return accept(response);
    if (answer !== undefined) return answer(seen, say, response);
    accept(response);
    say(result(id, String(seen.message.params?.['name'])));
  });
  return { ...server, streams };
}

function result(id: unknown, text: string): unknown {
  return { jsonrpc: '2.0', id, result: { content: [{ type: 'text', text }] } };
}

function connect(server: RawServer, options: Partial<ConnectOptions> = {}): Promise<Connection> {
  return httpTransport().connect(
    { url: server.url, headers: { authorization: 'Bearer x' } },
    { ...connectOptions, ...options },
  );
}

const asked = (server: RawServer): string[] =>
  server.requests.map((seen) => `${seen.method} ${seen.message.method ?? ''}`.trim());

describe('a server of 2024-11-05', () => {
  it.each([400, 404, 405])('is found out after both handshakes got %i, and not asked twice', async (refusal) => {
    await using server = await old({ refusal });
    const transport = httpTransport();
    for (const expected of [['POST server/discover', 'POST initialize', 'GET'], ['GET']]) {
      server.requests.length = 0;
      await using connection = await transport.connect({ url: server.url }, connectOptions);
      expect(connection.peer).toEqual({ revision: '2024-11-05', wire: 'http+sse' });
      expect(textOf(await connection.service(toolCall('a')))).toBe('a');
      expect(asked(server)).toEqual([
        ...expected,
        'POST initialize',
        'POST notifications/initialized',
        'POST tools/call',
      ]);
    }
  });

  it('is found out where its refusal is a JSON-RPC error', async () => {
    await using server = await old({ refusal: 404, explains: true });
    await using connection = await connect(server);
    expect(connection.peer.wire).toBe('http+sse');
  });

  it('that explains its refusal under status 200 is believed', async () => {
    await using server = await old({ refusal: 200, explains: true });
    expect(await codeOf(connect(server))).toBe('UPSTREAM_MALFORMED');
    expect(asked(server)).toEqual(['POST server/discover', 'POST initialize']);
  });

  it('gets every header of ours, on the stream and beside it', async () => {
    await using server = await old();
    await using connection = await connect(server);
    await connection.service(toolCall('a'));
    for (const { headers } of server.requests) expect(headers.authorization).toBe('Bearer x');
    expect(server.requests.at(-1)).toMatchObject({ url: '/messages?sessionId=1' });
    expect(server.requests.at(-1)?.headers['mcp-protocol-version']).toBeUndefined();
  });

  it('may name its endpoint by a whole URL of its own origin', async () => {
    await using server = await old({ endpoint: ({ port }) => `http://127.0.0.1:${port}/messages/here?x=1` });
    await using connection = await connect(server);
    await connection.service(toolCall('a'));
    expect(server.requests.at(-1)?.url).toBe('/messages/here?x=1');
  });

  it.each([
    ['of another host', () => 'http://elsewhere.example/messages'],
    ['of another port', ({ port }: RawServer) => `http://127.0.0.1:${port + 1}/messages`],
    ['of another scheme', ({ port }: RawServer) => `https://127.0.0.1:${port}/messages`],
    ['of another host without a scheme', () => '//elsewhere.example/messages'],
    ['that is no URL', () => 'http://'],
  ])('with an endpoint %s is refused, and nothing is sent there', async (_, endpoint) => {
    await using server = await old({ endpoint });
    const error = await errorOf(connect(server));
    expect(error.code).toBe('UPSTREAM_MALFORMED');
    expect(error.message).toMatch(/its endpoint/);
    expect(asked(server)).toEqual(['POST server/discover', 'POST initialize', 'GET']);
    await expect.poll(() => server.sockets()).toBe(0);
  });

  it('answers many calls at once, in any order', async () => {
    const waiting: (() => void)[] = [];
    await using server = await old({
      answer(seen, say, response) {
        accept(response);
        waiting.push(() => say(result(seen.message.id, String(seen.message.params?.['name']))));
        if (waiting.length === 3) for (const reply of waiting.reverse()) reply();
      },
    });
    await using connection = await connect(server);
    const replies = await Promise.all(['a', 'b', 'c'].map((name) => connection.service(toolCall(name))));
    expect(replies.map(textOf)).toEqual(['a', 'b', 'c']);
  });

  it('hears of a cancellation when it has accepted the call that it is about, which goes by another socket', async () => {
    const held: (() => void)[] = [];
    await using server = await old({
      answer(seen, say, response) {
        if (seen.message.params?.['name'] === 'held') return void held.push(() => accept(response));
        accept(response);
        say(result(seen.message.id, 'x'));
      },
    });
    await using connection = await connect(server);
    const controller = new AbortController();
    const calling = codeOf(connection.service(toolCall('held', {}, { signal: controller.signal })));
    await expect.poll(() => held.length).toBe(1);
    controller.abort();
    expect(await calling).toBe('CANCELLED');
    await connection.service(toolCall('another'));
    expect(asked(server).slice(-2)).toEqual(['POST tools/call', 'POST tools/call']);
    held[0]?.();
    await expect.poll(() => asked(server).at(-1)).toBe('POST notifications/cancelled');
  });

  it('reports progress to the call it belongs to', async () => {
    await using server = await old({
      answer(seen, say, response) {
        accept(response);
        const meta = seen.message.params?.['_meta'] as { progressToken: unknown };
        say({
          jsonrpc: '2.0',
          method: 'notifications/progress',
          params: { progressToken: meta.progressToken, progress: 1 },
        });
        say(result(seen.message.id, 'done'));
      },
    });
    await using connection = await connect(server);
    const { notify, seen } = collect();
    await connection.service(toolCall('a', {}, { notify, progressToken: 'mine' }));
    expect(seen.map(({ params }) => params.value)).toEqual([{ progressToken: 'mine', progress: 1 }]);
  });

  it.each([
    [401, 'UPSTREAM_STATUS'],
    [500, 'UPSTREAM_STATUS'],
  ])('survives a call that it refuses with %i', async (status, code) => {
    let refuses = true;
    await using server = await old({
      answer(seen, say, response) {
        if (refuses) return void response.writeHead(status).end();
        accept(response);
        say(result(seen.message.id, 'x'));
      },
    });
    await using connection = await connect(server);
    expect(await codeOf(connection.service(toolCall('a')))).toBe(code);
    refuses = false;
    expect(textOf(await connection.service(toolCall('a')))).toBe('x');
  });

  it('that has forgotten the session gets another one, and what was refused for it is called again', async () => {
    let forgets = true;
    await using server = await old({
      answer(seen, say, response) {
        if (forgets) {
          forgets = false;
          return void response.writeHead(404).end();
        }
        accept(response);
        say(result(seen.message.id, 'again'));
      },
    });
    await using connection = await connect(server);
    expect(textOf(await connection.service(toolCall('a')))).toBe('again');
    expect(server.streams).toHaveLength(2);
  });

  it.each([
    ['ends', (stream: ServerResponse | undefined) => stream?.end()],
    ['breaks', (stream: ServerResponse | undefined) => stream?.destroy()],
  ])('whose stream %s ends the connection and the calls on it', async (_, lose) => {
    await using server = await old({ answer: (_seen, _say, response) => (accept(response), lose(server.streams[0])) });
    await using connection = await connect(server);
    expect(await codeOf(connection.service(toolCall('a')))).toBe('UPSTREAM_CLOSED');
    expect(await connection.closed).toMatchObject({ code: 'UPSTREAM_CLOSED' });
    expect(await codeOf(connection.service(toolCall('a')))).toBe('UPSTREAM_CLOSED');
    await expect.poll(() => server.sockets()).toBe(0);
  });

  it('is left without a socket', async () => {
    await using server = await old();
    const connection = await connect(server);
    await connection.close();
    await connection.close();
    await expect.poll(() => server.sockets()).toBe(0);
  });
});

describe('a server that refuses every handshake', () => {
  it.each<[string, (response: ServerResponse) => void]>([
    ['405', (response) => response.writeHead(405).end()],
    ['a page', (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>')],
    [
      'a stream of something else',
      (response) => response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: {}\n\n'),
    ],
    ['a stream that ends', (response) => response.writeHead(200, { 'content-type': 'text/event-stream' }).end()],
  ])('and answers GET with %s is told of by its refusal', async (_, get) => {
    await using server = await old({ refusal: 404, get });
    expect(await errorOf(connect(server))).toMatchObject({ code: 'UPSTREAM_STATUS', facts: { status: 404 } });
    await expect.poll(() => server.sockets()).toBe(0);
  });

  it('and answers GET with 401 is told of by that', async () => {
    await using server = await old({ get: (response) => response.writeHead(401).end() });
    expect(await errorOf(connect(server))).toMatchObject({ facts: { status: 401 } });
  });

  it('and leaves GET unanswered is given up in time', async () => {
    await using server = await old({ get: () => {} });
    expect(await codeOf(connect(server, { connectTimeoutMs: 200 }))).toBe('UPSTREAM_TIMEOUT');
    await expect.poll(() => server.sockets()).toBe(0);
  });

  it('is not waited for once the caller has gone', async () => {
    const controller = new AbortController();
    await using server = await old({ get: () => controller.abort() });
    expect(await codeOf(connect(server, { signal: controller.signal }))).toBe('CANCELLED');
  });
});
