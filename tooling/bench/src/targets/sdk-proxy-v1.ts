/** A proxy as one would write it with the official SDK before 2026-07-28: sessions, a server object for each. */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { announce } from './announce.ts';

const client = new Client({ name: 'sdk-proxy', version: '1.0.0' });
const [upstream = ''] = process.argv.slice(2);
await client.connect(
  upstream.startsWith('http')
    ? new StreamableHTTPClientTransport(new URL(upstream))
    : new StdioClientTransport({ command: process.execPath, args: [upstream] }),
);

const sessions = new Map<string, StreamableHTTPServerTransport>();

async function openSession(): Promise<StreamableHTTPServerTransport> {
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    enableJsonResponse: true,
    onsessioninitialized: (id) => void sessions.set(id, transport),
  });
  const server = new Server({ name: 'sdk-proxy', version: '1.0.0' }, { capabilities: { tools: {} } });
  server.setRequestHandler(ListToolsRequestSchema, (request) => client.listTools(request.params));
  server.setRequestHandler(CallToolRequestSchema, (request) => client.callTool(request.params));
  await server.connect(transport);
  return transport;
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const id = request.headers['mcp-session-id'];
  const transport = (typeof id === 'string' ? sessions.get(id) : undefined) ?? (await openSession());
  await transport.handleRequest(request, response);
}

announce(createServer((request, response) => void answer(request, response)));
