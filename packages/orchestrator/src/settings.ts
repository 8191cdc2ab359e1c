import { randomBytes } from 'node:crypto';
import type { BackoffOptions, SuperviseOptions, Transport } from '@toolyard/protocol';
import type { Limits } from './limits.ts';
import { defaultLimits } from './limits.ts';
import type { Pace } from './listening/pace.ts';
import type { AdjustableOptions, OrchestratorOptions } from './options.ts';

/** The options with their defaults, as the parts use them. */
export interface Settings {
  readonly naming: 'prefixed' | 'flat';
  readonly transports: readonly Transport[];
  readonly clientInfo: { readonly name: string; readonly version: string };
  readonly serverInfo: { readonly name: string; readonly version: string };
  readonly failFast: boolean;
  readonly startHoldMs: number;
  readonly listTimeoutMs: number;
  /** What may be another the next time. */
  readonly live: { current: LiveSettings };
  readonly limits: Limits;
  readonly cursorKey: Uint8Array;
  readonly taskKey: Uint8Array;
  readonly shareSubscriptions: 'principal' | 'server';
  readonly now: () => number;
  readonly random: () => number;
  readonly given: OrchestratorOptions;
}

/** Those of them that may change while it runs; whoever uses one looks at it each time. */
export interface LiveSettings {
  readonly startConcurrency: number;
  readonly connectTimeoutMs: number;
  readonly probeIntervalMs: number;
  readonly timeoutMs: number | undefined;
  readonly maxTimeoutMs: number | undefined;
  readonly supervision: Required<Pick<SuperviseOptions, 'maxAttempts' | 'firstDelayMs' | 'maxDelayMs'>>;
  readonly pageSize: number;
}

/** How long acknowledgements of subscriptions are waited for. */
export const ackTimeoutMs = 2_000;
/** How long an instance whose time is over may take to finish its calls. */
export const recycleDrainMs = 30_000;
/** Changes within this time are told as one. */
export const settleMs = 50;
/**
 * A burst of change notices from a server makes one fetch after the first of these, and one fetch follows another after the second at the earliest. Together with
 * the fetch they stay within a second, in which a change is to be seen.
 */
export const refresh = { delayMs: 50, gapMs: 500 };
/** How quickly a shared subscription follows its callers. */
export const listenPace: Pace = { gapMs: 100, lingerMs: 1_000, ackTimeoutMs };
/** How long the end waits for a registry to take what is left to be written. */
export const registryPatienceMs = 5_000;
/** Pauses before a subscription that ended is opened again. */
export const listenDelays: BackoffOptions = { firstDelayMs: 1_000, maxDelayMs: 60_000 };

export function readSettings(options: OrchestratorOptions): Settings {
  const live = { current: readLiveSettings(options) };
  return {
    given: options,
    naming: options.naming ?? 'prefixed',
    transports: options.transports,
    clientInfo: options.clientInfo,
    serverInfo: options.serverInfo ?? options.clientInfo,
    failFast: options.failFast ?? false,
    startHoldMs: options.startHoldMs ?? 5_000,
    listTimeoutMs: options.listTimeoutMs ?? 15_000,
    live,
    limits: {
      ...defaultLimits,
      ...options.limits,
      get pageSize() {
        return live.current.pageSize;
      },
    },
    cursorKey: options.cursorKey ?? randomBytes(32),
    taskKey: options.taskKey ?? randomBytes(32),
    shareSubscriptions: options.shareSubscriptions ?? 'principal',
    now: () => performance.now(),
    random: options.random ?? Math.random,
  };
}

export function readLiveSettings(options: AdjustableOptions): LiveSettings {
  const {
    startConcurrency = 8,
    connectTimeoutMs = 30_000,
    probeIntervalMs = 30_000,
    timeoutMs,
    maxTimeoutMs,
    maxRetries,
    backoff = {},
  } = options;
  return {
    startConcurrency,
    connectTimeoutMs,
    probeIntervalMs,
    timeoutMs,
    maxTimeoutMs,
    supervision: {
      maxAttempts: maxRetries === undefined ? Number.POSITIVE_INFINITY : maxRetries + 1,
      firstDelayMs: backoff.initialMs ?? 250,
      maxDelayMs: backoff.maxMs ?? 30_000,
    },
    pageSize: options.limits?.pageSize ?? defaultLimits.pageSize,
  };
}
