import type { Socket } from 'node:net';
import { ChannelCredentials } from '@grpc/grpc-js';
import { within } from '../within.ts';

type CreateConnector = ChannelCredentials['_createSecureConnector'];

/**
 * Credentials that know the sockets they are used on. A gRPC channel that is closed lets go of its sockets without telling when, and of one
 * whose handshake hangs never.
 */
export class WatchedCredentials extends ChannelCredentials {
  readonly #inner: ChannelCredentials;
  readonly #sockets = new Map<Socket, Promise<void>>();
  #isClosed = false;

  constructor(inner: ChannelCredentials) {
    super();
    this.#inner = inner;
  }

  _isSecure(): boolean {
    return this.#inner._isSecure();
  }

  _equals(other: ChannelCredentials): boolean {
    return other === this;
  }

  _createSecureConnector(...given: Parameters<CreateConnector>): ReturnType<CreateConnector> {
    const connector = this.#inner._createSecureConnector(...given);
    return {
      connect: (socket) => {
        this.#watch(socket);
        return connector.connect(socket);
      },
      waitForReady: () => connector.waitForReady(),
      getCallCredentials: () => connector.getCallCredentials(),
      destroy: () => connector.destroy(),
    };
  }

  /** Resolves when no socket is open: they are left `graceMs` to close by themselves. One that opens later is closed at once. */
  async close(graceMs: number): Promise<void> {
    this.#isClosed = true;
    const closed = Promise.all(this.#sockets.values());
    if (graceMs > 0 && (await within(graceMs, closed))) return;
    for (const socket of this.#sockets.keys()) socket.destroy();
    await closed;
  }

  #watch(socket: Socket): void {
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    this.#sockets.set(
      socket,
      closed.then(() => void this.#sockets.delete(socket)),
    );
    if (this.#isClosed) socket.destroy();
  }
}
