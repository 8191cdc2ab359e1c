import { createServer, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { memoryEventStore, type Service } from '@toolyard/protocol';
import { Endpoint } from './endpoint.ts';
import { Front, type FrontOptions } from './front/front.ts';
import { Mounts } from './mounts.ts';
import { nodeListener } from './node-listener.ts';
import type { HttpEndpoint, HttpListener, HttpServeOptions, MountedEndpoint } from '../options.ts';

const defaultMaxSockets = 10_000;
/** How long a socket may take to carry its last response away once everything has ended. */
const flushMs = 1_000;

/** Makes a server for an endpoint: `node:http`, with a front of our own for the requests that make up most of its work. Rejects with the error of `listen`, such as `EADDRINUSE`. */
export async function serveHttp(service: Service, options: HttpServeOptions): Promise<HttpListener> {
  const { host = '127.0.0.1', port = 0, path = '/mcp' } = options;
  const mounts = new Mounts();
  const { eventStore = memoryEventStore(), toolHeaders, ...common } = options;
  const mount = ({ service: answering, sse = false, ...endpoint }: HttpEndpoint): MountedEndpoint => {
    const mounted = new Endpoint(answering, { ...common, eventStore, ...endpoint, sse });
    mounts.add(mounted);
    const leave = (given?: { readonly drainMs?: number }): Promise<void> => mounts.remove(mounted, given);
    return { close: leave, [Symbol.asyncDispose]: leave };
  };
  mount({ service, path, sse: options.sse ?? true, ...(toolHeaders !== undefined && { toolHeaders }) });
  const times = {
    headersTimeoutMs: options.headersTimeoutMs ?? 10_000,
    requestTimeoutMs: options.requestTimeoutMs ?? 60_000,
    idleSocketMs: options.idleSocketMs ?? 5_000,
    checkMs: options.checkMs ?? 5_000,
  };
  const server = createServer(
    {
      headersTimeout: times.headersTimeoutMs,
      requestTimeout: times.requestTimeoutMs,
      keepAliveTimeout: times.idleSocketMs,
      connectionsCheckingInterval: times.checkMs,
      maxHeaderSize: 32_768,
      keepAlive: true,
      keepAliveInitialDelay: 30_000,
    },
    nodeListener(mounts, options),
  );
  server.maxConnections = options.maxSockets ?? defaultMaxSockets;
  const front = putBefore(server, { ...times, mounts });
  await listen(server, port, host);

  const over = Promise.withResolvers<Error | undefined>();
  let closing: Promise<void> | undefined;
  const close = (given: { readonly drainMs?: number } = {}): Promise<void> => {
    const drained = mounts.close(given);
    return (closing ??= shut(server, front, drained).then(() => over.resolve(undefined)));
  };
  return {
    address: `http://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${boundPort(server)}${path}`,
    closed: over.promise,
    mount,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Has a front look at every socket first: what a `node:http` server does with one is what it does on `connection`, whoever says so. */
function putBefore(server: Server, options: Omit<FrontOptions, 'handOver'>): Front {
  const listeners = server.listeners('connection');
  server.removeAllListeners('connection');
  const handOver = (socket: Socket): void => {
    for (const listener of listeners) Reflect.apply(listener, server, [socket]);
  };
  const front = new Front({ ...options, handOver });
  server.on('connection', (socket: Socket) => front.accept(socket));
  return front;
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

/** Goes on listening until the last call has ended: whoever asks meanwhile is told that it ends, and those who are to know may ask the fallback. */
async function shut(server: Server, front: Front, drained: Promise<unknown>): Promise<void> {
  // What has been sent already on a socket that looks idle is read, and refused in words; then it closes, so that its client goes elsewhere.
  front.closing = true;
  await turn();
  await turn();
  front.closeIdle('served');
  server.closeIdleConnections();
  await drained;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  front.closeIdle('all');
  const timer = setTimeout(() => {
    server.closeAllConnections();
    front.destroy();
  }, flushMs);
  await closed;
  front.destroy();
  clearTimeout(timer);
}

function boundPort(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
