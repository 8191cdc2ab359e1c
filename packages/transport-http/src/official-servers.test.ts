import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type NodeIncomingMessageLike, toNodeHandler } from '@modelcontextprotocol/node';
import { Server as LegacyServer } from '@modelcontextprotocol/sdk/server/index.js';
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { createMcpHandler, Server as ModernServer } from '@modelcontextprotocol/server';
import { type Connection, RawObject } from '@toolyard/protocol';
import { describe, expect, it } from 'vitest';
import { call, codeOf, collect, connectOptions, textOf, toolCall } from './testing/calls.ts';
import { httpTransport } from './transport.ts';

interface Upstream extends AsyncDisposable {
  readonly url: string;
}

async function listen(answer: RequestListener, end: () => Promise<void>): Promise<Upstream> {
  const server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no address');
  return {
    url: `http://127.0.0.1:${address.port}/mcp`,
    async [Symbol.asyncDispose]() {
      await end();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Happenings {
  readonly started: PromiseWithResolvers<void>;
  readonly aborted: PromiseWithResolvers<void>;
}

/** What a tool says: its argument, or its own name. */
function textFor({
  name,
  arguments: given,
}: {
  readonly name: string;
  readonly arguments?: Readonly<Record<string, unknown>> | undefined;
}): string {
  const text = given?.['text'];
  return typeof text === 'string' ? text : name;
}

function happenings(): Happenings {
  return { started: Promise.withResolvers<void>(), aborted: Promise.withResolvers<void>() };
}

function modern(seen: Happenings = happenings(), responseMode: 'auto' | 'json' | 'sse' = 'auto'): Promise<Upstream> {
  const handler = createMcpHandler(
    () => {
      const server = new ModernServer({ name: 'modern', version: '2.0.0' }, { capabilities: { tools: {} } });
      server.setRequestHandler('tools/list', () => ({
        tools: [{ name: 'echo', inputSchema: { type: 'object' as const } }],
      }));
      server.setRequestHandler('tools/call', async ({ params }, context) => {
        const progressToken = context.mcpReq._meta?.progressToken;
        if (params.name === 'steps' && progressToken !== undefined) {
          for (const progress of [1, 2])
            await context.mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress } });
        }
        if (params.name === 'wait') {
          seen.started.resolve();
          await new Promise<void>((resolve) => context.mcpReq.signal.addEventListener('abort', () => resolve()));
          seen.aborted.resolve();
        }
        return { content: [{ type: 'text', text: textFor(params) }] };
      });
      return server;
    },
    { legacy: 'reject', responseMode },
  );
  const answer = toNodeHandler(handler);
  return listen(
    (request, response) => void answer(request as NodeIncomingMessageLike, response),
    () => handler.close(),
  );
}

/** A server of 2025-11-25 with a few tools. */
function legacyServer(seen: Happenings): LegacyServer {
  const server = new LegacyServer({ name: 'legacy', version: '1.0.0' }, { capabilities: { tools: {}, logging: {} } });
  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: [{ name: 'echo', inputSchema: { type: 'object' as const } }],
  }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
    if (params.name === 'steps' && extra._meta?.progressToken !== undefined) {
      const { progressToken } = extra._meta;
      for (const progress of [1, 2])
        await extra.sendNotification({ method: 'notifications/progress', params: { progressToken, progress } });
    }
    if (params.name === 'wait') {
      seen.started.resolve();
      await new Promise<void>((resolve) => extra.signal.addEventListener('abort', () => resolve()));
      seen.aborted.resolve();
    }
    return { content: [{ type: 'text', text: textFor(params) }] };
  });
  return server;
}

function legacy(seen: Happenings = happenings(), enableJsonResponse = false): Promise<Upstream> {
  const sessions = new Map<string, StreamableHTTPServerTransport>();
  const open = async (): Promise<StreamableHTTPServerTransport> => {
    const transport = new StreamableHTTPServerTransport({
      enableJsonResponse,
      sessionIdGenerator: () => randomUUID(),
      onsessioninitialized: (id) => void sessions.set(id, transport),
      onsessionclosed: (id) => void sessions.delete(id),
    });
    await legacyServer(seen).connect(transport);
    return transport;
  };
  return listen(
    (request, response) => {
      const id = request.headers['mcp-session-id'];
      const known = typeof id === 'string' ? sessions.get(id) : undefined;
      if (id !== undefined && known === undefined) return void response.writeHead(404).end();
      void (known === undefined ? open() : Promise.resolve(known)).then((transport) =>
        transport.handleRequest(request, response),
      );
    },
    async () => {
      for (const transport of sessions.values()) await transport.close();
    },
  );
}

/** One server for each request, no session, no GET. */
function stateless(seen: Happenings = happenings()): Promise<Upstream> {
  return listen(
    (request, response) => {
      if (request.method !== 'POST') return void response.writeHead(405).end();
      const transport = new StreamableHTTPServerTransport();
      const server = legacyServer(seen);
      response.on('close', () => void server.close());
      void server.connect(transport).then(() => transport.handleRequest(request, response));
    },
    async () => {},
  );
}

/** The transport of 2024-11-05: one event stream, and POSTs beside it. */
async function sse(seen: Happenings = happenings()): Promise<Upstream> {
  const sessions = new Map<string, SSEServerTransport>();
  const upstream = await listen(
    (request, response) => {
      const url = new URL(request.url ?? '', 'http://localhost');
      if (request.method === 'GET' && url.pathname === '/sse') {
        const transport = new SSEServerTransport('/messages', response);
        sessions.set(transport.sessionId, transport);
        void legacyServer(seen).connect(transport);
      } else if (url.pathname === '/messages') {
        void sessions.get(url.searchParams.get('sessionId') ?? '')?.handlePostMessage(request, response);
      } else response.writeHead(404).end();
    },
    async () => {
      for (const transport of sessions.values()) await transport.close();
    },
  );
  return { ...upstream, url: upstream.url.replace(/mcp$/, 'sse') };
}

async function connect(upstream: Upstream): Promise<Connection> {
  return httpTransport().connect({ url: upstream.url }, connectOptions);
}

describe.each([
  { name: 'the official server of 2026-07-28', open: modern, revision: '2026-07-28' },
  {
    name: 'the official server of 2026-07-28, answering in event streams',
    open: (seen?: Happenings) => modern(seen, 'sse'),
    revision: '2026-07-28',
  },
  { name: 'the official server of 2025-11-25', open: legacy, revision: '2025-11-25' },
  {
    name: 'the official server of 2025-11-25, answering in JSON',
    open: (seen?: Happenings) => legacy(seen, true),
    revision: '2025-11-25',
  },
  { name: 'the official server of 2025-11-25 without sessions', open: stateless, revision: '2025-11-25' },
  { name: 'the official server over HTTP+SSE', open: sse, revision: '2025-11-25', wire: 'http+sse' },
])('$name', ({ name, open, revision, wire = 'streamable-http' }) => {
  it('is found out, and its tools can be called', async () => {
    await using upstream = await open();
    await using connection = await connect(upstream);
    expect(connection.peer).toEqual({ revision, wire });
    const list = await connection.service(call('tools/list'));
    expect(list.result.array('tools')?.map((tool) => (tool instanceof RawObject ? tool.string('name') : ''))).toContain(
      'echo',
    );
    const reply = await connection.service(toolCall('echo', { text: 'hello' }));
    expect(textOf(reply)).toBe('hello');
    expect(reply.result.string('resultType')).toBe('complete');
  });

  it('answers many calls at once, each with its own reply', async () => {
    await using upstream = await open();
    await using connection = await connect(upstream);
    const texts = Array.from({ length: 20 }, (_, at) => `text ${at}`);
    const replies = await Promise.all(texts.map((text) => connection.service(toolCall('echo', { text }))));
    expect(replies.map(textOf)).toEqual(texts);
  });

  // An answer in JSON has no room for it.
  const reports: [string | number][] = name.endsWith('JSON') ? [] : [['mine'], [7]];
  it.each(reports)('reports progress under the token %s of the caller', async (progressToken) => {
    await using upstream = await open();
    await using connection = await connect(upstream);
    const { notify, seen } = collect();
    await connection.service(toolCall('steps', {}, { notify, progressToken }));
    expect(seen.map(({ method, params }) => [method, params.value])).toEqual([
      ['notifications/progress', { progressToken, progress: 1 }],
      ['notifications/progress', { progressToken, progress: 2 }],
    ]);
  });

  it('sees that a call was cancelled', async () => {
    const seen = happenings();
    await using upstream = await open(seen);
    await using connection = await connect(upstream);
    const controller = new AbortController();
    const code = codeOf(connection.service(toolCall('wait', {}, { signal: controller.signal })));
    await seen.started.promise;
    controller.abort();
    expect(await code).toBe('CANCELLED');
    await seen.aborted.promise;
  });

  it('gets no more calls after close', async () => {
    await using upstream = await open();
    const connection = await connect(upstream);
    await connection.close();
    await connection.close();
    expect(await connection.closed).toBeUndefined();
    expect(await codeOf(connection.service(toolCall('echo')))).toBe('CLOSED');
  });
});

describe('a session of the official server of 2025-11-25', () => {
  it('is ended at the server by close', async () => {
    await using upstream = await legacy();
    const first = await connect(upstream);
    await first.close();
    // The server holds no session now, so an old id is refused: a new connection must make its own.
    await using second = await connect(upstream);
    expect(textOf(await second.service(toolCall('echo', { text: 'again' })))).toBe('again');
  });
});
