import type { ConfigProblem, Target } from '@toolyard/protocol';

/** What a configuration file says, checked and with every reference resolved. Frozen in depth. */
export interface Configuration {
  /** In the order of the file. */
  readonly servers: readonly ServerDefinition[];
  readonly orchestration: OrchestrationSettings;
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
  readonly target: Target;
  /** Asks for a transport by its name; otherwise the first that accepts the target is taken. Whether it exists is not checked here. */
  readonly transport?: string;
  /** Higher is asked first. Default 0. */
  readonly priority: number;
  readonly domains: readonly string[];
  readonly capabilities: readonly string[];
  readonly tags: readonly string[];
  /** Overrides `orchestration.timeoutMs` for this server. */
  readonly timeoutMs?: number;
  /** Overrides `orchestration.maxTimeoutMs` for this server. */
  readonly maxTimeoutMs?: number;
  /** Overrides `orchestration.connectTimeoutMs` for this server. */
  readonly connectTimeoutMs?: number;
}

/** Only what the file says: who uses a setting owns its default. */
export interface OrchestrationSettings {
  /** One server that cannot be reached stops the start of all. */
  readonly failFast?: boolean;
  /** Servers connected to at the same time. */
  readonly startConcurrency?: number;
  /** `prefixed`: `server__tool`; `flat`: names as they are, for a single server. */
  readonly naming?: 'prefixed' | 'flat';
  /** Entries on one page of a list. */
  readonly pageSize?: number;
  readonly connectTimeoutMs?: number;
  /** Silence after which a call fails. */
  readonly timeoutMs?: number;
  /** Bound on a call whatever progress it reports. */
  readonly maxTimeoutMs?: number;
  /** Attempts in a row to reach a server again before it is left alone. */
  readonly maxRetries?: number;
  /** Pauses between such attempts: the first, and the longest. */
  readonly backoff?: { readonly initialMs?: number; readonly maxMs?: number };
  /** How long a resource may be answered from memory. */
  readonly resourceCacheTtlMs?: number;
  readonly logLevel?: LogThreshold;
}

export const logThresholds = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogThreshold = (typeof logThresholds)[number];
