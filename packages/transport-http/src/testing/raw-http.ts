import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { connect as connectSocket, type Socket } from 'node:net';

export interface RawServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly requests: SeenRequest[];
  sockets(): Promise<number>;
}

/** A JSON-RPC message of any kind, with what tests look at. */
export interface Message {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

function parse(text: string): Message {
  return JSON.parse(text) as Message;
}

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly message: Message;
}

/** A `node:http` server that does what a test says, and remembers what it was asked. */
export async function rawServer(
  answer: (seen: SeenRequest, response: ServerResponse, request: IncomingMessage) => void,
): Promise<RawServer> {
  const requests: SeenRequest[] = [];
  const server = createServer((message, response) => {
    const chunks: Buffer[] = [];
    message.on('data', (chunk: Buffer) => chunks.push(chunk));
    message.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const seen: SeenRequest = {
        method: message.method ?? '',
        url: message.url ?? '',
        headers: message.headers,
        body,
        message: body === '' ? {} : parse(body),
      };
      requests.push(seen);
      answer(seen, response, message);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no address');
  return {
    url: `http://127.0.0.1:${address.port}/mcp`,
    port: address.port,
    requests,
    sockets: () =>
      new Promise((resolve, reject) =>
        server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
      ),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Answers discovery as a server of 2026-07-28 does, and leaves the rest to `answer`. */
export function modernAnswers(answer: (seen: SeenRequest, response: ServerResponse, request: IncomingMessage) => void) {
  return (seen: SeenRequest, response: ServerResponse, request: IncomingMessage): void => {
    if (seen.message.method !== 'server/discover') return answer(seen, response, request);
    const result = {
      resultType: 'complete',
      supportedVersions: ['2026-07-28'],
      capabilities: {},
      ttlMs: 0,
      cacheScope: 'private',
    };
    sendJson(response, { jsonrpc: '2.0', id: seen.message.id, result });
  };
}

export function sendJson(response: ServerResponse, message: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(message));
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly json: Message;
}

export interface RawRequest {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** One request with exactly these headers; `undefined` bodies are left out, strings go as they are, anything else as JSON. */
export async function ask(
  address: string,
  { method = 'POST', path, headers = {}, body }: RawRequest,
): Promise<RawAnswer> {
  const url = new URL(address);
  const outgoing = request({
    host: url.hostname,
    port: url.port,
    path: path ?? url.pathname,
    method,
    headers,
    agent: false,
  });
  outgoing.end(body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body));
  const response = await new Promise<IncomingMessage>((resolve, reject) =>
    outgoing.on('response', resolve).on('error', reject),
  );
  const parts: Buffer[] = [];
  response.on('data', (part: Buffer) => parts.push(part));
  await once(response, 'end');
  const text = Buffer.concat(parts).toString();
  const isJson = String(response.headers['content-type']).startsWith('application/json');
  return { status: response.statusCode ?? 0, headers: response.headers, body: text, json: isJson ? parse(text) : {} };
}

export const modernMeta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
};

/** Headers of a modern request; `more` replaces or adds. */
export function modernHeaders(method: string, more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': method,
    ...more,
  };
}

/** A modern request, ready to be asked. */
export function modernRequest(
  method: string,
  params: Readonly<Record<string, unknown>> = {},
  more: Readonly<Record<string, string>> = {},
): RawRequest {
  const name = typeof params['name'] === 'string' ? { 'mcp-name': params['name'] } : {};
  return {
    headers: modernHeaders(method, { ...name, ...more }),
    body: { jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: modernMeta } },
  };
}

/** The messages in an event stream that has ended. */
export function messagesIn(events: string): Message[] {
  const dataOf = (event: string): string => {
    const lines = event.split('\n').filter((line) => line.startsWith('data: '));
    return lines.map((line) => line.slice(6)).join('\n');
  };
  return events
    .split('\n\n')
    .map(dataOf)
    .filter((data) => data !== '')
    .map(parse);
}

/** A bare socket to a server. */
export async function socketTo(port: number): Promise<Socket> {
  const socket = connectSocket(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}
