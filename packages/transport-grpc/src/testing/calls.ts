import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import {
  type Call,
  type ConnectOptions,
  createCall,
  RawObject,
  type Reply,
  type ServeOptions,
  type Service,
} from '@toolyard/protocol';

export const connectOptions: ConnectOptions = { upstream: 'far', clientInfo: { name: 'tester', version: '1.0.0' } };
export const serveOptions: ServeOptions = { serverInfo: { name: 'server', version: '1.0.0' } };

export function toolCall(args: Readonly<Record<string, unknown>> = {}, more: Partial<Call> = {}): Call {
  return { ...createCall('tools/call', { params: { name: 'x', arguments: args } }), ...more };
}

export function textReply(text: string): Reply {
  return { result: RawObject.of({ resultType: 'complete', content: [{ type: 'text', text }] }) };
}

const discovery = RawObject.of({
  resultType: 'complete',
  supportedVersions: ['2026-07-28'],
  capabilities: { tools: {} },
  ttlMs: 0,
  cacheScope: 'private',
});

/** A service that can be discovered, and leaves the rest to `answer`. */
export function serviceOf(
  answer: Service = async (call) => textReply(call.params.member('arguments')?.text ?? ''),
): Service {
  return async (call) => (call.method === 'server/discover' ? { result: discovery } : answer(call));
}

/** A service that never answers by itself; `arrived` is the first call. */
export function holding(): { readonly service: Service; readonly arrived: Promise<Call> } {
  const arrived = Promise.withResolvers<Call>();
  return {
    arrived: arrived.promise,
    service: serviceOf(async (call) => {
      arrived.resolve(call);
      throw await aborted(call.signal);
    }),
  };
}

export function aborted(signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(signal.reason);
    else signal.addEventListener('abort', () => resolve(signal.reason), { once: true });
  });
}

const meta =
  '"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}';

/** A tool call of 2026-07-28, as anyone may write it. */
export function request(id: number): string {
  return `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"x","arguments":{"n":${id}},${meta}}}`;
}

export const discovered: string = `{"jsonrpc":"2.0","id":1,"result":${discovery.text}}`;

export function certificate(
  name: 'ca.pem' | 'client.key' | 'client.pem' | 'server.key' | 'server.pem' | 'stranger.pem',
): Buffer {
  return readFileSync(new URL(`certificates/${name}`, import.meta.url));
}

/** A port that takes connections and never says a word. */
export async function muteServer(): Promise<
  AsyncDisposable & { readonly port: number; readonly open: number; readonly accepted: number }
> {
  const sockets = new Set<Socket>();
  let accepted = 0;
  const server = createServer((socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
    socket.resume();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no address');
  return {
    port: address.port,
    get open() {
      return sockets.size;
    },
    get accepted() {
      return accepted;
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
