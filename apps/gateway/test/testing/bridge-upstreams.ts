import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type NodeIncomingMessageLike, toNodeHandler } from '@modelcontextprotocol/node';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { legacyServer, type Watchers } from '../fixtures/bridge/legacy-server.ts';
import { modernServer } from '../fixtures/bridge/modern-server.ts';
import type { Script } from '../fixtures/bridge/script.ts';

export interface BridgeUpstream extends AsyncDisposable {
  readonly url: string;
}

async function listen(answer: RequestListener, end: () => Promise<void>): Promise<BridgeUpstream> {
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
      server.close();
      await once(server, 'close');
    },
  };
}

export function modernHttp(script: Script): Promise<BridgeUpstream> {
  const handler = createMcpHandler(() => modernServer(script, (uri) => handler.notify.resourceUpdated(uri)), {
    legacy: 'reject',
  });
  const answer = toNodeHandler(handler);
  return listen(
    (request, response) => void answer(request as NodeIncomingMessageLike, response),
    () => handler.close(),
  );
}

export interface LegacyUpstream extends BridgeUpstream {
  /** From now on its sessions get 404. */
  forgetSessions(): Promise<void>;
}

export async function legacyHttp(script: Script): Promise<LegacyUpstream> {
  const sessions = new Map<string, StreamableHTTPServerTransport>();
  const watchers: Watchers = new Set();
  const open = async (): Promise<StreamableHTTPServerTransport> => {
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      onsessioninitialized: (id) => void sessions.set(id, transport),
      onsessionclosed: (id) => void sessions.delete(id),
    });
    await legacyServer(script, watchers).connect(transport);
    return transport;
  };
  const forgetSessions = async (): Promise<void> => {
    const all = [...sessions.values()];
    sessions.clear();
    for (const transport of all) await transport.close();
  };
  const upstream = await listen((request, response) => {
    const id = request.headers['mcp-session-id'];
    const known = typeof id === 'string' ? sessions.get(id) : undefined;
    if (id !== undefined && known === undefined) return void response.writeHead(404).end();
    void (known === undefined ? open() : Promise.resolve(known)).then((transport) =>
      transport.handleRequest(request, response),
    );
  }, forgetSessions);
  return { ...upstream, forgetSessions };
}
