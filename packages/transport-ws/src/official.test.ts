import { Client as ModernClient } from '@modelcontextprotocol/client';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { WebSocketClientTransport } from '@modelcontextprotocol/sdk/client/websocket.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { toSdkTransport } from '@toolyard/protocol/sdk';
import { describe, expect, it } from 'vitest';
import { connectOptions, serverInfo } from './testing/calls.ts';
import { sdkServerV1, sdkServerV2 } from './testing/sdk-servers.ts';
import { dialPipe } from './testing/ws-rig.ts';
import { wsTransport } from './transport.ts';

const clientInfo = { name: 'sdk-client', version: '1.0.0' };
const capabilities = { elicitation: { form: {} } };
const answer = { action: 'accept' as const, content: { name: 'Ada' } };

interface CallOptions {
  readonly onprogress?: (progress: { progress: number }) => void;
  readonly signal?: AbortSignal;
}

interface TestClient extends AsyncDisposable {
  listTools(): Promise<readonly string[]>;
  callTool(name: string, args?: Record<string, unknown>, options?: CallOptions): Promise<unknown>;
}

/** The official SDK's own WebSocket client. */
async function legacyClient(address: string): Promise<TestClient> {
  const client = new LegacyClient(clientInfo, { capabilities });
  client.setRequestHandler(ElicitRequestSchema, () => answer);
  await client.connect(new WebSocketClientTransport(new URL(address)));
  return {
    listTools: async () => (await client.listTools()).tools.map(({ name }) => name),
    callTool: async (name, args = {}, options = {}) =>
      (await client.callTool({ name, arguments: args }, undefined, options)).content,
    [Symbol.asyncDispose]: () => client.close(),
  };
}

/** The second generation has no WebSocket any more. */
async function modernClient(address: string): Promise<TestClient> {
  const client = new ModernClient(clientInfo, { capabilities, versionNegotiation: { mode: { pin: '2026-07-28' } } });
  client.setRequestHandler('elicitation/create', () => answer);
  await client.connect(toSdkTransport((await dialPipe(address)).pipe));
  return {
    listTools: async () => (await client.listTools()).tools.map(({ name }) => name),
    callTool: async (name, args = {}, options = {}) =>
      (await client.callTool({ name, arguments: args }, options)).content,
    [Symbol.asyncDispose]: () => client.close(),
  };
}

const clients = { 'the official client 1.x': legacyClient, 'the official client 2.x': modernClient };
const servers = { 'an official server 1.x': sdkServerV1, 'an official server 2.x': sdkServerV2 };
const rows = Object.entries(clients).flatMap(([clientName, openClient]) =>
  Object.entries(servers).map(([serverName, openServer]) => ({ clientName, openClient, serverName, openServer })),
);

/** client → WebSocket → `serve` of what `connect` found → WebSocket → server */
async function chain({ openClient, openServer }: (typeof rows)[number]) {
  const opened = new AsyncDisposableStack();
  const ws = wsTransport({ probeTimeoutMs: 1_000 });
  const server = opened.use(await openServer());
  const connection = opened.use(await ws.connect({ url: server.url }, connectOptions));
  const listener = opened.use(await ws.serve(connection.service, { serverInfo }));
  const client = opened.use(await openClient(listener.address));
  return { client, server, connection, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

describe.each(rows)('$clientName with $serverName, both over WebSocket', (row) => {
  it('lists and calls tools, each in its revision', async () => {
    await using both = await chain(row);
    expect(both.connection.peer.revision).toBe(row.openServer === sdkServerV2 ? '2026-07-28' : '2025-11-25');
    expect(await both.client.listTools()).toEqual(['echo', 'count', 'ask', 'wait']);
    expect(await both.client.callTool('echo', { text: 'grüß dich' })).toEqual([
      { type: 'text', text: '{"text":"grüß dich"}' },
    ]);
  });

  it('shows progress before the reply', async () => {
    await using both = await chain(row);
    const seen: number[] = [];
    const onprogress = ({ progress }: { readonly progress: number }): void => {
      seen.push(progress);
      both.server.goOn(progress);
    };
    await both.client.callTool('count', {}, { onprogress });
    expect(seen).toEqual([1, 2, 3]);
  });

  it('answers a question in the middle of a call', async () => {
    await using both = await chain(row);
    expect(await both.client.callTool('ask')).toEqual([{ type: 'text', text: 'accept: Ada' }]);
  });

  it('cancels a call', async () => {
    await using both = await chain(row);
    const controller = new AbortController();
    const call = both.client.callTool('wait', {}, { signal: controller.signal });
    await both.server.waiting;
    controller.abort();
    await expect(call).rejects.toThrow(/abort/i);
    await both.server.cancelled;
  });
});
