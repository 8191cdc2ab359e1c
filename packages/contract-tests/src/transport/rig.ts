import type { ServeOptions, Service, Target, Transport } from '@toolyard/protocol';

/**
 * What a plug-in author provides: the transport, and peers that are not ours on either side of it. A case gets a fresh one, and disposes of it at the end,
 * with everything that it opened.
 */
export interface TransportRig extends AsyncDisposable {
  readonly transport: Transport;
  /** Serves to any number of clients. By `transport.serve`, so that both roles are under test. */
  listen(service: Service, options: ServeOptions): Promise<Served>;
  /** Runs a server that is a script: it sees each message as it came, and answers with any bytes. */
  listenRaw(script: RawServer): Promise<RawServed>;
  /** A client that is a script, connected to what `listen` returned. */
  dialRaw(served: Served): Promise<RawClient>;
  /** A target of the right kind where nobody is. */
  nowhere(): Promise<Target>;
}

export interface Served {
  /** What `transport.connect` takes to reach it. */
  readonly target: Target;
  /** `Listener.close` of what serves. */
  close(options?: { readonly drainMs?: number }): Promise<void>;
}

export interface RawServed {
  readonly target: Target;
}

/** Called for each message of each client, in order. */
export type RawServer = (message: Uint8Array, peer: RawPeer) => void;

/** The client that a message came from. */
export interface RawPeer {
  /** One message as it is, without any check; with HTTP the whole answer to the request. */
  send(message: Uint8Array): void;
  /** Ends the connection as a crash would. */
  drop(): void;
}

export interface RawClient {
  /** One message as it is, without any check. Resolves when it has left. */
  send(message: Uint8Array): Promise<void>;
  /** The next message from the server; `undefined` once there will be none. */
  next(): Promise<Uint8Array | undefined>;
  /** Reads nothing more from the network, so that what is sent to it piles up. */
  pause(): void;
  resume(): void;
  /** Says that it has nothing more to send, and goes on reading. */
  end(): void;
  /** Disappears without a word. */
  drop(): void;
}
