import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export interface TcpRelay extends AsyncDisposable {
  readonly port: number;
  /** Connections that are open, from either side. */
  readonly open: number;
  /** From now on nothing passes, and nobody is told. */
  freeze(): void;
  /** Cuts every connection, as a crash would. */
  drop(): void;
}

/** A port that relays to another, so that a test can play the network. */
export async function tcpRelay(port: number): Promise<TcpRelay> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  };
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    keep(near);
    keep(far);
    near.pipe(far).pipe(near);
    near.once('close', () => far.destroy());
    far.once('close', () => near.destroy());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no address');
  const drop = (): void => sockets.forEach((socket) => socket.destroy());
  return {
    port: address.port,
    get open() {
      return sockets.size;
    },
    freeze: () => {
      for (const socket of sockets) socket.unpipe().pause();
    },
    drop,
    [Symbol.asyncDispose]: async () => {
      drop();
      server.close();
      if (server.listening) await once(server, 'close');
    },
  };
}
