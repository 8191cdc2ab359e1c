import { connect as connectSocket, createServer, type Socket } from 'node:net';
import { once } from 'node:events';
import { ask, type RawAnswer } from './raw-http.ts';

const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

/** Says `initialize` to an endpoint of Streamable HTTP. */
export function initialize(
  address: string,
  more: Record<string, string> = {},
  protocolVersion = '2025-11-25',
  capabilities: Record<string, unknown> = {},
): Promise<RawAnswer> {
  const params = { protocolVersion, capabilities, clientInfo: { name: 'tester', version: '1' } };
  const body = { jsonrpc: '2.0', id: 'init', method: 'initialize', params };
  return ask(address, { headers: { ...headers, ...more }, body });
}

/** Opens a session of Streamable HTTP and gives the headers of everything in it. */
export async function openSession(
  address: string,
  revision = '2025-11-25',
  more: Record<string, string> = {},
  capabilities: Record<string, unknown> = {},
): Promise<Record<string, string>> {
  const answer = await initialize(address, more, revision, capabilities);
  const inside = {
    ...headers,
    ...more,
    'mcp-session-id': String(answer.headers['mcp-session-id']),
    // The header came with this revision.
    ...(revision >= '2025-06-18' && { 'mcp-protocol-version': revision }),
  };
  const noted = await ask(address, { headers: inside, body: { jsonrpc: '2.0', method: 'notifications/initialized' } });
  if (noted.status !== 202) throw new Error(`initialized was answered with ${noted.status}`);
  return inside;
}

export function toolRequest(
  name: string,
  id: unknown = 2,
  more: Record<string, unknown> = {},
): Readonly<Record<string, unknown>> {
  return { jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: { text: 'hi' }, ...more } };
}

/** One server-sent event; comments are none. */
export interface SeenEvent {
  readonly id?: string;
  readonly event?: string;
  readonly retry?: string;
  readonly data?: string;
}

export interface EventsRequest {
  readonly method?: string;
  readonly headers: Record<string, string>;
  readonly body?: unknown;
}

/** A GET stream that is read as it comes. */
export interface Standing {
  readonly status: number;
  leave(): void;
  /** What came, up to the part in which `text` is seen, or `<end>` where the stream ends before. */
  until(text: string): Promise<string>;
}

export async function stand(address: string, inside: Record<string, string>): Promise<Standing> {
  const controller = new AbortController();
  const response = await fetch(address, {
    headers: { ...inside, accept: 'text/event-stream' },
    signal: controller.signal,
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  return {
    status: response.status,
    leave: () => controller.abort(),
    async until(text: string): Promise<string> {
      let seen = '';
      while (!seen.includes(text)) {
        const part = await reader?.read();
        if (part === undefined || part.done) return `${seen}<end>`;
        seen += part.value;
      }
      return seen;
    },
  };
}

/** A response that is read event by event. */
export interface Events {
  readonly status: number;
  /** `undefined` once the stream has ended or broken. */
  next(): Promise<SeenEvent | undefined>;
  /** All there is until the end. */
  rest(): Promise<SeenEvent[]>;
  /** Closes the connection. */
  leave(): void;
}

export async function events(
  address: string,
  { method = 'GET', headers: given, body }: EventsRequest,
): Promise<Events> {
  const controller = new AbortController();
  const response = await fetch(address, {
    method,
    headers: method === 'GET' ? { ...given, accept: 'text/event-stream' } : given,
    signal: controller.signal,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const next = async (): Promise<SeenEvent | undefined> => {
    for (;;) {
      const end = text.indexOf('\n\n');
      if (end >= 0) {
        const event = parse(text.slice(0, end));
        text = text.slice(end + 2);
        if (Object.keys(event).length > 0) return event;
        continue;
      }
      const part = await reader?.read().catch(() => undefined);
      if (part === undefined || part.done) return undefined;
      text += part.value;
    }
  };
  return {
    status: response.status,
    next,
    async rest() {
      const all: SeenEvent[] = [];
      for (let event = await next(); event !== undefined; event = await next()) all.push(event);
      return all;
    },
    leave: () => controller.abort(),
  };
}

function parse(block: string): SeenEvent {
  const lines = block.split('\n').filter((line) => !line.startsWith(':') && line !== '');
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trimStart()]),
  );
}

export function posted(inside: Record<string, string>, body: unknown): EventsRequest {
  return { method: 'POST', headers: inside, body };
}

export function resumed(inside: Record<string, string>, lastEventId: string | undefined): EventsRequest {
  return { headers: { ...inside, 'last-event-id': lastEventId ?? '' } };
}

export interface CuttingProxy extends AsyncDisposable {
  /** The address it stands in for, by way of it. */
  readonly address: string;
  /** Breaks every connection that is open. */
  cut(): void;
}

/** A TCP proxy that can break what goes through it. */
export async function cuttingProxy(address: string): Promise<CuttingProxy> {
  const url = new URL(address);
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connectSocket(Number(url.port), url.hostname);
    for (const [one, other] of [[near, far] as const, [far, near] as const]) {
      sockets.add(one);
      one.on('error', () => {});
      one.on('close', () => (sockets.delete(one), other.destroy()));
      one.pipe(other);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  if (typeof bound !== 'object' || bound === null) throw new Error('no address');
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    address: `http://127.0.0.1:${bound.port}${url.pathname}`,
    cut,
    async [Symbol.asyncDispose]() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
