import type { IncomingHttpHeaders } from 'node:http';
import type { Parking, PipeServeOptions } from '@toolyard/protocol';

/** What both roles decide about a socket. */
export interface WsSocketOptions {
  /** Silence after which the peer is pinged. Default 30,000. */
  readonly pingMs?: number;
  /**
   * How long a ping may stay without any sign of life before the peer is taken for dead and cut off; a peer that leaves what was sent unread is
   * after `pingMs + deadMs`. Default 20,000.
   */
  readonly deadMs?: number;
  /** How long the peer may take to answer a close frame, what was sent before included. Default 2,000. */
  readonly closeMs?: number;
  /** What may wait to leave before `send` waits too. Default 65,536. */
  readonly highWaterBytes?: number;
  /** Whether compression is agreed on (RFC 7692). It costs memory for each socket, and the bound on messages is all that stops a decompression bomb. Default `false`. */
  readonly perMessageDeflate?: boolean;
}

/** Who is at the other end of a socket. */
export interface Principal {
  readonly principal: string;
  /** Default `default`. */
  readonly tenant?: string;
}

/** What an endpoint needs to know, whoever owns the server it is on. */
export interface WsHandlerOptions extends Omit<PipeServeOptions, 'principal' | 'tenant'>, WsSocketOptions {
  /** Where the endpoint is. Default `/mcp`. */
  readonly path?: string;
  /** The address the server is bound to, from which the two defaults below follow. Default `127.0.0.1`. */
  readonly host?: string;
  /** Names the endpoint goes by (`Host`), with or without port; any other gets 403. Default: the names of loopback where it is bound there, else any. */
  readonly allowedHosts?: readonly string[];
  /** Pages that may use it (`Origin`), such as `https://app.example`; any other gets 403. Default: none, and where it is bound to loopback, pages of this machine. */
  readonly allowedOrigins?: readonly string[];
  /** Says who upgrades, once for the whole socket; throws `UNAUTHENTICATED` for 401. Default: everyone is `anonymous`. */
  readonly identify?: (headers: IncomingHttpHeaders) => Principal | Promise<Principal>;
  /** `WWW-Authenticate` of a 401. Default `Bearer`. */
  readonly challenge?: string;
  /** Clients at once, those that are being identified included; one more gets 429. Default 1,024. */
  readonly maxClients?: number;
}

export interface WsServeOptions extends WsHandlerOptions {
  /** Default 0: one that is free. */
  readonly port?: number;
  /** How long a client may take to send the headers of its upgrade. Default 10,000. */
  readonly headersTimeoutMs?: number;
}

export interface WsTransportOptions extends WsSocketOptions {
  /** How long a server may leave the first `server/discover` unanswered before it is told `initialize` as well, on the same connection. Default 5,000, and never more than half of `connectTimeoutMs`. */
  readonly probeTimeoutMs?: number;
  /** Where calls of older servers wait while their question is with the caller. Default: one for all connections of this transport. */
  readonly parking?: Parking;
}
