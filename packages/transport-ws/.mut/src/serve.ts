import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { encodeError, type Listener, type Service, ToolyardError, toWireError } from '@toolyard/protocol';
import { wsHandler } from './handler.ts';
import type { WsServeOptions } from './options.ts';
import { refuseUpgrade } from './refuse-upgrade.ts';

/** Sockets beside those of clients: the ones that are being refused. */
const spareSockets = 64;

/** Makes a `node:http` server for an endpoint. Rejects with the error of `listen`, such as `EADDRINUSE`. */
export async function serveWs(service: Service, options: WsServeOptions): Promise<Listener> {
  const { host = '127.0.0.1', port = 0, path = '/mcp', headersTimeoutMs = 10_000, maxClients = 1_024 } = options;
  const handler = wsHandler(service, options);
  const server = createServer({
    headersTimeout: headersTimeoutMs,
    requestTimeout: headersTimeoutMs,
    connectionsCheckingInterval: Math.ceil(headersTimeoutMs / 4),
    maxHeaderSize: 32_768,
    keepAlive: true,
    keepAliveInitialDelay: 30_000,
  });
  server.maxConnections = maxClients + spareSockets;
  server.on('request', (request, response) => {
    const { httpStatus, error } = toWireError(noUpgrade(request, path));
    const headers = { connection: 'close, upgrade', upgrade: 'websocket', 'content-type': 'application/json' };
    response.writeHead(httpStatus === 404 ? 404 : 426, headers).end(encodeError(undefined, error));
  });
  server.on('upgrade', (request, socket: Duplex, head) => {
    if (handler.upgrade(request, socket, head)) return;
    socket.on('error', () => socket.destroy());
    refuseUpgrade(socket, notFound(request));
  });
  await listen(server, port, host);

  const over = Promise.withResolvers<Error | undefined>();
  let closing: Promise<void> | undefined;
  const close = (given: { readonly drainMs?: number } = {}): Promise<void> => {
    const drained = handler.close(given);
    return (closing ??= shut(server, drained).then(() => over.resolve(undefined)));
  };
  const name = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  return {
    address: `ws://${name}:${boundPort(server)}${path}`,
    closed: over.promise,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function pathOf({ url = '' }: IncomingMessage): string {
  return url.replace(/\?.*$/s, '');
}

function notFound(request: IncomingMessage): ToolyardError {
  return new ToolyardError('NOT_FOUND', { path: pathOf(request).slice(0, 256) }, 'There is nothing at this path.');
}

function noUpgrade(request: IncomingMessage, path: string): ToolyardError {
  const reason = 'this endpoint speaks WebSocket';
  return pathOf(request) === path
    ? new ToolyardError('INVALID_REQUEST', { reason }, `Upgrade: ${reason}.`)
    : notFound(request);
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host.replace(/^\[|\]$/g, ''), () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function shut(server: Server, drained: Promise<void>): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  await drained;
  server.closeAllConnections();
  await closed;
}

function boundPort(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
