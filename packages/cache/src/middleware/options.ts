import {
  type CacheStore,
  type Call,
  checkNumbers,
  countOf,
  type ErrorCode,
  millisecondsFrom,
} from '@toolyard/protocol';

export interface CachedOptions {
  /** How the server is called: answers are kept under it, and dropped by it. */
  readonly server: string;
  /** Stays the caller's to close. One store may serve any number of servers. */
  readonly store: CacheStore;
  /** How long lists and resources hold whose server knows no caching hints (before 2026-07-28); 0 for not at all. Default 300,000. */
  readonly defaultTtlMs?: number;
  /** Longest time that a server's own `ttlMs` counts. Default 86,400,000. */
  readonly maxTtlMs?: number;
  /**
   * How long results of this tool hold, by the name its server gives it; `undefined` or 0 for not at all. Mark only tools that change nothing, and whose
   * answer depends on nothing but their arguments and who asks. Default: no tool.
   */
  readonly toolTtlMs?: (tool: string) => number | undefined;
  /** How long after its time an answer is still given out while a new one is fetched behind the caller's back. Never for tools. Default 0. */
  readonly staleWhileRevalidateMs?: number;
  /** How long after its time an answer is given out where the server cannot be reached or fails. Never for tools. Default 3,600,000. */
  readonly staleIfErrorMs?: number;
  /** The authorization context: callers for whom this differs share nothing private. Default: `caller.principal`. The tenant always counts as well. */
  readonly principalOf?: (call: Call) => string;
  /** Different requests under way at once; those beyond it are passed on without the cache. Default 1,024. */
  readonly maxFlights?: number;
  /** Callers at once that wait for one request; those beyond it are passed on. Default 10,000. */
  readonly maxWaiting?: number;
  /** Bound on a request that no caller waits for. Default 30,000. */
  readonly revalidateTimeoutMs?: number;
  /** How long, within half of it more or less, a server that failed is not asked again where a stale answer will do. Default 1,000. */
  readonly retryMs?: number;
  /** Is told what callers cannot see, or see only in `_meta`. Must not throw. */
  readonly onEvent?: (event: CachedEvent) => void;
  /** Clock, in milliseconds; must never go back. Default `performance.now`. */
  readonly now?: () => number;
}

export type CachedEvent =
  /** A stale answer was given out: while a new one is fetched, or because of an error. */
  | {
      readonly type: 'stale';
      readonly server: string;
      readonly method: string;
      readonly ageMs: number;
      readonly code?: ErrorCode;
    }
  | { readonly type: 'revalidation-failed'; readonly server: string; readonly method: string; readonly error: unknown }
  /** The store rejected; the call went on without it. */
  | { readonly type: 'store-failed'; readonly server: string; readonly error: unknown };

export type Settings = Required<CachedOptions>;

/** No timer waits for it. */
const age = { unit: 'milliseconds', min: 0, max: Number.MAX_SAFE_INTEGER, parts: true, endless: true };

const rules = {
  defaultTtlMs: age,
  maxTtlMs: age,
  staleWhileRevalidateMs: age,
  staleIfErrorMs: age,
  maxFlights: countOf('requests', 0),
  maxWaiting: countOf('callers'),
  revalidateTimeoutMs: millisecondsFrom(1),
  retryMs: age,
};

/** Throws `CONFIG_INVALID`. */
export function settingsOf(options: CachedOptions): Settings {
  checkNumbers(`the cache of ${options.server}`, options, rules);
  return {
    defaultTtlMs: 300_000,
    maxTtlMs: 86_400_000,
    toolTtlMs: () => undefined,
    staleWhileRevalidateMs: 0,
    staleIfErrorMs: 3_600_000,
    principalOf: (call) => call.caller.principal,
    maxFlights: 1_024,
    maxWaiting: 10_000,
    revalidateTimeoutMs: 30_000,
    retryMs: 1_000,
    onEvent: () => {},
    now: () => performance.now(),
    ...options,
  };
}
