import type { RawClient, RawServer, Served, TransportRig } from '@toolyard/contract-tests';
import { grpcTransport } from '../transport.ts';
import { foreignClient, type ForeignServer, foreignServer } from './foreign.ts';
import { type TcpRelay, tcpRelay } from './tcp-relay.ts';

/** `grpcTransport` on loopback, with raw peers made of the `.proto` alone. */
export function grpcRig(): TransportRig {
  const transport = grpcTransport();
  const opened = new AsyncDisposableStack();
  return {
    transport,
    async listen(service, options) {
      const listener = opened.use(await transport.serve(service, options));
      return { target: { url: listener.address }, close: (how) => listener.close(how) };
    },
    async listenRaw(script) {
      const server = opened.use(await rawServer(script));
      return { target: { url: `grpc://127.0.0.1:${server.port}` } };
    },
    async dialRaw(served) {
      const relay = opened.use(await tcpRelay(portOf(served)));
      const client = await rawClient(relay);
      opened.defer(() => client.drop());
      return client;
    },
    async nowhere() {
      const server = await rawServer(() => {});
      await server[Symbol.asyncDispose]();
      return { url: `grpc://127.0.0.1:${server.port}` };
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

function portOf({ target }: Served): number {
  return Number(new URL('url' in target ? target.url : '').port);
}

async function rawServer(script: RawServer): Promise<ForeignServer> {
  const server: ForeignServer = await foreignServer((call) => {
    const peer = { send: (json: Uint8Array) => void call.write({ json }), drop: () => server.drop(call) };
    call.on('data', ({ json }: { readonly json: Uint8Array }) => script(json, peer));
    call.on('end', () => void call.end());
  });
  return server;
}

async function rawClient(relay: TcpRelay): Promise<RawClient> {
  const { stream, ready, close } = foreignClient(`127.0.0.1:${relay.port}`);
  await ready;
  const messages: Uint8Array[] = [];
  let isOver = false;
  let changed = Promise.withResolvers<void>();
  const wake = (): void => {
    changed.resolve();
    changed = Promise.withResolvers<void>();
  };
  stream.on('data', ({ json }: { readonly json: Uint8Array }) => {
    messages.push(json);
    wake();
  });
  stream.on('status', () => {
    isOver = true;
    wake();
  });
  return {
    send: (json) => new Promise((resolve) => void stream.write({ json }, () => resolve())),
    next: async () => {
      while (messages.length === 0 && !isOver) await changed.promise;
      return messages.shift();
    },
    pause: () => void stream.pause(),
    resume: () => void stream.resume(),
    end: () => void stream.end(),
    drop: () => {
      void relay[Symbol.asyncDispose]();
      close();
    },
  };
}
