import { mkdtemp, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RawServer, TransportRig } from '@toolyard/contract-tests';
import { rawPipeClient, serveRawPipe } from '@toolyard/contract-tests';
import type { CommandTarget, Listener, Pipe } from '@toolyard/protocol';
import { streamPipe } from '../framing/stream-pipe.ts';
import { stdioTransport } from '../stdio-transport.ts';

const relay = fileURLToPath(new URL('fixtures/relay.mjs', import.meta.url));

/**
 * Real child processes whose stdin and stdout are relayed, by a Unix socket, back into this process, where a service or a script answers. So both roles of
 * the transport are under test, over everything but a second copy of it.
 */
export async function relayRig(): Promise<TransportRig> {
  const folder = await mkdtemp(join(tmpdir(), 'toolyard-relay-'));
  const transport = stdioTransport({ stdinGraceMs: 500, termGraceMs: 500 });
  const closers: (() => Promise<unknown>)[] = [];
  let sockets = 0;

  const accept = async (
    take: (socket: Socket) => void,
  ): Promise<CommandTarget & { readonly path: string; readonly stop: () => Promise<void> }> => {
    const path = join(folder, String(++sockets));
    const open = new Set<Socket>();
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      open.add(socket);
      socket.on('close', () => open.delete(socket));
      socket.on('error', () => undefined);
      take(socket);
    });
    server.listen(path);
    await once(server, 'listening');
    const stop = async (): Promise<void> => {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    };
    closers.push(stop);
    return { command: process.execPath, args: [relay, path], path, stop };
  };
  const rawPipe = (socket: Socket): Pipe =>
    streamPipe(socket, socket, { name: 'raw', release: async () => void socket.destroy() });

  return {
    transport,
    async listen(service, options) {
      const listeners: Promise<Listener>[] = [];
      const { path, stop, ...target } = await accept((socket) =>
        listeners.push(transport.serve(service, { ...options, input: socket, output: socket, endDrainMs: 300 })),
      );
      const close = async (how?: { readonly drainMs?: number }): Promise<void> => {
        await Promise.all(listeners.map(async (listener) => (await listener).close(how)));
        await stop();
      };
      closers.unshift(close);
      return { target, close };
    },
    async listenRaw(script: RawServer) {
      const { path, stop, ...target } = await accept((socket) => serveRawPipe(rawPipe(socket), script));
      return { target };
    },
    async dialRaw({ target }) {
      const path = 'command' in target ? (target.args?.[1] ?? '') : '';
      const socket = connect({ path, allowHalfOpen: true });
      closers.push(async () => socket.destroy());
      return rawPipeClient(rawPipe(socket), { end: () => socket.end() });
    },
    nowhere: async () => ({ command: 'no-such-command-anywhere' }),
    async [Symbol.asyncDispose]() {
      for (const close of closers) await close();
      await rm(folder, { recursive: true });
    },
  };
}
