import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { HttpDoorOptions, Listener, Parking, ServeOptions, Service, SessionPoolOptions } from '@toolyard/protocol';
import type { SsePaths } from './serve/sse-paths.ts';

/** Who sends a request. */
export interface Principal {
  readonly principal: string;
  /** Default `default`. */
  readonly tenant?: string;
}

/** What an endpoint needs to know, whoever owns the server it is on. */
export interface HttpHandlerOptions extends ServeOptions, HttpDoorOptions {
  /** Where the endpoint is. Default `/mcp`. */
  readonly path?: string;
  /**
   * Whether, and where, clients of HTTP+SSE (2024-11-05, deprecated) are served too. Default: `serve` does, at `/sse` and `/messages`;
   * a handler, which shares a server with others, does not.
   */
  readonly sse?: boolean | SsePaths;
  /** The address the server is bound to, from which the two defaults below follow. Default `127.0.0.1`. */
  readonly host?: string;
  /** Names the endpoint goes by (`Host`), with or without port; any other gets 403. Default: the names of loopback where it is bound there, else any. */
  readonly allowedHosts?: readonly string[];
  /** Pages that may use it (`Origin`), such as `https://app.example`; any other gets 403. Default: none, and where it is bound to loopback, pages of this machine. */
  readonly allowedOrigins?: readonly string[];
  /** Says who sends a request; throws `UNAUTHENTICATED` for 401. Default: everyone is `anonymous`. */
  readonly identify?: (headers: IncomingHttpHeaders) => Principal | Promise<Principal>;
  /** `WWW-Authenticate` of a 401. Default `Bearer`. */
  readonly challenge?: string;
  /** Silence after which a stream gets a comment, and a response becomes a stream, so that nothing on the way closes it. Default 15,000. */
  readonly keepAliveMs?: number;
  /** How long a client may leave what was sent unread before its connection is cut. Default 60,000. */
  readonly stallMs?: number;
}

/** One more endpoint on the same server. Its sessions are its own: an id of another endpoint is unknown there. */
export interface HttpEndpoint extends Pick<HttpHandlerOptions, 'toolHeaders'> {
  readonly path: string;
  readonly service: Service;
  /** As for a handler: where its clients of HTTP+SSE are served, if at all. Default: they are not. */
  readonly sse?: boolean | SsePaths;
}

/** Stops being there as soon as `close` is called; otherwise that is `Listener.close`, for the endpoint. */
export interface MountedEndpoint extends AsyncDisposable {
  close(options?: { readonly drainMs?: number }): Promise<void>;
}

/**
 * While it drains it goes on listening: to its endpoints whoever asks gets 503 with `Retry-After` and the code `CLOSED`, `fallback` is asked as before, and every connection closes with its
 * response. With the last call, the port is closed.
 */
export interface HttpListener extends Listener {
  /**
   * Puts one more endpoint on the server, under the options of the first. Of two that want one path, the older has it. `maxInFlight` and `maxSessions` hold for each, the bounds of
   * `eventStore` for all together. The listener's `close` closes it; after that nothing is mounted any more.
   */
  mount(endpoint: HttpEndpoint): MountedEndpoint;
}

export interface HttpServeOptions extends HttpHandlerOptions {
  /** Default 0: one that is free. */
  readonly port?: number;
  /** Answers what is for no endpoint, after the check of `Host`. Default: 404. */
  readonly fallback?: (request: IncomingMessage, response: ServerResponse) => void;
  /** Sockets at once; further ones are closed at once. Default 10,000. */
  readonly maxSockets?: number;
  /** How long a client may take to send its headers. Default 10,000. */
  readonly headersTimeoutMs?: number;
  /** How long a client may take to send a whole request. Default 60,000. */
  readonly requestTimeoutMs?: number;
  /** How often the two bounds above are looked after. Default 5,000. */
  readonly checkMs?: number;
  /** How long a socket without a request stays open; clients are told, and given a second or two more. 0: without end. Default 5,000. */
  readonly idleSocketMs?: number;
}

export interface HttpTransportOptions {
  /** How long a server that was found to speak an older revision is believed to; then it is asked anew. Default 600,000. */
  readonly eraHorizonMs?: number;
  /** Servers whose era is remembered. Default 1,000. */
  readonly maxEras?: number;
  /** Sockets to one origin; calls beyond wait for one. Default 1,024. */
  readonly maxSockets?: number;
  /** Bound on opening one socket, within the bound on connecting. Default 10,000. */
  readonly socketTimeoutMs?: number;
  /** Where calls of older servers wait while their question is with the caller. Default: one for all connections of this transport. */
  readonly parking?: Parking;
  /** Sessions with servers before 2026-07-28. Default: one for each profile of capabilities, up to 8; one for all over HTTP+SSE. */
  readonly sessions?: SessionPoolOptions;
}
