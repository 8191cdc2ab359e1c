import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import {
  errorTable,
  HostRule,
  isLoopback,
  type Listener,
  loopbackHosts,
  memoryEventStore,
  type Service,
  ToolyardError,
  toWireError,
} from '@toolyard/protocol';
import { type HttpHandler, httpHandler } from './handler.ts';
import type { HttpEndpoint, HttpServeOptions } from './options.ts';

const defaultMaxSockets = 10_000;
/** How long a socket may take to carry its last response away once everything has ended. */
const flushMs = 1_000;

/** Makes a `node:http` server for an endpoint. Rejects with the error of `listen`, such as `EADDRINUSE`. */
export async function serveHttp(service: Service, options: HttpServeOptions): Promise<Listener> {
  const { host = '127.0.0.1', port = 0, path = '/mcp', fallback = notFound } = options;
  const handlers = mount(service, options);
  const hosts = new HostRule(options.allowedHosts ?? (isLoopback(host) ? loopbackHosts() : undefined));
  const server = createServer(
    {
      headersTimeout: options.headersTimeoutMs ?? 10_000,
      requestTimeout: options.requestTimeoutMs ?? 60_000,
      keepAliveTimeout: options.idleSocketMs ?? 5_000,
      connectionsCheckingInterval: options.checkMs ?? 5_000,
      maxHeaderSize: 32_768,
      keepAlive: true,
      keepAliveInitialDelay: 30_000,
    },
    (request, response) => {
      if (handlers.some((handler) => handler.handle(request, response))) return;
      if (hosts.allows(request.headers.host)) fallback(request, response);
      else
        json(
          response,
          new ToolyardError(
            'HOST_REJECTED',
            { host: request.headers.host ?? '' },
            'This server does not go by that name (Host).',
          ),
        );
    },
  );
  server.maxConnections = options.maxSockets ?? defaultMaxSockets;
  await listen(server, port, host);

  const over = Promise.withResolvers<Error | undefined>();
  let closing: Promise<void> | undefined;
  const close = (given: { readonly drainMs?: number } = {}): Promise<void> => {
    const drained = Promise.all(handlers.map((handler) => handler.close(given)));
    return (closing ??= shut(server, drained).then(() => over.resolve(undefined)));
  };
  return {
    address: `http://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${boundPort(server)}${path}`,
    closed: over.promise,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function mount(service: Service, options: HttpServeOptions): readonly HttpHandler[] {
  const { endpoints = [], toolHeaders, eventStore = memoryEventStore(), ...common } = options;
  const first: HttpEndpoint = {
    service,
    path: options.path ?? '/mcp',
    sse: options.sse ?? true,
    ...(toolHeaders !== undefined && { toolHeaders }),
  };
  return [first, ...endpoints].map(({ service: answering, sse = false, ...endpoint }) =>
    httpHandler(answering, { ...common, eventStore, ...endpoint, sse }),
  );
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

async function shut(server: Server, drained: Promise<unknown>): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  await drained;
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), flushMs);
  await closed;
  clearTimeout(timer);
}

function boundPort(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function notFound(request: IncomingMessage, response: ServerResponse): void {
  const path = (request.url ?? '').replace(/\?.*$/s, '').slice(0, 256);
  json(response, new ToolyardError('NOT_FOUND', { path }, 'There is nothing at this path.'));
}

function json(response: ServerResponse, error: ToolyardError): void {
  const { error: told } = toWireError(error);
  const body = Buffer.concat([Buffer.from('{"jsonrpc":"2.0","error":'), told.bytes, Buffer.from('}')]);
  response.writeHead(errorTable[error.code].httpStatus, [
    'content-type',
    'application/json',
    'content-length',
    String(body.length),
    'connection',
    'close',
  ]);
  response.end(body);
}
