import type { CacheStats, ConnectOptions, Middleware, Transport } from '@toolyard/protocol';
import type { ProfileDefinition, ServerRegistry } from '@toolyard/registry';
import type { MemoryOf } from './governing/govern.ts';
import type { Limits } from './limits.ts';
import type { ServerEntry } from './server-entry.ts';

/** Options that can be given anew while it runs (`Orchestrator.configure`). */
export interface AdjustableOptions {
  /** Servers that are being connected to at the same time. Default 8. */
  readonly startConcurrency?: number;
  /** Bound on connecting, for servers without one of their own. Default 30,000. */
  readonly connectTimeoutMs?: number;
  /** How often a server that has answered nothing since is asked for a sign of life, for servers without an interval of their own, in milliseconds; 0: never. Default 30,000. */
  readonly probeIntervalMs?: number;
  /** Silence after which a call fails, for servers without a bound of their own. Default: the transport's. */
  readonly timeoutMs?: number;
  /** Bound on a call whatever progress it reports, for servers without one of their own. Default: the transport's. */
  readonly maxTimeoutMs?: number;
  /** Attempts in a row to reach a server again before it is left alone. Default: without end. */
  readonly maxRetries?: number;
  /** Bounds on the pauses between attempts to reach a server: the first, doubled each time up to the longest; each pause is a random part of its bound. Default 250 and 30,000. */
  readonly backoff?: { readonly initialMs?: number; readonly maxMs?: number };
  readonly limits?: Partial<Pick<Limits, 'pageSize'>>;
}

export interface OrchestratorOptions extends AdjustableOptions {
  /** In the order in which they are listed. */
  readonly servers: readonly ServerEntry[];
  /** What some callers see of all this: one view each. For prefixed naming. Default: none. */
  readonly profiles?: readonly ProfileDefinition[];
  /** Asked in this order which of them takes a target, unless a server names its own. */
  readonly transports: readonly Transport[];
  /**
   * What stands around the service of a server, the first outermost; asked once for each server that is deployed, and for each definition that it is given. It sees every call in the server's own names, also
   * while the server cannot be reached. Not seen are the orchestrator's own calls, by which it learns what a server offers. Default: nothing.
   */
  readonly middleware?: (server: ServerEntry) => readonly Middleware[];
  /** How the orchestrator introduces itself to servers. */
  readonly clientInfo: { readonly name: string; readonly version: string };
  /** How it introduces itself to callers in answers that are its own. Default `clientInfo`. */
  readonly serverInfo?: { readonly name: string; readonly version: string };
  /** `prefixed` (the default): `server__tool`. `flat`: names as they are, and calls relayed whole; for one server. */
  readonly naming?: 'prefixed' | 'flat';
  /** Whether one server that does not come up makes `start()` reject and closes all. Default `false`: it costs its own tools only. */
  readonly failFast?: boolean;
  /** After which one that is still being connected to no longer counts for `startConcurrency`. Default 5,000. */
  readonly startHoldMs?: number;
  /** Bound on asking a server what it offers, all lists and pages together. Default 15,000. */
  readonly listTimeoutMs?: number;
  readonly limits?: Partial<Limits>;
  /** For `restart.maxMemoryMb` of definitions, which is `CONFIG_INVALID` without. `processMemory` of `@toolyard/transport-stdio` is one. */
  readonly memoryOf?: MemoryOf;
  /** Passed on to transports. */
  readonly maxMessageBytes?: ConnectOptions['maxMessageBytes'];
  /** Passed on to transports; subscriptions and probes count. Default: `calls.maxConcurrent` of the server and 1,024 more, so that it is the server's queue in which calls wait. */
  readonly maxInFlight?: ConnectOptions['maxInFlight'];
  /** What servers write beside the protocol. `level`: as in `ConnectOptions` of a transport. */
  readonly onLog?: (server: string, line: string, level?: 'warn') => void;
  /** Signs cursors: 32 bytes or more that all processes behind one endpoint share. Default: random, for this process. */
  readonly cursorKey?: Uint8Array;
  /** Seals the ids of tasks: 32 bytes or more that all processes behind one endpoint share, and keep for as long as tasks live. Default: random, for this process. */
  readonly taskKey?: Uint8Array;
  /**
   * Who shares a subscription with a server. `principal` (the default): the callers of one principal. `server`: all callers, for servers that answer everybody
   * alike; whoever may subscribe to a URI then hears of it whether or not the server would have told them. Tasks are their principal's always.
   */
  readonly shareSubscriptions?: 'principal' | 'server';
  /**
   * Where it is written down what is deployed and which of it is connected; functions of this process are not. It is written behind the back of calls, which never wait for it; what it
   * does not take is told by `events.registry`. Whoever made it closes it. Default: nowhere.
   */
  readonly registry?: ServerRegistry;
  /** What `status()` says of the cache. Default, and where it throws: that there is none. */
  readonly cacheStatistics?: () => CacheStats;
  /** Jitter, from 0 up to 1. Default `Math.random`. */
  readonly random?: () => number;
}
