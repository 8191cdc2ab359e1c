import type { Service, Target } from '@toolyard/protocol';

/** One MCP server: where it is, and how it takes part in routing. */
export interface ServerDefinition {
  /**
   * 1 to 32 of `a-z 0-9 - _`, starting and ending with a letter or digit, without `__`. It becomes the prefix of the server's tools
   * (`id__tool`, 64 characters at most), so it is short, has one spelling, and cannot contain the separator.
   */
  readonly id: string;
  /** For people. */
  readonly name?: string;
  readonly target: ServerTarget;
  /** Asks for a transport by its name; otherwise the first that accepts the target is taken. Whether it exists is not checked here. */
  readonly transport?: string;
  /** Lower is asked first. Default 0. */
  readonly priority: number;
  readonly domains: readonly string[];
  readonly capabilities: readonly string[];
  readonly tags: readonly string[];
  /** Processes or connections of it that are kept. Default: one; of several URLs, one for each. */
  readonly instances?: InstanceBounds;
  /** How calls to it are bounded, repeated and hedged. */
  readonly calls?: CallRules;
  /** From when on something is held against it. */
  readonly health?: HealthRules;
  /** When an instance of it is left alone for a while. */
  readonly breaker?: BreakerRules;
  readonly cache?: ServerCacheRules;
  /** When an instance is replaced by a new one. Default: never. */
  readonly restart?: RestartRules;
  /** Overrides `orchestration.timeoutMs` for this server. */
  readonly timeoutMs?: number;
  /** Overrides `orchestration.maxTimeoutMs` for this server. */
  readonly maxTimeoutMs?: number;
  /** Overrides `orchestration.connectTimeoutMs` for this server. */
  readonly connectTimeoutMs?: number;
}

/** Where a server is. */
export type ServerTarget = Target | UrlsTarget;

/** One server at several URLs: each of its instances is connected to one of them, and they are spread over all. */
export interface UrlsTarget {
  /** 1 to 64. */
  readonly urls: readonly string[];
  /** For each of them. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A server that is a function of this process. Only code can define one, and no registry keeps it. */
export interface ServiceTarget {
  readonly service: Service;
}

/** What is kept of one server. */
export interface ServerCacheRules {
  /** How long lists and resources hold where the server says nothing of it; 0: not at all. Overrides `orchestration.resourceCacheTtlMs`. */
  readonly ttlMs?: number;
  /** Tools, by their own names, whose results hold for so many milliseconds: only such as change nothing. */
  readonly tools?: Readonly<Record<string, number>>;
}

export interface InstanceBounds {
  /** Kept from the start. Default 1; of a server with several URLs, one for each. */
  readonly min?: number;
  /** As many as may be added while calls wait. Default `min`. */
  readonly max?: number;
  /** How long one beyond `min` is kept without calls. Default: for ever. */
  readonly idleMs?: number;
}

export interface CallRules {
  /** Calls to one instance at the same time; more wait. Default 1,024, which is what transports take by default. */
  readonly maxConcurrent?: number;
  /** Calls that wait, for all instances together; more are refused. Default 16,384. */
  readonly maxQueue?: number;
  /** Tools, by their own names, that may be called twice to no harm, so that a call that failed is made again. Default: none. */
  readonly idempotent?: readonly string[];
  /** When a read that takes long is given to a second instance, too. Default: never. */
  readonly hedge?: HedgeRules;
  /** How often and when a call is made again that may be. */
  readonly retry?: RetryRules;
}

/** At least one of them. */
export interface HedgeRules {
  /** A read that takes longer is hedged. With `percentile` the least time, default 10. */
  readonly afterMs?: number;
  /** From 50 to 99: one that takes longer than so many in a hundred of the last minute's; with fewer than 20 of these none is. */
  readonly percentile?: number;
}

export interface RetryRules {
  /** The first attempt among them; 1: never again. Default 3. */
  readonly maxAttempts?: number;
  /** Bound on the first pause; each further one may be twice as long. Default 100. */
  readonly firstDelayMs?: number;
  /** Bound on any pause; what is to be tried later than that is not tried again. Default 2,000. */
  readonly maxDelayMs?: number;
}

/** What is left out has its default. */
export interface HealthRules {
  /** How often an instance that has answered nothing since is asked for a sign of life; 0: never. Default: that of `orchestration`. */
  readonly probeIntervalMs?: number;
  /** Probes in a row that failed, from which on an instance is unhealthy, and connected anew once it has no calls to lose; one makes it degraded. Default 3. */
  readonly unhealthyProbes?: number;
  /** Calls of the last minute, fewer of which say nothing about how many fail or are slow. Default 20. */
  readonly minCalls?: number;
  /** Part of the calls that are faults, from which on it is degraded. Default 0.1. */
  readonly faultRatio?: number;
  /** Time from which on a call is slow; with one slow call in twenty it is degraded. Default 10,000, and none for calls of tools, which take the time that they take. */
  readonly slowMs?: number;
}

/** What is left out has its default. */
export interface BreakerRules {
  /** Faults in a row that open it. Default 5. */
  readonly faultsInARow?: number;
  /** It opens, too, when more than this part of the last `recentCalls` were faults. Default 0.5. */
  readonly faultRatio?: number;
  /** Default 20; with fewer calls behind it the ratio says nothing. */
  readonly recentCalls?: number;
  /** Bound on its first pause; each pause after a probe that failed may be twice as long. Pauses are at least half their bound. Default 1,000. */
  readonly firstPauseMs?: number;
  /** Bound on any pause. Default 30,000. */
  readonly maxPauseMs?: number;
}

export interface RestartRules {
  /** Resident memory, in MiB, of its process and all that belongs to it. For servers that are started here. */
  readonly maxMemoryMb?: number;
  /** Since it was connected. */
  readonly maxAgeMs?: number;
}
