import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { RawClient, RawServer, Served, TransportRig } from '@toolyard/contract-tests';
import { type Envelope, type Listener, readEnvelope } from '@toolyard/protocol';
import { httpTransport } from '../transport.ts';

/** `httpTransport` on loopback, with raw peers made of `node:http` alone. */
export function httpRig(): TransportRig {
  const transport = httpTransport();
  const open: (() => Promise<void>)[] = [];
  return {
    transport,
    async listen(service, options) {
      const listener: Listener = await transport.serve(service, options);
      open.push(() => listener.close());
      return { target: { url: listener.address }, close: (how) => listener.close(how) };
    },
    async listenRaw(script) {
      const { server, url } = await listenRaw(script);
      open.push(() => shut(server));
      return { target: { url } };
    },
    async dialRaw(served) {
      const client = dialRaw(served);
      open.push(async () => client.drop());
      return client;
    },
    async nowhere() {
      const { server, url } = await listenRaw(() => {});
      await shut(server);
      return { url };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(open.map((close) => close()));
    },
  };
}

async function shut(server: Server): Promise<void> {
  server.closeAllConnections();
  if (server.listening) await new Promise((resolve) => server.close(resolve));
}

async function listenRaw(script: RawServer): Promise<{ server: Server; url: string }> {
  const server = createServer((message, response) => void answer(script, message, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no address');
  return { server, url: `http://127.0.0.1:${address.port}/mcp` };
}

/** What the script sends in one turn is the whole answer: one message as JSON, more as events. */
async function answer(script: RawServer, message: IncomingMessage, response: ServerResponse): Promise<void> {
  if (message.method !== 'POST') return void response.writeHead(405).end();
  const body = Buffer.concat(await message.toArray());
  const sent: Uint8Array[] = [];
  script(body, {
    send(bytes) {
      if (sent.push(bytes) === 1) setImmediate(() => respond(response, sent));
    },
    drop: () => response.destroy(),
  });
  if (read(body)?.kind === 'notification' && sent.length === 0) response.writeHead(202).end();
}

function respond(response: ServerResponse, sent: readonly Uint8Array[]): void {
  const [only] = sent;
  if (sent.length === 1 && only !== undefined)
    return void response.writeHead(200, { 'content-type': 'application/json' }).end(only);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const bytes of sent) response.write(`data: ${Buffer.from(bytes).toString()}\n\n`);
  response.end();
}

function read(bytes: Uint8Array): Envelope | undefined {
  try {
    return readEnvelope(bytes);
  } catch {
    return undefined;
  }
}

/** Posts each message with the headers that its body calls for, and hands out what the responses bring. */
function dialRaw({ target }: Served): RawClient {
  if (!('url' in target)) throw new Error('not a URL');
  const { hostname, port, pathname } = new URL(target.url);
  const agent = new Agent({ keepAlive: true });
  const messages: Uint8Array[] = [];
  const responses = new Set<IncomingMessage>();
  let waiting = 0;
  let paused = false;
  let over = false;
  let changed = Promise.withResolvers<void>();
  const wake = (): void => {
    changed.resolve();
    changed = Promise.withResolvers<void>();
  };
  const take = (bytes: Uint8Array): void => {
    messages.push(bytes);
    wake();
  };
  const settle = (): void => {
    waiting -= 1;
    wake();
  };

  return {
    send(message) {
      const post = request({
        host: hostname,
        port,
        path: pathname,
        method: 'POST',
        headers: { ...headersOf(message), 'content-length': message.length },
        agent,
      });
      waiting += 1;
      post.on('error', settle);
      post.on('response', (response) => {
        responses.add(response);
        if (!paused) receive(response);
      });
      return new Promise((resolve) => post.end(message, () => resolve()));
    },
    async next() {
      const expectsMore = (): boolean => messages.length === 0 && !over && waiting > 0;
      while (expectsMore()) await changed.promise;
      return messages.shift();
    },
    pause() {
      paused = true;
      for (const response of responses) response.pause();
    },
    resume() {
      paused = false;
      for (const response of responses) if (response.listenerCount('data') === 0) receive(response);
      for (const response of responses) response.resume();
    },
    end() {
      for (const sockets of Object.values(agent.sockets)) for (const socket of sockets ?? []) socket.end();
    },
    drop() {
      over = true;
      agent.destroy();
      wake();
    },
  };

  function receive(response: IncomingMessage): void {
    const events = String(response.headers['content-type']).startsWith('text/event-stream');
    let text = '';
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => {
      if (!events) return void chunks.push(chunk);
      const parts = (text + chunk.toString('latin1')).split('\n\n');
      text = parts.pop() ?? '';
      for (const part of parts) {
        const data = part.split('\n').filter((line) => line.startsWith('data: '));
        if (data.length > 0) take(Buffer.from(data.map((line) => line.slice(6)).join('\n'), 'latin1'));
      }
    });
    response.on('end', () => {
      if (chunks.length > 0) take(Buffer.concat(chunks));
      responses.delete(response);
      settle();
    });
    response.on('error', settle);
  }
}

function headersOf(message: Uint8Array): Record<string, string> {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': '2026-07-28',
  };
  const envelope = read(message);
  if (envelope?.kind !== 'request' && envelope?.kind !== 'notification') return headers;
  const name = envelope.params.string('name');
  return { ...headers, 'mcp-method': envelope.method, ...(name !== undefined && { 'mcp-name': name }) };
}
