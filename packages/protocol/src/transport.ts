import type { Service } from './service.ts';

/** Where a server is. A transport for something else invents a URL scheme (`unix:///run/x.sock`). */
export type Target = UrlTarget | CommandTarget;

export interface UrlTarget {
  readonly url: string;
  /** Sent with every request, after the headers the protocol needs; credentials of the gateway itself belong here. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * A process to start first, which then serves `url`. `{port}` in its arguments and variables, and in `url`, stands for a port that was free
   * when it was started. A transport that starts nothing does not accept such a target.
   */
  readonly start?: CommandTarget;
}

export interface CommandTarget {
  readonly command: string;
  readonly args?: readonly string[];
  /** Added to a short allowlist of harmless variables; the gateway's own environment is never inherited. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** What the system is to hold the process to. Where it cannot, the process is not started. */
  readonly limits?: ProcessLimits;
}

/** Limits that a process and all it starts inherit, each on its own (getrlimit(2)). Whole numbers from 1. */
export interface ProcessLimits {
  /** Address space in MiB, which is more than the memory in use: Node reserves about 1 GiB, and 10 more where it runs WebAssembly. Not on macOS. */
  readonly addressSpaceMb?: number;
  /** Processor time over its whole life; then it is killed. */
  readonly cpuSeconds?: number;
  readonly openFiles?: number;
  /** Processes and threads that its user may have in all, those of others included; the super-user is not held to it. */
  readonly processes?: number;
}

/**
 * A way to reach MCP servers, and to be reached. Prove an implementation with `transportContract` from `@toolyard/contract-tests`.
 */
export interface Transport {
  readonly contract: 'transport/1';
  /** Short and unique: `http`, `stdio`, `ws`. A definition may ask for a transport by this name. */
  readonly name: string;
  /** Whether `connect` can reach this target. Looks at the target only; no I/O. */
  accepts(target: Target): boolean;
  /**
   * Reaches the server, finds out which revisions it speaks, and resolves when calls can be made.
   * Rejects with `UPSTREAM_UNREACHABLE`, `UPSTREAM_TIMEOUT`, `UPSTREAM_MALFORMED`, `MESSAGE_TOO_LARGE` where the server sent more than may be, or, for want of room for its process, `PROCESS_LIMIT`, leaving nothing behind; likewise with `CANCELLED` when `options.signal` aborts.
   */
  connect(target: Target, options: ConnectOptions): Promise<Connection>;
  /** Lets remote clients call `service`. Resolves when the address is bound. */
  serve?(service: Service, options: ServeOptions): Promise<Listener>;
}

export interface ConnectOptions {
  /** How this server is called in errors and logs. */
  readonly upstream: string;
  /** `Implementation` of this side, for servers that are told once who connects (revisions before 2026-07-28) and for calls without `clientInfo`. */
  readonly clientInfo: { readonly name: string; readonly version: string };
  /** Ends the attempt, not the connection. */
  readonly signal?: AbortSignal;
  /** Bound on connecting, era detection included. Default 30,000. */
  readonly connectTimeoutMs?: number;
  /**
   * Told why the attempt fails as soon as that is known: `connect` rejects only once what it opened is closed, which a process may take seconds for. It may
   * reject with an error that says more. A transport that closes at once need not call it.
   */
  readonly onFailing?: (error: Error) => void;
  /** Silence after which a call fails with `UPSTREAM_TIMEOUT`; progress starts it anew. Default 60,000. */
  readonly timeoutMs?: number;
  /** Bound on a call whatever progress it reports. Default 600,000. `subscriptions/listen` has neither bound. */
  readonly maxTimeoutMs?: number;
  /** Largest message accepted from the server. Default 16 MiB. */
  readonly maxMessageBytes?: number;
  /** Calls in flight on this connection; one more fails with `UPSTREAM_BUSY`. Default 1,024. */
  readonly maxInFlight?: number;
  /** What the server writes beside the protocol (stderr of a process), a line at a time; lines are cut at 8 KiB. `level`: `warn` where this side itself has to say something that its operator should see. */
  readonly onLog?: (line: string, level?: 'warn') => void;
}

/** A server that can be called. */
export interface Connection extends AsyncDisposable {
  /** Rejects with `CLOSED` after `close()`, with `UPSTREAM_CLOSED` once the server is gone. */
  readonly service: Service;
  readonly peer: Peer;
  /** Whether the server keeps what calls leave behind for later ones, so that those of one caller belong together. Default `false`. */
  readonly stateful?: boolean;
  /**
   * Asks the server for a sign of life: resolves once it has answered anything, rejects as a call does, and with `CANCELLED` as soon as `signal` aborts. Has no bound of its own.
   * Default: whoever wants to know calls `server/discover`, which tells nothing where it is answered on this side.
   */
  check?(signal: AbortSignal): Promise<void>;
  /**
   * Resolves once nothing is under way here, or the connection is over: neither a call, nor one whose question is with its caller, nor a task that is not over,
   * since for the last two somebody is to come back by a later call. Never rejects. Default: there is nothing but calls that somebody waits for.
   */
  drained?(): Promise<void>;
  /** Resolves once when the connection is over: with the reason when the server went away, with `undefined` after `close()`. Never rejects. */
  readonly closed: Promise<Error | undefined>;
  /** Cancels calls in flight, ends the session or process, and resolves when nothing is left of it. Safe to call twice. */
  close(): Promise<void>;
}

/** What was learnt while connecting, for people to read: nothing may branch on it. */
export interface Peer {
  /** The revision in use, such as `2026-07-28`. */
  readonly revision: string;
  /** `stdio`, `streamable-http`, … */
  readonly wire: string;
  /** Process id where the server is a child process. */
  readonly pid?: number;
}

export interface ServeOptions {
  /** `Implementation` of this side; stamped as `serverInfo` where a reply does not carry its upstream's. */
  readonly serverInfo: { readonly name: string; readonly version: string };
  /** Largest message accepted from a client. Default 4 MiB. */
  readonly maxMessageBytes?: number;
  /** Calls in flight for one client connection or session. Default 1,024. */
  readonly maxInFlight?: number;
  /** What may wait to be read by a slow client before its call is aborted with `CALLER_TOO_SLOW`. Default 1 MiB. */
  readonly maxPendingBytes?: number;
}

/** A service that can be reached. */
export interface Listener extends AsyncDisposable {
  /** Where clients connect, with the port that was bound: `http://127.0.0.1:7000/mcp`. `stdio:` for the process's own pipes. */
  readonly address: string;
  /** Resolves once when it is over: with the reason when it ended by itself (stdin closed), with `undefined` after `close()`. */
  readonly closed: Promise<Error | undefined>;
  /**
   * Takes no new calls, lets those in flight finish for `drainMs` (default 0), aborts the rest, ends all sessions,
   * and resolves when nothing is left open. Safe to call twice; a second call with a shorter `drainMs` hurries the first.
   */
  close(options?: { readonly drainMs?: number }): Promise<void>;
}
