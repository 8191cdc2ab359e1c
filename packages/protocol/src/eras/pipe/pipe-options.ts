import type { ConnectOptions, ServeOptions } from '../../transport.ts';
import type { Parking } from '../bridge/parking.ts';
import type { EraMemory } from '../era-memory.ts';
import type { SessionPoolOptions } from '../legacy/client/sessions/session-pool-options.ts';
import type { TaskOptions } from '../legacy/client/tasks/task-options.ts';

/** What a transport adds to `ConnectOptions` when it connects by way of a pipe. */
export interface PipeConnectOptions extends ConnectOptions {
  /** Shown as `peer.wire`: `stdio`, `memory`, `streamable-http`. */
  readonly wire: string;
  /** Shown as `peer.pid`; asked once, when connected. */
  readonly pid?: () => number | undefined;
  /**
   * How long a server may leave the first `server/discover` unanswered before `initialize` is sent after it, on the same pipe: it may be one of an older
   * revision that ignores what comes before. The discovery may still be answered then. Default 5,000, and never more than half of `connectTimeoutMs`.
   */
  readonly probeTimeoutMs?: number;
  /**
   * Where it is remembered that a server ignored `server/discover` or ended at it, and under which name; `initialize` is then the first message of the next
   * attempts, until it is refused or the horizon is over. Default: each attempt finds it out anew.
   */
  readonly remember?: { readonly eras: EraMemory; readonly endpoint: string };
  /** Where calls wait while their server's question is with the caller. One may serve many connections. Default: one of its own. */
  readonly parking?: Parking;
  /**
   * A server of 2025-11-25 may refuse a call until its user has opened a page. How long the retry waits for the server to notice before the user
   * is asked again. Default 20,000.
   */
  readonly pageWaitMs?: number;
  /** Sessions with a server before 2026-07-28. Default: one for all callers; over HTTP one for each profile of capabilities. */
  readonly sessions?: SessionPoolOptions;
  /** What is kept of the tasks of a server of 2025-11-25. */
  readonly tasks?: TaskOptions;
}

/** What a door adds to `ServeOptions` when it serves one client by way of a pipe. */
export interface PipeServeOptions extends ServeOptions {
  /** Who was authenticated. Default `anonymous`. */
  readonly principal?: string;
  /** Default `default`. */
  readonly tenant?: string;
  /** Times a call may come back with questions for a client before 2026-07-28; one more fails the call. Default 10. */
  readonly maxAskRounds?: number;
  /** How long such a client may take to answer the questions of one round. Default 300,000. */
  readonly askTimeoutMs?: number;
  /** Resources one session of such a client may subscribe to. Default 1,000. */
  readonly maxSubscriptions?: number;
}

/** One client that is being served. */
export interface Serving extends AsyncDisposable {
  /** Resolves once when it is over: with the reason when the client went away, with `undefined` after `close()`. Never rejects. */
  readonly closed: Promise<Error | undefined>;
  /**
   * Takes no new calls, lets those in flight finish for `drainMs` (default 0), aborts the rest and answers them with `CLOSED`, ends
   * subscriptions with a result, and closes the pipe. Safe to call twice; a second call with a shorter `drainMs` hurries the first.
   */
  close(options?: { readonly drainMs?: number }): Promise<void>;
}
