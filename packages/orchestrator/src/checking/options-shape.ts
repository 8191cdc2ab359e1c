import { countOf, millisecondsFrom } from '@toolyard/protocol';
import type { Limits } from '../limits.ts';
import type { AdjustableOptions, OrchestratorOptions } from '../options.ts';
import {
  aBoolean,
  aFunction,
  found,
  isObject,
  listOf,
  may,
  members,
  must,
  numberBy,
  oneOf,
  problem,
  type Rule,
  type Shape,
} from './shape.ts';

const dayMs = 86_400_000;
const leastKeyBytes = 32;

const time = numberBy(millisecondsFrom(1, { max: dayMs }));
const timeOrNone = numberBy(millisecondsFrom(0, { max: dayMs }));

const pageSize = numberBy(countOf('entries'));

const limits: Shape<Limits> = {
  maxEntries: numberBy(countOf('entries')),
  maxPages: numberBy(countOf('pages')),
  maxEntryBytes: numberBy(countOf('bytes')),
  maxListBytes: numberBy(countOf('bytes')),
  pageSize,
  maxPageBytes: numberBy(countOf('bytes')),
  maxInstructionsChars: numberBy(countOf('characters', 0)),
  maxAllInstructionsChars: numberBy(countOf('characters', 0)),
  maxListens: numberBy(countOf('subscriptions', 0)),
  maxListensPerPrincipal: numberBy(countOf('subscriptions', 0)),
  maxSubscribedUris: numberBy(countOf('URIs', 0)),
  maxServerTopics: numberBy(countOf('URIs and tasks', 0)),
  maxPendingEventBytes: numberBy(countOf('bytes')),
};

/** What may be another while it runs. */
export const adjustableShape: Shape<AdjustableOptions> = {
  startConcurrency: numberBy(countOf('servers', 1, 65_535)),
  connectTimeoutMs: time,
  probeIntervalMs: timeOrNone,
  timeoutMs: time,
  maxTimeoutMs: time,
  maxRetries: numberBy({ ...countOf('attempts', 0), endless: true }),
  backoff: members({ initialMs: time, maxMs: time }),
  limits: members({ pageSize }),
};

const implementation = 'who this is: an object with "name" and "version", texts';

function isImplementation(value: unknown): boolean {
  return isObject(value) && typeof value['name'] === 'string' && typeof value['version'] === 'string';
}

const key: Rule = may(
  (value) => value instanceof Uint8Array && value.byteLength >= leastKeyBytes,
  `a Uint8Array of ${leastKeyBytes} bytes or more`,
);

const transport: Rule = (value, path) => {
  if (typeof value === 'function')
    return [problem(path, 'found a function; a transport is what it gives: call it, as in "stdioTransport()"')];
  if (!isObject(value) || typeof value['accepts'] !== 'function' || typeof value['connect'] !== 'function')
    return [problem(path, `found ${found(value)}; expected a transport, such as stdioTransport() gives`)];
  return [
    ...must((contract) => contract === 'transport/1', '"transport/1"')(value['contract'], `${path}.contract`),
    ...must((name) => typeof name === 'string' && name !== '', 'a text')(value['name'], `${path}.name`),
  ];
};

/** Servers and profiles have rules of their own; here they are lists. */
export const optionsShape: Shape<OrchestratorOptions> = {
  transports: listOf(transport),
  clientInfo: must(isImplementation, implementation),
  serverInfo: may(isImplementation, implementation),
  naming: oneOf(['prefixed', 'flat']),
  failFast: aBoolean,
  shareSubscriptions: oneOf(['principal', 'server']),
  cursorKey: key,
  taskKey: key,
  middleware: aFunction,
  memoryOf: aFunction,
  onLog: aFunction,
  cacheStatistics: aFunction,
  random: aFunction,
  registry: may(
    (value) => isObject(value) && value['contract'] === 'registry/1' && typeof value['register'] === 'function',
    'a registry of the contract "registry/1", such as memoryServerRegistry() gives',
  ),
  ...adjustableShape,
  limits: members(limits),
  startHoldMs: timeOrNone,
  listTimeoutMs: time,
  maxMessageBytes: numberBy(countOf('bytes')),
  maxInFlight: numberBy(countOf('calls')),
  servers: listOf(() => []),
  profiles: (value, path) => (value === undefined ? [] : listOf(() => [])(value, path)),
};
