/** A proxy as one would write it with the official SDK: a server whose tool handler calls a client. */
import { createServer } from 'node:http';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { NodeIncomingMessageLike } from '@modelcontextprotocol/node';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, Server } from '@modelcontextprotocol/server';
import { announce } from './announce.ts';

const client = new Client(
  { name: 'sdk-proxy', version: '1.0.0' },
  { versionNegotiation: { mode: { pin: '2026-07-28' } } },
);
await client.connect(new StreamableHTTPClientTransport(new URL(process.argv[2] ?? '')));

const handler = createMcpHandler(() => {
  const server = new Server({ name: 'sdk-proxy', version: '1.0.0' }, { capabilities: { tools: {} } });
  server.setRequestHandler('tools/list', (request) => client.listTools(request.params));
  server.setRequestHandler('tools/call', (request) => client.callTool(request.params));
  return server;
});
const answer = toNodeHandler(handler);
const http = createServer((request, response) => void answer(request as NodeIncomingMessageLike, response));
announce(http);
