import type { DetailedPeerCertificate, PeerCertificate } from 'node:tls';
import type { Listener, Parking, ServeOptions, Service, Transport } from '@toolyard/protocol';

/** The transport with the options that gRPC has beside those of every transport. */
export interface GrpcTransport extends Transport {
  /** Rejects with the error of gRPC where the address cannot be bound. */
  serve(service: Service, options: GrpcServeOptions): Promise<Listener>;
}

/** A certificate or key, PEM. */
export type Pem = string | Uint8Array;

export interface GrpcTransportOptions {
  /** For `grpcs:` targets. */
  readonly tls?: GrpcClientTls;
  /** Silence after which a server is asked by a ping whether it is there. Default 300,000: servers of other makes cut off who asks more often. */
  readonly keepAliveMs?: number;
  /** How long the answer to a ping may take before the server counts as dead. Default 20,000. */
  readonly keepAliveTimeoutMs?: number;
  /** Largest message that is sent to a server; a call that is larger fails with `MESSAGE_TOO_LARGE`. Default 16 MiB. */
  readonly maxSentBytes?: number;
  /** How long a server may take to end the stream when it is told goodbye; then it is cancelled. Default 1,000. */
  readonly closeMs?: number;
  /** How long a server may leave the first `server/discover` unanswered before it is told `initialize` as well, on the same connection. Default 5,000, and never more than half of `connectTimeoutMs`. */
  readonly probeTimeoutMs?: number;
  /** Where calls of older servers wait while their question is with the caller. Default: one for all connections of this transport. */
  readonly parking?: Parking;
}

export interface GrpcClientTls {
  /** Who may vouch for a server. Default: the roots that Node trusts. */
  readonly ca?: Pem;
  /** What this side shows of itself, where the server asks (mTLS); goes with `key`. */
  readonly cert?: Pem;
  readonly key?: Pem;
}

export interface GrpcServerTls {
  readonly cert: Pem;
  readonly key: Pem;
  /** Who may vouch for clients. Where it is given, a client without a certificate is turned away (mTLS). */
  readonly ca?: Pem;
}

/** Who opens a stream. */
export interface Principal {
  readonly principal: string;
  /** Default `default`. */
  readonly tenant?: string;
}

/** What the connection says about a client, beside its metadata. */
export interface GrpcPeer {
  /** Address and port: `127.0.0.1:52013`. */
  readonly address: string;
  /** With mTLS, verified. */
  readonly certificate: PeerCertificate | DetailedPeerCertificate | undefined;
}

/** Metadata by lower-case name; of several values the first. `-bin` entries are bytes. */
export type GrpcMetadata = Readonly<Record<string, string | Uint8Array | undefined>>;

export interface GrpcServeOptions extends ServeOptions {
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** Default 0: one that is free. */
  readonly port?: number;
  /** Default: none, so that the address is `grpc:` and not `grpcs:`. */
  readonly tls?: GrpcServerTls;
  /** Says who opens a stream; throws `UNAUTHENTICATED` for the status of that name. Default: everyone is `anonymous`. */
  readonly identify?: (metadata: GrpcMetadata, peer: GrpcPeer) => Principal | Promise<Principal>;
  /** Streams at once, each a client; further ones get status RESOURCE_EXHAUSTED. Default 1,000. */
  readonly maxClients?: number;
  /** Silence after which a client is asked by a ping whether it is there. Default 30,000. */
  readonly keepAliveMs?: number;
  /** How long the answer to a ping may take before the client counts as dead. Default 20,000. */
  readonly keepAliveTimeoutMs?: number;
  /** How long a connection without a stream stays open. Default 60,000. */
  readonly idleConnectionMs?: number;
  /** How long calls may go on once their client has said that it will send no more. Default 60,000. */
  readonly endDrainMs?: number;
}
