import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { RawServer, TransportRig } from '@toolyard/contract-tests';
import { rawPipeClient, serveRawPipe } from '@toolyard/contract-tests';
import type { Pipe } from '@toolyard/protocol';
import { WebSocket, WebSocketServer } from 'ws';
import { wsTransport } from '../transport.ts';
import { wsPipe, type WsPipeOptions } from '../ws-pipe.ts';

const foreign = { name: 'the other side', maxMessageBytes: 64 * 1_048_576, closeCode: 1000 };

export interface DialledPipe {
  readonly pipe: Pipe;
  readonly socket: WebSocket;
  readonly wire: Socket;
}

/** A client of our pipe and `ws`, for scripts and for the adapters of the official SDK. */
export function dialPipe(url: string, options: Partial<WsPipeOptions> = {}): Promise<DialledPipe> {
  const socket = new WebSocket(url, ['mcp'], { perMessageDeflate: false });
  const opened = Promise.withResolvers<DialledPipe>();
  socket.on('error', opened.reject);
  socket.on('upgrade', ({ socket: wire }) => {
    socket.on('open', () => {
      opened.resolve({ pipe: wsPipe(socket, wire, { ...foreign, ...options }), socket, wire });
    });
  });
  return opened.promise;
}

export interface ForeignServer extends AsyncDisposable {
  readonly url: string;
  readonly sockets: readonly WebSocket[];
}

/** A server made of `ws` alone. `take` gets each client in the turn in which its socket opens. */
export async function foreignServer(take: (socket: WebSocket, pipe: () => Pipe) => void): Promise<ForeignServer> {
  const server = createServer();
  const upgrades = new WebSocketServer({ noServer: true, maxPayload: foreign.maxMessageBytes });
  const sockets: WebSocket[] = [];
  server.on('upgrade', (request, wire, head) => {
    upgrades.handleUpgrade(request, wire, head, (socket) => {
      sockets.push(socket);
      socket.on('error', () => undefined);
      take(socket, () => wsPipe(socket, wire, foreign));
    });
  });
  const url = await listening(server);
  return {
    url,
    sockets,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.terminate();
      await shut(server);
    },
  };
}

export async function listening(server: Server): Promise<string> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no address');
  return `ws://127.0.0.1:${address.port}/mcp`;
}

async function shut(server: Server): Promise<void> {
  server.closeAllConnections();
  if (server.listening) await new Promise((resolve) => server.close(resolve));
}

/** `wsTransport` on loopback, with raw peers made of `ws`. */
export function wsRig(): TransportRig {
  const transport = wsTransport();
  const opened = new AsyncDisposableStack();
  return {
    transport,
    async listen(service, options) {
      const listener = opened.use(await transport.serve(service, options));
      return { target: { url: listener.address }, close: (how) => listener.close(how) };
    },
    async listenRaw(script: RawServer) {
      const { url } = opened.use(
        await foreignServer((socket, pipe) => {
          serveRawPipe(pipe(), (message, { send }) => script(message, { send, drop: () => socket.terminate() }));
        }),
      );
      return { target: { url } };
    },
    async dialRaw({ target }) {
      const { pipe, wire } = await dialPipe('url' in target ? target.url : '');
      opened.defer(() => void wire.destroy());
      const client = rawPipeClient(pipe, { end: () => void wire.end() });
      return { ...client, drop: () => void wire.destroy() };
    },
    async nowhere() {
      const server = createServer();
      const url = await listening(server);
      await shut(server);
      return { url };
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
