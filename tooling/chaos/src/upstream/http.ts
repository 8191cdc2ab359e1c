import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createHttpLane } from './http-lane.ts';
import type { Journal } from './journal.ts';
import { failure, reply, resultOf, type Era } from './replies.ts';
import { readMessage, type Incoming } from './request.ts';
import { createTools, type Lane } from './tool.ts';

interface Session {
  /** Calls in flight by id. */
  readonly calls: Map<string, () => void>;
}

/** Streamable HTTP of one era. Resolves with the port. */
export function serveHttp(era: Era, port: number, journal: Journal): Promise<number> {
  const sessions = new Map<string, Session>();
  const runTool = createTools(era, journal);
  let made = 0;
  let refused = 0;

  const server = createServer({ keepAliveTimeout: 3_000 }, (request, response) => {
    response.on('error', () => response.destroy());
    if (request.method === 'GET') return listen(request, response);
    if (request.method === 'DELETE') {
      const id = String(request.headers['mcp-session-id']);
      // What ran in it ends with it, as it does where the official SDK serves.
      for (const end of sessions.get(id)?.calls.values() ?? []) end();
      sessions.delete(id);
      return void response.writeHead(200).end();
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => post(request, response, readMessage(Buffer.concat(chunks).toString())));
  });

  return new Promise((resolve) => {
    server.listen(port, '127.0.0.1', 4_096, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });

  function listen(request: IncomingMessage, response: ServerResponse): void {
    if (era === 'modern' || !sessions.has(String(request.headers['mcp-session-id'])))
      return void response.writeHead(405).end();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
  }

  function post(request: IncomingMessage, response: ServerResponse, incoming: Incoming): void {
    const { id, method, cancelled } = incoming;
    const session = sessions.get(String(request.headers['mcp-session-id']));
    const say = (status: number, body: string, headers: Record<string, string> = {}): void => {
      response.writeHead(status, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        ...headers,
      });
      response.end(body);
    };
    if (era === 'legacy' && method !== 'initialize' && session === undefined) {
      const known = request.headers['mcp-session-id'] !== undefined;
      // Some say whose request it was, some do not.
      const about = ++refused % 2 === 0 ? 'null' : (id ?? 'null');
      return say(known ? 404 : 400, failure(about, -32_000, 'there is no such session'));
    }
    if (id === undefined) {
      if (method === 'notifications/cancelled' && cancelled !== undefined) session?.calls.get(cancelled)?.();
      response.writeHead(202).end();
      return;
    }
    if (method === 'server/discover' || method === 'initialize' || method === 'tools/list') {
      const mood = journal.mood();
      if (mood === 'mute') return;
      if (mood === 'nonsense') return say(200, '{"jsonrpc":"2.0","id":');
      if (mood === 'die') return void process.kill(process.pid, 'SIGKILL');
    }
    const result = resultOf(era, method);
    if (result !== undefined) {
      const headers: Record<string, string> = {};
      if (method === 'initialize') {
        headers['mcp-session-id'] = `${process.pid}-${++made}`;
        sessions.set(headers['mcp-session-id'], { calls: new Map() });
      }
      return say(200, reply(id, result), headers);
    }
    if (method === 'tools/call') return runTool(incoming, lane(response, incoming, session));
    say(era === 'modern' ? 404 : 200, failure(id, -32_601, 'Method not found'));
  }

  /** A call is over when its response is closed; in older revisions when it is cancelled, too. */
  function lane(response: ServerResponse, incoming: Incoming, session: Session | undefined): Lane {
    const id = incoming.id ?? 'null';
    const made = createHttpLane(era, response, incoming);
    if (session === undefined) return made;
    const listeners: (() => void)[] = [];
    session.calls.set(id, () => {
      session.calls.delete(id);
      for (const listener of listeners) listener();
      response.destroy();
    });
    response.once('close', () => {
      if (response.writableFinished || incoming.arguments.act !== 'hold') session.calls.delete(id);
    });
    return { ...made, onOver: (listener) => void listeners.push(listener) };
  }
}
