import { Server, ServerCredentials, type ServiceDefinition } from '@grpc/grpc-js';
import type { Listener, Service } from '@toolyard/protocol';
import type { GrpcServerTls, GrpcServeOptions } from '../options.ts';
import { encodedSize } from '../wire/message.ts';
import { connectMethod } from '../wire/service.ts';
import { within } from '../within.ts';
import { Clients } from './clients.ts';

const defaultMaxMessageBytes = 4 * 1_048_576;
/** How long the last answers may take to be read by their clients. */
const flushMs = 1_000;

/** Serves `Mcp.Connect` on a port of its own. */
export async function serveGrpc(service: Service, options: GrpcServeOptions): Promise<Listener> {
  const { host = '127.0.0.1', port = 0, tls, maxMessageBytes = defaultMaxMessageBytes, maxClients = 1_000 } = options;
  const clients = new Clients(service, { ...options, maxMessageBytes, maxClients });
  const server = new Server({
    'grpc.max_receive_message_length': encodedSize(maxMessageBytes),
    'grpc.max_send_message_length': -1,
    'grpc.max_concurrent_streams': maxClients,
    'grpc.keepalive_time_ms': options.keepAliveMs ?? 30_000,
    'grpc.keepalive_timeout_ms': options.keepAliveTimeoutMs ?? 20_000,
    'grpc.max_connection_idle_ms': options.idleConnectionMs ?? 60_000,
  });
  const definition: ServiceDefinition = { connect: connectMethod };
  server.addService(definition, { connect: clients.take });
  const authority = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  const bound = await bind(server, `${authority}:${port}`, serverCredentials(tls));

  const over = Promise.withResolvers<undefined>();
  let closing: Promise<void> | undefined;
  const close = (given: { readonly drainMs?: number } = {}): Promise<void> => {
    const drained = clients.close(given);
    return (closing ??= shut(server, drained).then(() => over.resolve(undefined)));
  };
  return {
    address: `${tls === undefined ? 'grpc' : 'grpcs'}://${authority}:${bound}`,
    closed: over.promise,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function bind(server: Server, address: string, credentials: ServerCredentials): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, port) => {
      if (error === null) resolve(port);
      else reject(error);
    });
  });
}

/** Stops listening at once, lets the streams that there are end, and cuts off what is left. */
async function shut(server: Server, drained: Promise<void>): Promise<void> {
  const closed = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
  await drained;
  if (await within(flushMs, closed)) return;
  server.forceShutdown();
  // Of a connection that was just given up for dead, gRPC does not tell that it is closed.
  await within(flushMs, closed);
}

function serverCredentials(tls: GrpcServerTls | undefined): ServerCredentials {
  if (tls === undefined) return ServerCredentials.createInsecure();
  const { ca, cert, key } = tls;
  const pair = { cert_chain: Buffer.from(cert), private_key: Buffer.from(key) };
  return ServerCredentials.createSsl(ca === undefined ? null : Buffer.from(ca), [pair], ca !== undefined);
}
