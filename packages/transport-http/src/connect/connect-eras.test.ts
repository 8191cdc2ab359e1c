import type { ServerResponse } from 'node:http';
import type { Connection, ConnectOptions } from '@toolyard/protocol';
import { describe, expect, it } from 'vitest';
import { codeOf, connectOptions, errorOf, textOf, toolCall } from '../testing/calls.ts';
import { rawServer, type RawServer, type SeenRequest, sendJson } from '../testing/raw-http.ts';
import { type HttpTransport, httpTransport } from '../transport.ts';

type Answer = (seen: SeenRequest, response: ServerResponse) => void;

function connect(
  server: RawServer,
  options: Partial<ConnectOptions> = {},
  transport: HttpTransport = httpTransport(),
): Promise<Connection> {
  return transport.connect({ url: server.url }, { ...connectOptions, ...options });
}

const discovery = {
  resultType: 'complete',
  supportedVersions: ['2026-07-28'],
  capabilities: {},
  ttlMs: 0,
  cacheScope: 'private',
};

/** A server before 2026-07-28 that answers what it does not understand with `refuse`. */
function legacy(refuse: Answer): Answer {
  return (seen, response) => {
    const { id, method } = seen.message;
    if (seen.method !== 'POST') response.writeHead(405).end();
    else if (method === 'initialize') {
      response.setHeader('mcp-session-id', 'session-1');
      sendJson(response, {
        jsonrpc: '2.0',
        id,
        result: {
          protocolVersion: '2025-11-25',
          capabilities: { tools: {} },
          serverInfo: { name: 'old', version: '1' },
        },
      });
    } else if (id === undefined) response.writeHead(202).end();
    else if (seen.headers['mcp-session-id'] !== 'session-1') refuse(seen, response);
    else sendJson(response, { jsonrpc: '2.0', id, result: { content: [{ type: 'text', text: 'old' }] } });
  };
}

/** What was asked, by method of JSON-RPC or HTTP. */
function asked(server: RawServer): string[] {
  return server.requests.map((seen) => seen.message.method ?? seen.method);
}

describe('a server is taken for one of 2026-07-28', () => {
  it.each<[string, Answer]>([
    [
      'by its discovery',
      (seen, response) => sendJson(response, { jsonrpc: '2.0', id: seen.message.id, result: discovery }),
    ],
    [
      'by its discovery in an event stream',
      (seen, response) =>
        response
          .writeHead(200, { 'content-type': 'text/event-stream' })
          .end(`data: ${JSON.stringify({ jsonrpc: '2.0', id: seen.message.id, result: discovery })}\n\n`),
    ],
    [
      'by naming it in an error',
      (seen, response) =>
        sendJson(
          response,
          {
            jsonrpc: '2.0',
            id: seen.message.id,
            error: { code: -32022, message: 'x', data: { supported: ['2026-07-28'], requested: 'x' } },
          },
          400,
        ),
    ],
    [
      'by an error about headers',
      (seen, response) =>
        sendJson(response, { jsonrpc: '2.0', id: seen.message.id, error: { code: -32020, message: 'x' } }, 400),
    ],
    [
      'by an error about capabilities',
      (seen, response) =>
        sendJson(response, { jsonrpc: '2.0', id: seen.message.id, error: { code: -32021, message: 'x' } }, 400),
    ],
  ])('%s', async (_, answer) => {
    await using server = await rawServer(answer);
    await using connection = await connect(server);
    expect(connection.peer.revision).toBe('2026-07-28');
    expect(asked(server)).toEqual(['server/discover']);
  });
});

describe('a server is taken for an older one', () => {
  it.each<[string, Answer]>([
    ['by an empty 400', (_, response) => response.writeHead(400).end()],
    ['by an empty 404', (_, response) => response.writeHead(404).end()],
    ['by an empty 405', (_, response) => response.writeHead(405).end()],
    ['by 422', (_, response) => response.writeHead(422).end('{"detail":"x"}')],
    [
      'by a 400 without id',
      (_, response) =>
        sendJson(
          response,
          { jsonrpc: '2.0', error: { code: -32000, message: 'Bad Request: Server not initialized' }, id: null },
          400,
        ),
    ],
    [
      'by not knowing discovery',
      (seen, response) =>
        sendJson(response, {
          jsonrpc: '2.0',
          id: seen.message.id,
          error: { code: -32601, message: 'Method not found' },
        }),
    ],
    [
      'by not knowing discovery, as HTTP 404',
      (seen, response) =>
        sendJson(
          response,
          { jsonrpc: '2.0', id: seen.message.id, error: { code: -32601, message: 'Method not found' } },
          404,
        ),
    ],
    [
      'by any other error',
      (seen, response) =>
        sendJson(response, { jsonrpc: '2.0', id: seen.message.id, error: { code: -32602, message: 'x' } }),
    ],
    [
      'by naming only older revisions',
      (seen, response) =>
        sendJson(
          response,
          {
            jsonrpc: '2.0',
            id: seen.message.id,
            error: { code: -32022, message: 'x', data: { supported: ['2025-11-25'] } },
          },
          400,
        ),
    ],
    [
      'by a result that is no discovery',
      (seen, response) => sendJson(response, { jsonrpc: '2.0', id: seen.message.id, result: {} }),
    ],
  ])('%s', async (_, refuse) => {
    await using server = await rawServer(legacy(refuse));
    await using connection = await connect(server);
    expect(connection.peer.revision).toBe('2025-11-25');
    await expect
      .poll(() => asked(server).slice(0, 3))
      .toEqual(['server/discover', 'initialize', 'notifications/initialized']);
    expect(textOf(await connection.service(toolCall('a')))).toBe('old');
  });
});

describe('no conclusion is drawn', () => {
  it.each([401, 403, 408, 429, 500, 502, 503, 307])('from status %i', async (status) => {
    await using server = await rawServer((_, response) => response.writeHead(status, { location: '/x' }).end());
    expect(await errorOf(connect(server))).toMatchObject({
      code: 'UPSTREAM_STATUS',
      facts: { upstream: 'up', status },
    });
    expect(asked(server)).toEqual(['server/discover']);
    await expect.poll(() => server.sockets()).toBe(0);
  });

  it('from silence', async () => {
    await using server = await rawServer(() => {});
    expect(await errorOf(connect(server, { connectTimeoutMs: 50 }))).toMatchObject({
      code: 'UPSTREAM_TIMEOUT',
      facts: { afterMs: 50 },
    });
    await expect.poll(() => server.sockets()).toBe(0);
  });

  it('when the attempt is cancelled', async () => {
    const controller = new AbortController();
    await using server = await rawServer(() => controller.abort());
    expect(await codeOf(connect(server, { signal: controller.signal }))).toBe('CANCELLED');
    await expect.poll(() => server.sockets()).toBe(0);
    expect(await codeOf(connect(server, { signal: controller.signal }))).toBe('CANCELLED');
  });

  it('where nobody answers', async () => {
    const server = await rawServer(() => {});
    await server[Symbol.asyncDispose]();
    expect(await codeOf(connect(server))).toBe('UPSTREAM_UNREACHABLE');
  });

  it('where no revision is known to both', async () => {
    await using server = await rawServer((seen, response) =>
      sendJson(response, {
        jsonrpc: '2.0',
        id: seen.message.id,
        result: { ...discovery, supportedVersions: ['2099-01-01'] },
      }),
    );
    expect(await codeOf(connect(server))).toBe('UPSTREAM_MALFORMED');
  });
});

describe('what was found out', () => {
  it('is remembered: an older server is not probed again', async () => {
    await using server = await rawServer(legacy((_, response) => response.writeHead(400).end()));
    const transport = httpTransport();
    await (await connect(server, {}, transport)).close();
    await (await connect(server, {}, transport)).close();
    expect(asked(server).filter((method) => method === 'server/discover')).toHaveLength(1);
  });

  it('is asked anew after the horizon', async () => {
    await using server = await rawServer(legacy((_, response) => response.writeHead(400).end()));
    const transport = httpTransport({ eraHorizonMs: 0 });
    await (await connect(server, {}, transport)).close();
    await (await connect(server, {}, transport)).close();
    expect(asked(server).filter((method) => method === 'server/discover')).toHaveLength(2);
  });

  it('is dropped when an older server has become a newer one', async () => {
    let answer: Answer = legacy((_, response) => response.writeHead(400).end());
    await using server = await rawServer((seen, response) => answer(seen, response));
    const transport = httpTransport();
    await (await connect(server, {}, transport)).close();
    answer = (seen, response) =>
      seen.message.method === 'server/discover'
        ? sendJson(response, { jsonrpc: '2.0', id: seen.message.id, result: discovery })
        : sendJson(
            response,
            { jsonrpc: '2.0', id: seen.message.id, error: { code: -32601, message: 'Method not found' } },
            404,
          );
    await using connection = await connect(server, {}, transport);
    expect(connection.peer.revision).toBe('2026-07-28');
  });

  it.each<[string, Answer]>([
    ['a bare 400', (_, response) => response.writeHead(400).end()],
    [
      'an error of no request',
      (_, response) =>
        sendJson(response, { jsonrpc: '2.0', id: null, error: { code: -32000, message: 'no session' } }, 400),
    ],
    [
      'another revision',
      (seen, response) =>
        sendJson(
          response,
          {
            jsonrpc: '2.0',
            id: seen.message.id,
            error: { code: -32022, message: 'x', data: { supported: ['2025-11-25'] } },
          },
          400,
        ),
    ],
  ])('is dropped, and the connection with it, when a newer server answers like an older one: %s', async (_, refuse) => {
    let answer: Answer = (seen, response) =>
      sendJson(response, { jsonrpc: '2.0', id: seen.message.id, result: discovery });
    await using server = await rawServer((seen, response) => answer(seen, response));
    const transport = httpTransport();
    await using first = await connect(server, {}, transport);
    answer = legacy(refuse);
    expect(await codeOf(first.service(toolCall('a')))).toBe('UPSTREAM_STATUS');
    expect(await first.closed).toBeInstanceOf(Error);
    await using second = await connect(server, {}, transport);
    expect(second.peer.revision).toBe('2025-11-25');
  });
});
