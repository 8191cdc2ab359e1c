import { rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import type { Connection, Listener, Pipe, ServeOptions, Service, Serving, Target, Transport } from '@toolyard/protocol';
import { connectPipe, servePipe, ToolyardError } from '@toolyard/protocol';
import { streamPipe } from '@toolyard/transport-stdio';

export interface UnixSocketServeOptions extends ServeOptions {
  /** Where the socket is made; a file left there by a server that died is replaced. */
  readonly path: string;
}

export interface UnixSocketTransport extends Transport {
  serve(service: Service, options: UnixSocketServeOptions): Promise<Listener>;
}

/** MCP over a Unix domain socket, framed like stdio: `unix:///run/my-server.sock`. */
export function unixSocketTransport(): UnixSocketTransport {
  return {
    contract: 'transport/1',
    name: 'unix',
    accepts: (target) => socketPath(target) !== undefined,
    connect: async (target, options): Promise<Connection> => {
      const path = socketPath(target);
      if (path === undefined) {
        throw new ToolyardError('TRANSPORT_UNKNOWN', { target: options.upstream, known: ['unix'] }, 'Not a unix: URL.');
      }
      return connectPipe(() => openSocket(path, options.upstream, options.maxMessageBytes), {
        ...options,
        wire: 'unix',
      });
    },
    serve: serveSocket,
  };
}

function socketPath(target: Target): string | undefined {
  if (!('url' in target) || !target.url.startsWith('unix://')) return undefined;
  return decodeURIComponent(new URL(target.url).pathname);
}

function openSocket(path: string, upstream: string, maxMessageBytes?: number): Promise<Pipe> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(pipeOver(socket, upstream, maxMessageBytes)));
    socket.once('error', (cause) => {
      reject(new ToolyardError('UPSTREAM_UNREACHABLE', { upstream }, `Nothing answers at ${path}.`, { cause }));
    });
  });
}

function pipeOver(socket: Socket, name: string, maxMessageBytes: number | undefined): Pipe {
  return streamPipe(socket, socket, { name, ...(maxMessageBytes !== undefined && { maxMessageBytes }) });
}

async function serveSocket(service: Service, options: UnixSocketServeOptions): Promise<Listener> {
  const clients = new Set<Serving>();
  const server = createServer((socket) => {
    const client = servePipe(
      pipeOver(socket, 'a client', options.maxMessageBytes ?? 4 * 1024 * 1024),
      service,
      options,
    );
    clients.add(client);
    void client.closed.then(() => clients.delete(client));
  });
  const closed = Promise.withResolvers<undefined>();
  await rm(options.path, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.path, resolve);
  });
  const close = async (closing?: { readonly drainMs?: number }): Promise<void> => {
    server.close(() => closed.resolve(undefined));
    await Promise.all([...clients].map((client) => client.close(closing)));
    await closed.promise;
  };
  return {
    address: `unix://${encodeURI(options.path)}`,
    closed: closed.promise,
    close,
    [Symbol.asyncDispose]: close,
  };
}
