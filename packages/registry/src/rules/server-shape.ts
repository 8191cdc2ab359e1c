import type { ProcessLimits } from '@toolyard/protocol';
import { z } from 'zod';

import type {
  BreakerRules,
  CallRules,
  HealthRules,
  InstanceBounds,
  RestartRules,
  ServerCacheRules,
} from '../definition/server-definition.ts';
import { dayMs, duration, keysOf, listOf, mapOf, part, probeInterval, text, wholeNumber } from './fields.ts';

export interface ProcessShape {
  readonly command?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly limits?: ProcessLimits;
}

export interface ServerShape extends ProcessShape {
  readonly name?: string;
  readonly url?: string;
  readonly urls?: readonly string[];
  readonly start?: ProcessShape;
  readonly transport?: string;
  readonly priority?: number;
  readonly domains?: readonly string[];
  readonly capabilities?: readonly string[];
  readonly tags?: readonly string[];
  readonly instances?: InstanceBounds;
  readonly calls?: CallRules;
  readonly health?: HealthRules;
  readonly breaker?: BreakerRules;
  readonly cache?: ServerCacheRules;
  readonly restart?: RestartRules;
  readonly timeoutMs?: number;
  readonly maxTimeoutMs?: number;
  readonly connectTimeoutMs?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly auth?: AuthShape;
}

export type AuthShape =
  | { readonly type: 'none' }
  | { readonly type: 'bearer'; readonly token: string }
  | { readonly type: 'api_key'; readonly header: string; readonly key: string };

/** Of one server. */
export const maxInstances = 64;

const mebibytes = wholeNumber(1, 1_048_576, 'mebibytes');

const limitFields = {
  addressSpaceMb: mebibytes.exactOptional(),
  cpuSeconds: wholeNumber(1, 1_000_000_000, 'seconds').exactOptional(),
  openFiles: wholeNumber(1, 1_000_000, 'files').exactOptional(),
  processes: wholeNumber(1, 1_000_000, 'processes').exactOptional(),
};

const processFields = {
  command: text('a program, such as "node"').exactOptional(),
  args: z.array(z.string({ error: 'a text' }), { error: 'a list of texts, one for each argument' }).exactOptional(),
  env: mapOf('variable names to values', 'LOG: "1"').exactOptional(),
  cwd: text('a folder').exactOptional(),
  limits: z.strictObject(limitFields, { error: 'a mapping of limits, such as {openFiles: 1024}' }).exactOptional(),
};

const auth = z.discriminatedUnion(
  'type',
  [
    z.strictObject({ type: z.literal('none') }),
    z.strictObject({ type: z.literal('bearer'), token: text('a token; better as a reference, "${NAME}"') }),
    z.strictObject({
      type: z.literal('api_key'),
      header: text('the name of a header, such as "X-Api-Key"'),
      key: text('a key; better as a reference, "${NAME}"'),
    }),
  ],
  { error: 'a mapping with "type": one of "none", "bearer" (with "token"), "api_key" (with "header" and "key")' },
);

const instanceFields = {
  min: wholeNumber(1, maxInstances, 'instances').exactOptional(),
  max: wholeNumber(1, maxInstances, 'instances').exactOptional(),
  idleMs: duration.exactOptional(),
};

const retryFields = {
  maxAttempts: wholeNumber(1, 10, 'attempts').exactOptional(),
  firstDelayMs: duration.exactOptional(),
  maxDelayMs: duration.exactOptional(),
};

const healthFields = {
  probeIntervalMs: probeInterval,
  unhealthyProbes: wholeNumber(1, 1_000, 'probes').exactOptional(),
  minCalls: wholeNumber(1, 1_000_000, 'calls').exactOptional(),
  faultRatio: part(undefined).exactOptional(),
  slowMs: duration.exactOptional(),
};

const breakerFields = {
  faultsInARow: wholeNumber(1, 10_000, 'calls').exactOptional(),
  faultRatio: part(1).exactOptional(),
  recentCalls: wholeNumber(1, 10_000, 'calls').exactOptional(),
  firstPauseMs: duration.exactOptional(),
  maxPauseMs: duration.exactOptional(),
};

const hedgeFields = {
  afterMs: duration.exactOptional(),
  percentile: wholeNumber(50, 99, 'calls in a hundred').exactOptional(),
};
const hedgeError = 'a mapping with "afterMs", "percentile" or both';

const callFields = {
  maxConcurrent: wholeNumber(1, 65_536, 'calls').exactOptional(),
  maxQueue: wholeNumber(0, 1_000_000, 'calls').exactOptional(),
  idempotent: listOf('names of tools').exactOptional(),
  hedge: z
    .strictObject(hedgeFields, { error: hedgeError })
    .refine((given) => Object.keys(given).length > 0, { error: hedgeError })
    .exactOptional(),
  retry: z.strictObject(retryFields, { error: `a mapping with ${keysOf(retryFields)}` }).exactOptional(),
};

const cacheRuleFields = {
  ttlMs: wholeNumber(0, 365 * dayMs, 'milliseconds').exactOptional(),
  tools: z
    .record(z.string(), wholeNumber(1, 365 * dayMs, 'milliseconds'), {
      error: 'a mapping of names of tools to milliseconds, such as find_ticket: 60000',
    })
    .exactOptional(),
};

const urlsError = `a list of 1 to ${maxInstances} URLs`;

const restartFields = {
  maxMemoryMb: mebibytes.exactOptional(),
  maxAgeMs: wholeNumber(1_000, 365 * dayMs, 'milliseconds').exactOptional(),
};

const serverFields = {
  name: text('a text').exactOptional(),
  url: text('a URL').exactOptional(),
  urls: z
    .array(text('a URL'), { error: urlsError })
    .min(1, { error: urlsError })
    .max(maxInstances, { error: urlsError })
    .exactOptional(),
  ...processFields,
  start: z
    .strictObject(processFields, { error: 'a mapping with "command", and if needed "args", "env", "cwd" and "limits"' })
    .exactOptional(),
  transport: text('the name of a transport, such as "http" or "stdio"').exactOptional(),
  priority: wholeNumber(-1_000, 1_000, 'steps (lower is asked first)').exactOptional(),
  domains: listOf('domains').exactOptional(),
  capabilities: listOf('capabilities').exactOptional(),
  tags: listOf('tags').exactOptional(),
  instances: z.strictObject(instanceFields, { error: 'a mapping with "min", "max" and "idleMs"' }).exactOptional(),
  calls: z.strictObject(callFields, { error: `a mapping with ${keysOf(callFields)}` }).exactOptional(),
  health: z.strictObject(healthFields, { error: `a mapping with ${keysOf(healthFields)}` }).exactOptional(),
  breaker: z.strictObject(breakerFields, { error: `a mapping with ${keysOf(breakerFields)}` }).exactOptional(),
  cache: z.strictObject(cacheRuleFields, { error: 'a mapping with "ttlMs" and "tools"' }).exactOptional(),
  restart: z.strictObject(restartFields, { error: 'a mapping with "maxMemoryMb" and "maxAgeMs"' }).exactOptional(),
  timeoutMs: duration.exactOptional(),
  maxTimeoutMs: duration.exactOptional(),
  connectTimeoutMs: duration.exactOptional(),
  headers: mapOf('header names to values', 'X-Team: "blue"').exactOptional(),
  auth: auth.exactOptional(),
};

export const server: z.ZodType<ServerShape> = z.strictObject(serverFields, {
  error: 'a mapping that describes a server, with "url", "urls" or "command"',
});

/** The keys that may stand at each place of a server, for suggestions. */
export const serverKeys: Readonly<
  Record<
    | 'server'
    | 'start'
    | 'limits'
    | 'instances'
    | 'calls'
    | 'retry'
    | 'hedge'
    | 'health'
    | 'breaker'
    | 'cacheRules'
    | 'restart'
    | 'auth',
    readonly string[]
  >
> = {
  server: Object.keys(serverFields),
  start: Object.keys(processFields),
  limits: Object.keys(limitFields),
  instances: Object.keys(instanceFields),
  calls: Object.keys(callFields),
  retry: Object.keys(retryFields),
  hedge: Object.keys(hedgeFields),
  health: Object.keys(healthFields),
  breaker: Object.keys(breakerFields),
  cacheRules: Object.keys(cacheRuleFields),
  restart: Object.keys(restartFields),
  auth: ['type', 'token', 'header', 'key'],
};
