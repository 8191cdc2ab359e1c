import type { KeyObject } from 'node:crypto';

import type { ConfigProblem, Service, Target } from '@toolyard/protocol';

/** What a configuration file says, checked and with every reference resolved. Frozen in depth. */
export interface Configuration {
  /** In the order of the file. */
  readonly servers: readonly ServerDefinition[];
  readonly orchestration: OrchestrationSettings;
  /** In the order of the file. */
  readonly profiles: readonly ProfileDefinition[];
  /** Where answers of servers are kept. */
  readonly cache?: CacheSettings;
  /** What keys are derived from that outlive a restart, or that several gateways share: 32 bytes or more. */
  readonly secret?: KeyObject;
  /** What was read although there is a better spelling today, with that spelling. Nothing is wrong with the result. */
  readonly notices: readonly ConfigNotice[];
}

/** Same shape as a problem: a place and a sentence. */
export type ConfigNotice = ConfigProblem;

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

/** Only what the file says: who keeps answers owns the defaults. */
export interface CacheSettings {
  /** `redis://` or `rediss://`: shared with all gateways that name the same, in memory over it. Default: memory alone. */
  readonly redis?: string;
  /** Gateways share what they keep where this is the same, too. */
  readonly prefix?: string;
  /** In memory. */
  readonly maxEntries?: number;
  readonly maxBytes?: number;
  /** How long after its time an answer is given out where the server cannot be reached. */
  readonly staleIfErrorMs?: number;
  /** How long after its time an answer is given out while a new one is fetched. */
  readonly staleWhileRevalidateMs?: number;
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
  /** A read that takes longer is given to a second instance, too. Default: never. */
  readonly hedgeAfterMs?: number;
  /** How often and when a call is made again that may be. */
  readonly retry?: RetryRules;
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

/**
 * What some callers see of everything. Tools are named here as they are called where everything is seen (`server__tool`), whatever `rename`
 * calls them.
 */
export interface ProfileDefinition {
  /** 1 to 32 of `a-z 0-9 - _`, starting and ending with a letter or digit: it becomes part of a path. */
  readonly name: string;
  /** Ids. A server is seen if it is named here or has one of `tags`; without either, all are. */
  readonly servers?: readonly string[];
  readonly tags?: readonly string[];
  /** Patterns of names, in which `*` stands for any characters, or none. Without `include`, every tool of the servers is seen that `exclude` does not take out. */
  readonly tools?: { readonly include?: readonly string[]; readonly exclude?: readonly string[] };
  /** New names: at most 64 characters of `[A-Za-z0-9_-]`, all different. */
  readonly rename?: Readonly<Record<string, string>>;
  readonly describe?: Readonly<Record<string, ToolWording>>;
  /** Tools that are listed as themselves also where the others have to be searched for. */
  readonly pin?: readonly string[];
  /** `direct` (the default): tools are listed. `search`: they are found with meta-tools. `auto`: the one or the other, by `searchBudgetTokens`. */
  readonly mode?: ProfileMode;
  /** What the definitions that `auto` lists directly may cost, in tokens of o200k. */
  readonly searchBudgetTokens?: number;
}

/** What takes the place of a tool's own words. */
export interface ToolWording {
  readonly title?: string;
  readonly description?: string;
}

export const profileModes = ['direct', 'search', 'auto'] as const;
export type ProfileMode = (typeof profileModes)[number];

/** Only what the file says: who uses a setting owns its default. */
export interface OrchestrationSettings {
  /** One server that cannot be reached stops the start of all. */
  readonly failFast?: boolean;
  /** Servers connected to at the same time. */
  readonly startConcurrency?: number;
  /** Calls of all clients together that may be under way; subscriptions are none. */
  readonly maxInFlight?: number;
  /** Sockets of clients that may be open. */
  readonly maxConnections?: number;
  /** Processes of all servers. */
  readonly maxProcesses?: number;
  /** Processes of one server. */
  readonly maxProcessesPerServer?: number;
  /** `prefixed`: `server__tool`; `flat`: names as they are, for a single server. */
  readonly naming?: 'prefixed' | 'flat';
  /** Entries on one page of a list. */
  readonly pageSize?: number;
  readonly connectTimeoutMs?: number;
  /** How often an instance that has answered nothing since is asked for a sign of life; 0: never. */
  readonly probeIntervalMs?: number;
  /** Silence after which a call fails. */
  readonly timeoutMs?: number;
  /** Bound on a call whatever progress it reports. */
  readonly maxTimeoutMs?: number;
  /** Attempts in a row to reach a server again before it is left alone. */
  readonly maxRetries?: number;
  /** Pauses between such attempts: the first, and the longest. */
  readonly backoff?: { readonly initialMs?: number; readonly maxMs?: number };
  /** How long lists and resources of servers that say nothing of it hold; 0: not at all. */
  readonly resourceCacheTtlMs?: number;
  readonly logLevel?: LogThreshold;
  /** Entries of `baggage` (W3C Baggage) that servers are told, by key. */
  readonly forwardBaggage?: readonly string[];
}

export const logThresholds = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogThreshold = (typeof logThresholds)[number];
