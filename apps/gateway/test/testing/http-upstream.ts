import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

export interface HttpUpstream extends AsyncDisposable {
  readonly url: string;
  /** Calls of `wait` that came, and those whose response stream was closed before it had an end. */
  readonly waiting: number;
  readonly cancelled: number;
}

/**
 * An MCP server of revision 2026-07-28 over HTTP, written by hand: `wait` never answers, `exact` answers with `exactResult` byte for byte.
 */
export async function startHttpUpstream(exactResult = '{"resultType":"complete","content":[]}'): Promise<HttpUpstream> {
  const seen = { waiting: 0, cancelled: 0 };
  const server = createServer((request, response) => void handle(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST') return void response.writeHead(405).end();
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    const message = JSON.parse(body) as { id?: unknown; method: string; params?: { name?: string } };
    const respond = (result: string): void => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(`{"jsonrpc":"2.0","id":${JSON.stringify(message.id)},"result":${result}}`);
    };
    if (message.id === undefined) return void response.writeHead(202).end();
    if (message.method === 'server/discover') {
      return respond(
        '{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{}},"ttlMs":0,"cacheScope":"public"}',
      );
    }
    if (message.method === 'tools/list') {
      const tools = ['wait', 'exact'].map((name) => ({ name, inputSchema: { type: 'object' } }));
      return respond(JSON.stringify({ resultType: 'complete', tools, ttlMs: 0, cacheScope: 'public' }));
    }
    if (message.method === 'tools/call' && message.params?.name === 'exact') return respond(exactResult);
    if (message.method === 'tools/call') {
      seen.waiting += 1;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(': here\n\n');
      response.on('close', () => {
        if (!response.writableFinished) seen.cancelled += 1;
      });
      return;
    }
    response.writeHead(404, { 'content-type': 'application/json' });
    response.end(
      `{"jsonrpc":"2.0","id":${JSON.stringify(message.id)},"error":{"code":-32601,"message":"Method not found"}}`,
    );
  }

  return {
    url: `http://127.0.0.1:${port}/mcp`,
    get waiting() {
      return seen.waiting;
    },
    get cancelled() {
      return seen.cancelled;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
