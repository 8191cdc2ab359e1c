import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import {
  type ChannelCredentials,
  Client,
  type ClientDuplexStream,
  credentials,
  Metadata,
  type MethodDefinition,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServiceDefinition,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

/** `Message` as code that was generated from `proto/mcp.proto` sees it. */
export interface Message {
  readonly json: Uint8Array;
}
export type ForeignStream = ClientDuplexStream<Message, Message>;
export type ForeignCall = ServerDuplexStream<Message, Message>;

/** `Mcp.Connect` as the official loader makes it of `proto/mcp.proto`. */
export function foreignMethod(): MethodDefinition<Message, Message> {
  const proto = fileURLToPath(new URL('../../proto/mcp.proto', import.meta.url));
  const service = loadSync(proto, { defaults: true })['toolyard.mcp.v1.Mcp'];
  // What the loader makes of a service holds its methods by name; its types leave that open.
  return Reflect.get(Object(service), 'Connect') as MethodDefinition<Message, Message>;
}

export interface ForeignClient {
  readonly stream: ForeignStream;
  /** Resolves when the channel is up. */
  readonly ready: Promise<void>;
  send(json: string | Uint8Array): void;
  close(): void;
}

/** Opens a stream with nothing but the `.proto` and gRPC. */
export function foreignClient(
  target: string,
  given: {
    readonly metadata?: Readonly<Record<string, string>>;
    readonly credentials?: ChannelCredentials;
    readonly deadlineMs?: number;
  } = {},
): ForeignClient {
  const { path, requestSerialize, responseDeserialize } = foreignMethod();
  const client = new Client(target, given.credentials ?? credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
  });
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(given.metadata ?? {})) metadata.add(name, value);
  const deadline = given.deadlineMs === undefined ? {} : { deadline: Date.now() + given.deadlineMs };
  const stream = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadata, deadline);
  stream.on('error', () => undefined);
  return {
    stream,
    ready: new Promise((resolve) => client.waitForReady(Infinity, () => resolve())),
    send: (json) => void stream.write({ json: Buffer.from(json) }),
    close: () => {
      stream.cancel();
      client.close();
    },
  };
}

export interface ForeignServer extends AsyncDisposable {
  readonly port: number;
  /** Ends the connection that a stream is on, as a crash would. */
  drop(call: ForeignCall): void;
}

/** Serves with nothing but the `.proto` and gRPC. */
export async function foreignServer(handle: (call: ForeignCall) => void): Promise<ForeignServer> {
  const server = new Server();
  const definition: ServiceDefinition = { Connect: foreignMethod() };
  server.addService(definition, {
    Connect: (call: ForeignCall) => {
      call.on('error', () => undefined);
      handle(call);
    },
  });
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const sockets = new Map<string, Socket>();
  const listener = createServer((socket) => {
    const name = `${socket.remoteAddress}:${socket.remotePort}`;
    sockets.set(name, socket);
    socket.once('close', () => sockets.delete(name));
    injector.injectConnection(socket);
  });
  await once(listener.listen(0, '127.0.0.1'), 'listening');
  const address = listener.address();
  if (typeof address !== 'object' || address === null) throw new Error('no address');
  return {
    port: address.port,
    drop: (call) => void sockets.get(call.getPeer())?.destroy(),
    [Symbol.asyncDispose]: async () => {
      injector.destroy();
      server.forceShutdown();
      for (const socket of sockets.values()) socket.destroy();
      listener.close();
      if (listener.listening) await once(listener, 'close');
    },
  };
}
