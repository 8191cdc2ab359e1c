import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { Client as ModernClient, StreamableHTTPClientTransport as ModernWire } from '@modelcontextprotocol/client';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as LegacyWire } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import {
  CallToolRequestSchema,
  ElicitRequestSchema,
  ElicitResultSchema,
  ListToolsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { describe, expect, it, vi } from 'vitest';
import { connectOptions, serverInfo } from './testing/calls.ts';
import { httpTransport } from './transport.ts';

interface Upstream extends AsyncDisposable {
  readonly url: string;
  /** What each session's client said that it can do. */
  readonly declared: unknown[];
  forgetSessions(): Promise<void>;
}

const requestedSchema = { type: 'object' as const, properties: { name: { type: 'string' as const } } };
const text = (value: string): { content: { type: 'text'; text: string }[] } => ({
  content: [{ type: 'text', text: value }],
});

/** The official server of 2025-11-25, with sessions, whose tool asks its user. */
async function upstream(): Promise<Upstream> {
  const sessions = new Map<string, StreamableHTTPServerTransport>();
  const declared: unknown[] = [];
  const open = async (): Promise<StreamableHTTPServerTransport> => {
    const server = new Server({ name: 'legacy', version: '1.0.0' }, { capabilities: { tools: {} } });
    server.oninitialized = () => void declared.push(server.getClientCapabilities());
    server.setRequestHandler(ListToolsRequestSchema, () => ({
      tools: [{ name: 'ask', inputSchema: { type: 'object' as const } }],
    }));
    server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
      if (server.getClientCapabilities()?.elicitation === undefined) return text('nobody to ask');
      const given = params.arguments?.['message'];
      const message = typeof given === 'string' ? given : 'Who?';
      const answer = await extra.sendRequest(
        { method: 'elicitation/create', params: { message, requestedSchema } },
        ElicitResultSchema,
      );
      return text(`${answer.action}: ${String(answer.content?.['name'])}`);
    });
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      onsessioninitialized: (id) => void sessions.set(id, transport),
    });
    await server.connect(transport);
    return transport;
  };
  const server = createServer((request, response) => {
    const id = request.headers['mcp-session-id'];
    const known = typeof id === 'string' ? sessions.get(id) : undefined;
    if (id !== undefined && known === undefined) return void response.writeHead(404).end();
    void (known === undefined ? open() : Promise.resolve(known)).then((transport) =>
      transport.handleRequest(request, response),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no address');
  const forgetSessions = async (): Promise<void> => {
    const all = [...sessions.values()];
    sessions.clear();
    for (const transport of all) await transport.close();
  };
  return {
    url: `http://127.0.0.1:${address.port}/mcp`,
    declared,
    forgetSessions,
    async [Symbol.asyncDispose]() {
      await forgetSessions();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Asked extends AsyncDisposable {
  call(name: string, message?: string): Promise<unknown>;
}

const info = { name: 'tester', version: '1.0.0' };
const answerTo = (message: string): { action: 'accept'; content: { name: string } } => ({
  action: 'accept',
  content: { name: `you said ${message}` },
});

async function legacyClient(url: string): Promise<Asked> {
  const client = new LegacyClient(info, { capabilities: { elicitation: { form: {} } } });
  client.setRequestHandler(ElicitRequestSchema, ({ params }) => answerTo(params.message));
  await client.connect(new LegacyWire(new URL(url)));
  return {
    call: (name, message) => client.callTool({ name, arguments: { message } }),
    [Symbol.asyncDispose]: () => client.close(),
  };
}

async function modernClient(url: string): Promise<Asked> {
  const client = new ModernClient(info, {
    capabilities: { elicitation: { form: {} } },
    versionNegotiation: { mode: { pin: '2026-07-28' } },
  });
  client.setRequestHandler('elicitation/create', ({ params }) => answerTo(params.message));
  await client.connect(new ModernWire(new URL(url)));
  return {
    call: (name, message) => client.callTool({ name, arguments: { message } }),
    [Symbol.asyncDispose]: () => client.close(),
  };
}

describe.each([
  { name: 'the official client of 2025-11-25', open: legacyClient },
  { name: 'the official client of 2026-07-28', open: modernClient },
])('$name with a server of 2025-11-25', ({ open }) => {
  it('is asked in the middle of a call, each of many at once its own question', async () => {
    await using server = await upstream();
    const transport = httpTransport();
    await using connection = await transport.connect({ url: server.url }, connectOptions);
    await using listener = await transport.serve(connection.service, { serverInfo });
    await using client = await open(listener.address);
    const replies = await Promise.all(['a', 'b', 'c'].map((message) => client.call('ask', message)));
    expect(replies).toMatchObject(
      ['a', 'b', 'c'].map((message) => ({ content: [{ text: `accept: you said ${message}` }] })),
    );
    expect(server.declared).toEqual([
      { elicitation: { form: {}, url: {} }, sampling: { tools: {} }, roots: { listChanged: false } },
      { elicitation: { form: {} } },
    ]);
  });

  it('does not notice that the server has forgotten its sessions', async () => {
    await using server = await upstream();
    const transport = httpTransport();
    await using connection = await transport.connect({ url: server.url }, connectOptions);
    await using listener = await transport.serve(connection.service, { serverInfo });
    await using client = await open(listener.address);
    expect(await client.call('ask')).toMatchObject({ content: [{ text: 'accept: you said Who?' }] });
    await server.forgetSessions();
    expect(await client.call('ask')).toMatchObject({ content: [{ text: 'accept: you said Who?' }] });
  });
});

it('lets a server know what its callers can do, call by call', async () => {
  await using server = await upstream();
  const transport = httpTransport();
  await using connection = await transport.connect({ url: server.url }, connectOptions);
  await using listener = await transport.serve(connection.service, { serverInfo });
  const mute = new ModernClient(info, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
  await mute.connect(new ModernWire(new URL(listener.address)));
  expect(await mute.callTool({ name: 'ask' })).toMatchObject({ content: [{ text: 'nobody to ask' }] });
  await using client = await modernClient(listener.address);
  expect(await client.call('ask')).toMatchObject({ content: [{ text: 'accept: you said Who?' }] });
  await vi.waitFor(() => expect(server.declared).toHaveLength(3));
  await mute.close();
});
