import type { ProcessLimits } from '@toolyard/protocol';
import { z } from 'zod';

import {
  type CacheSettings,
  type BreakerRules,
  type CallRules,
  type HealthRules,
  type InstanceBounds,
  logThresholds,
  type OrchestrationSettings,
  type ProfileDefinition,
  profileModes,
  type RestartRules,
  type ServerCacheRules,
} from './configuration.ts';

/** The document once older names are translated; what several fields have to do with one another is in `rules.ts`. */
export interface DocumentShape {
  readonly servers: Readonly<Record<string, ServerShape>>;
  readonly orchestration?: OrchestrationSettings;
  readonly profiles?: Readonly<Record<string, ProfileShape>>;
  readonly secret?: string;
  readonly cache?: CacheSettings;
}

export interface ProfileShape extends Omit<ProfileDefinition, 'name' | 'describe'> {
  readonly describe?: Readonly<Record<string, string | { readonly title?: string; readonly description?: string }>>;
}

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

// The message of each schema says what would be right; `explain.ts` puts what was found before it.

const dayMs = 86_400_000;
/** Of one server. */
export const maxInstances = 64;

function wholeNumber(min: number, max: number, unit: string): z.ZodNumber {
  const error = `a whole number of ${unit} from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
}

function text(error: string): z.ZodString {
  return z.string({ error }).min(1, { error }).max(65_536, { error });
}

function oneOf<const T extends readonly [string, ...string[]]>(names: T): z.ZodType<T[number]> {
  return z.enum(names, { error: `one of ${names.map((name) => `"${name}"`).join(', ')}` });
}

function listOf(what: string): z.ZodType<string[]> {
  return z.array(text(`a text (${what})`), { error: `a list of texts (${what})` });
}

function mapOf(what: string, example: string): z.ZodType<Record<string, string>> {
  const value = z.string({ error: 'a text; put it in quotes' });
  return z.record(z.string(), value, { error: `a mapping of ${what}, such as ${example}` });
}

function keysOf(fields: z.ZodRawShape): string {
  const keys = Object.keys(fields).map((key) => `"${key}"`);
  return `${keys.slice(0, -1).join(', ')} and ${keys.at(-1)}`;
}

const duration = wholeNumber(1, dayMs, 'milliseconds');

/** 0: never. */
const probeInterval = wholeNumber(0, dayMs, 'milliseconds').exactOptional();

function part(below: 1 | undefined): z.ZodNumber {
  const error = `a part, such as 0.25: more than 0, ${below === undefined ? 'up to' : 'less than'} 1`;
  const above = z.number({ error }).gt(0, { error });
  return below === undefined ? above.max(1, { error }) : above.lt(below, { error });
}

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

const callFields = {
  maxConcurrent: wholeNumber(1, 65_536, 'calls').exactOptional(),
  maxQueue: wholeNumber(0, 1_000_000, 'calls').exactOptional(),
  idempotent: listOf('names of tools').exactOptional(),
  hedgeAfterMs: duration.exactOptional(),
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

const cacheFields = {
  redis: text('the URL of a Redis, such as "redis://127.0.0.1:6379"').exactOptional(),
  prefix: text('a text').exactOptional(),
  maxEntries: wholeNumber(1, 100_000_000, 'entries').exactOptional(),
  maxBytes: wholeNumber(1, 2 ** 40, 'bytes').exactOptional(),
  staleIfErrorMs: wholeNumber(0, 365 * dayMs, 'milliseconds').exactOptional(),
  staleWhileRevalidateMs: wholeNumber(0, 365 * dayMs, 'milliseconds').exactOptional(),
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

const backoffFields = { initialMs: duration.exactOptional(), maxMs: duration.exactOptional() };

const orchestrationFields = {
  failFast: z.boolean({ error: 'true or false' }).exactOptional(),
  startConcurrency: wholeNumber(1, 256, 'servers').exactOptional(),
  maxInFlight: wholeNumber(1, 1_000_000, 'calls').exactOptional(),
  maxConnections: wholeNumber(1, 1_000_000, 'connections').exactOptional(),
  maxProcesses: wholeNumber(1, 65_536, 'processes').exactOptional(),
  maxProcessesPerServer: wholeNumber(1, 65_536, 'processes').exactOptional(),
  naming: oneOf(['prefixed', 'flat']).exactOptional(),
  pageSize: wholeNumber(1, 1_000, 'entries').exactOptional(),
  connectTimeoutMs: duration.exactOptional(),
  probeIntervalMs: probeInterval,
  timeoutMs: duration.exactOptional(),
  maxTimeoutMs: duration.exactOptional(),
  maxRetries: wholeNumber(0, 1_000_000, 'attempts').exactOptional(),
  backoff: z.strictObject(backoffFields, { error: 'a mapping with "initialMs" and "maxMs"' }).exactOptional(),
  resourceCacheTtlMs: wholeNumber(0, 365 * dayMs, 'milliseconds').exactOptional(),
  logLevel: oneOf(logThresholds).exactOptional(),
  forwardBaggage: listOf('keys of baggage').exactOptional(),
};

const server = z.strictObject(serverFields, {
  error: 'a mapping that describes a server, with "url", "urls" or "command"',
});

const patternFields = {
  include: listOf('patterns of names').exactOptional(),
  exclude: listOf('patterns of names').exactOptional(),
};

const wordingFields = { title: text('a text').exactOptional(), description: text('a text').exactOptional() };
const wordingError = 'a text (the description), or a mapping with "title" and "description"';

const profileFields = {
  servers: listOf('ids of servers').exactOptional(),
  tags: listOf('tags of servers').exactOptional(),
  tools: z.strictObject(patternFields, { error: 'a mapping with "include" and "exclude"' }).exactOptional(),
  rename: mapOf('names of tools to new names', 'files__read_file: "read"').exactOptional(),
  describe: z
    .record(z.string(), z.union([text(wordingError), z.strictObject(wordingFields)], { error: wordingError }), {
      error: 'a mapping of names of tools to descriptions',
    })
    .exactOptional(),
  pin: listOf('names of tools').exactOptional(),
  mode: oneOf(profileModes).exactOptional(),
  searchBudgetTokens: wholeNumber(1, 1_000_000, 'tokens').exactOptional(),
};

const profile = z.strictObject(profileFields, {
  error: 'a mapping that says what is shown, such as {servers: [files]}',
});

const rootFields = {
  servers: z.record(z.string(), server, { error: 'a mapping of server ids to servers' }),
  orchestration: z.strictObject(orchestrationFields, { error: 'a mapping of settings' }).exactOptional(),
  profiles: z.record(z.string(), profile, { error: 'a mapping of names to profiles' }).exactOptional(),
  secret: text('a text in quotes; better a reference, "${NAME}"').exactOptional(),
  cache: z
    .strictObject(cacheFields, { error: 'a mapping with "redis", "prefix", "maxEntries" and other settings' })
    .exactOptional(),
};

/** Checks shape and types of every field, and reports all that is wrong. */
export const documentShape: z.ZodType<DocumentShape> = z.strictObject(rootFields, {
  error: 'a mapping with "servers", and if needed "orchestration", "profiles" and "secret"',
});

/** The keys that may stand at each place, for suggestions. */
export const knownKeys: Readonly<
  Record<
    | 'root'
    | 'server'
    | 'start'
    | 'limits'
    | 'instances'
    | 'calls'
    | 'retry'
    | 'health'
    | 'breaker'
    | 'cacheRules'
    | 'cache'
    | 'restart'
    | 'auth'
    | 'orchestration'
    | 'backoff'
    | 'profile'
    | 'patterns'
    | 'wording',
    readonly string[]
  >
> = {
  root: Object.keys(rootFields),
  server: Object.keys(serverFields),
  start: Object.keys(processFields),
  limits: Object.keys(limitFields),
  instances: Object.keys(instanceFields),
  calls: Object.keys(callFields),
  retry: Object.keys(retryFields),
  health: Object.keys(healthFields),
  breaker: Object.keys(breakerFields),
  cacheRules: Object.keys(cacheRuleFields),
  cache: Object.keys(cacheFields),
  restart: Object.keys(restartFields),
  auth: ['type', 'token', 'header', 'key'],
  orchestration: Object.keys(orchestrationFields),
  backoff: Object.keys(backoffFields),
  profile: Object.keys(profileFields),
  patterns: Object.keys(patternFields),
  wording: Object.keys(wordingFields),
};
