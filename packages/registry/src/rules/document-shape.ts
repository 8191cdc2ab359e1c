import { z } from 'zod';

import { type CacheSettings, logThresholds, type OrchestrationSettings } from '../configuration/configuration.ts';
import { dayMs, duration, listOf, oneOf, probeInterval, text, wholeNumber } from './fields.ts';
import { profile, profileKeys, type ProfileShape } from './profile-shape.ts';
import { server, serverKeys, type ServerShape } from './server-shape.ts';

/** The document once older names are translated; what several fields have to do with one another is in `check-rules.ts`. */
export interface DocumentShape {
  readonly servers: Readonly<Record<string, ServerShape>>;
  readonly orchestration?: OrchestrationSettings;
  readonly profiles?: Readonly<Record<string, ProfileShape>>;
  readonly secret?: string;
  readonly cache?: CacheSettings;
}

const cacheFields = {
  redis: text('the URL of a Redis, such as "redis://127.0.0.1:6379"').exactOptional(),
  prefix: text('a text').exactOptional(),
  maxEntries: wholeNumber(1, 100_000_000, 'entries').exactOptional(),
  maxBytes: wholeNumber(1, 2 ** 40, 'bytes').exactOptional(),
  staleIfErrorMs: wholeNumber(0, 365 * dayMs, 'milliseconds').exactOptional(),
  staleWhileRevalidateMs: wholeNumber(0, 365 * dayMs, 'milliseconds').exactOptional(),
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
export const knownKeys: Readonly<Record<'root' | 'cache' | 'orchestration' | 'backoff', readonly string[]>> &
  typeof serverKeys &
  typeof profileKeys = {
  root: Object.keys(rootFields),
  cache: Object.keys(cacheFields),
  orchestration: Object.keys(orchestrationFields),
  backoff: Object.keys(backoffFields),
  ...serverKeys,
  ...profileKeys,
};
