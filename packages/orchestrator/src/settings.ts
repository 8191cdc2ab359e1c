import { randomBytes } from 'node:crypto';
import type { Transport } from '@toolyard/protocol';
import type { RetryDelays } from './fleet/retry-delay.ts';
import type { Limits } from './limits.ts';
import { defaultLimits } from './limits.ts';
import type { OrchestratorOptions } from './options.ts';

/** The options with their defaults, as the parts use them. */
export interface Settings {
  readonly naming: 'prefixed' | 'flat';
  readonly transports: readonly Transport[];
  readonly clientInfo: { readonly name: string; readonly version: string };
  readonly serverInfo: { readonly name: string; readonly version: string };
  readonly failFast: boolean;
  readonly startConcurrency: number;
  readonly startHoldMs: number;
  readonly connectTimeoutMs: number;
  readonly listTimeoutMs: number;
  readonly maxRetries: number;
  readonly backoff: RetryDelays;
  readonly limits: Limits;
  readonly cursorKey: Uint8Array;
  readonly now: () => number;
  readonly random: () => number;
  readonly given: OrchestratorOptions;
}

/** How long acknowledgements of subscriptions are waited for. */
export const ackTimeoutMs = 2_000;
/** Changes within this time are told as one. */
export const settleMs = 50;
/** A burst of change notices from a server makes one fetch after the first of these, and one fetch follows another after the second at the earliest. */
export const refresh = { delayMs: 50, gapMs: 1_000 };
/** Pauses before a subscription that ended is opened again. */
export const listenDelays: RetryDelays = { initialMs: 1_000, maxMs: 60_000 };

export function readSettings(options: OrchestratorOptions): Settings {
  return {
    given: options,
    naming: options.naming ?? 'prefixed',
    transports: options.transports,
    clientInfo: options.clientInfo,
    serverInfo: options.serverInfo ?? options.clientInfo,
    failFast: options.failFast ?? false,
    startConcurrency: options.startConcurrency ?? 8,
    startHoldMs: options.startHoldMs ?? 5_000,
    connectTimeoutMs: options.connectTimeoutMs ?? 30_000,
    listTimeoutMs: options.listTimeoutMs ?? 15_000,
    maxRetries: options.maxRetries ?? Number.POSITIVE_INFINITY,
    backoff: { initialMs: options.backoff?.initialMs ?? 500, maxMs: options.backoff?.maxMs ?? 60_000 },
    limits: { ...defaultLimits, ...options.limits },
    cursorKey: options.cursorKey ?? randomBytes(32),
    now: options.now ?? (() => performance.now()),
    random: options.random ?? Math.random,
  };
}
