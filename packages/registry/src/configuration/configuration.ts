import type { KeyObject } from 'node:crypto';

import type { ConfigProblem } from '@toolyard/protocol';

import type { ProfileDefinition } from '../definition/profile-definition.ts';
import type { ServerDefinition } from '../definition/server-definition.ts';

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
  /**
   * Where in the file something stands, by a path such as `servers.files.url`, for those who find something wrong with it later: line and column, from 1. Of what the file
   * does not have, the place of what is around it; 0 and 0 where nothing is.
   */
  readonly placeOf: (path: string) => Pick<ConfigProblem, 'line' | 'column'>;
}

/** Same shape as a problem: a place and a sentence. */
export type ConfigNotice = ConfigProblem;

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
