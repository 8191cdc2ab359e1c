import type { ConfigProblem } from '@toolyard/protocol';
import { countOf, millisecondsFrom, type NumberRule, numberProblems } from '@toolyard/protocol';
import { checkProfiles, configInvalid, type ProfileDefinition } from '@toolyard/registry';
import { readServer, type ServerRules } from './check-server.ts';
import type { Limits } from './limits.ts';
import type { AdjustableOptions, OrchestratorOptions } from './options.ts';
import type { ServerEntry } from './server-entry.ts';

const maxServers = 65_535;
const dayMs = 86_400_000;
const leastKeyBytes = 32;

const time = millisecondsFrom(1, { max: dayMs });

const adjustableRules: Readonly<Record<string, NumberRule>> = {
  startConcurrency: countOf('servers', 1, 65_535),
  connectTimeoutMs: time,
  probeIntervalMs: millisecondsFrom(0, { max: dayMs }),
  timeoutMs: time,
  maxTimeoutMs: time,
  maxRetries: { ...countOf('attempts', 0), endless: true },
};

const fixedRules: Readonly<Record<string, NumberRule>> = {
  startHoldMs: millisecondsFrom(0, { max: dayMs }),
  listTimeoutMs: time,
  maxMessageBytes: countOf('bytes'),
  maxInFlight: countOf('calls'),
};

const limitRules: { readonly [K in keyof Limits]: NumberRule } = {
  maxEntries: countOf('entries'),
  maxPages: countOf('pages'),
  maxEntryBytes: countOf('bytes'),
  maxListBytes: countOf('bytes'),
  pageSize: countOf('entries'),
  maxPageBytes: countOf('bytes'),
  maxInstructionsChars: countOf('characters', 0),
  maxAllInstructionsChars: countOf('characters', 0),
  maxListens: countOf('subscriptions', 0),
  maxListensPerPrincipal: countOf('subscriptions', 0),
  maxSubscribedUris: countOf('URIs', 0),
  maxServerTopics: countOf('URIs and tasks', 0),
  maxPendingEventBytes: countOf('bytes'),
};

/** The servers of the options, read. Throws `CONFIG_INVALID` for all that can be seen to be wrong before anything is connected. */
export function checkOptions(options: OrchestratorOptions): readonly ServerEntry[] {
  const { servers, profiles = [], naming, transports, clientInfo, serverInfo = clientInfo } = options;
  const problems: ConfigProblem[] = [];
  const complain = (path: string, message: string): void => void problems.push(problem(path, message));
  if (!Array.isArray(transports)) complain('transports', 'this is no list; without any, it is an empty one');
  if (!isImplementation(clientInfo)) complain('clientInfo', implementation);
  else if (!isImplementation(serverInfo)) complain('serverInfo', implementation);
  if (naming !== undefined && naming !== 'prefixed' && naming !== 'flat')
    complain('naming', 'this is neither "prefixed" nor "flat"');
  for (const name of ['cursorKey', 'taskKey'] as const)
    if (options[name] !== undefined && !isKey(options[name]))
      complain(name, `this is no Uint8Array of ${leastKeyBytes} bytes or more`);
  problems.push(...adjustableProblems(options), ...numberProblems({ ...options }, fixedRules));
  if (!Array.isArray(servers)) {
    complain('servers', 'this is no list; without any, it is an empty one');
    throw refused(problems);
  }
  if (!Array.isArray(profiles)) complain('profiles', 'this is no list; without any, it is an empty one');
  const read = readServers(servers, options, problems);
  problems.push(
    ...countProblems(servers.length, naming),
    ...checkProfiles(Array.isArray(profiles) ? profiles : [], {
      servers: read,
      ...(naming !== undefined && { naming }),
    }),
  );
  if (problems.length > 0) throw refused(problems);
  return read;
}

/** A server that comes later, read. `count`: how many there are with it. Throws `CONFIG_INVALID`. */
export function checkDeployment(
  id: string,
  definition: unknown,
  count: number,
  options: ServerRules & Pick<OrchestratorOptions, 'naming'>,
): ServerEntry {
  const given = typeof definition === 'object' && definition !== null ? { ...definition, id } : definition;
  const { server, problems } = readServer(given, id, options);
  const all = [...problems, ...countProblems(count, options.naming)];
  if (server === undefined || all.length > 0) throw refused(all, 'the definition of a server');
  return server;
}

/** Throws `CONFIG_INVALID` for a profile that comes later. The servers that it names may come later still. */
export function checkProfile(profile: ProfileDefinition, { naming }: Pick<OrchestratorOptions, 'naming'>): void {
  const problems = checkProfiles([profile], { ...(naming !== undefined && { naming }) });
  if (problems.length > 0) throw refused(problems, 'the definition of a profile');
}

/** Throws `CONFIG_INVALID` for options that come later. */
export function checkAdjustable(options: AdjustableOptions): void {
  const problems = adjustableProblems(options);
  if (problems.length > 0) throw refused(problems);
}

function adjustableProblems(options: AdjustableOptions): readonly ConfigProblem[] {
  return [
    ...numberProblems({ ...options }, adjustableRules),
    ...numberProblems({ ...options.backoff }, { initialMs: time, maxMs: time }, 'backoff'),
    ...numberProblems({ ...options.limits }, limitRules, 'limits'),
  ];
}

function readServers(
  servers: readonly ServerEntry[],
  rules: ServerRules,
  problems: ConfigProblem[],
): readonly ServerEntry[] {
  const read = servers.map((entry, at) => readServer(entry, at, rules));
  const seen = new Set<string>();
  for (const [at, one] of read.entries()) {
    problems.push(...one.problems);
    if (one.server === undefined) continue;
    const { id } = one.server;
    if (seen.has(id))
      problems.push(problem(`servers[${at}].id`, `"${id}" is given twice; each server has an id of its own`));
    seen.add(id);
  }
  return read.flatMap(({ server }) => server ?? []);
}

function countProblems(count: number, naming: OrchestratorOptions['naming']): readonly ConfigProblem[] {
  const tooMany = `there are ${count} servers; 65,535 are the most`;
  const notOne = `flat naming is for one server, and there are ${count}: use prefixed`;
  return [
    ...(count > maxServers ? [problem('servers', tooMany)] : []),
    ...(naming === 'flat' && count !== 1 ? [problem('naming', notOne)] : []),
  ];
}

const implementation = 'this does not say who it is: an object with "name" and "version", texts';

function isImplementation(info: unknown): boolean {
  if (typeof info !== 'object' || info === null) return false;
  return 'name' in info && typeof info.name === 'string' && 'version' in info && typeof info.version === 'string';
}

function isKey(key: unknown): boolean {
  return key instanceof Uint8Array && key.byteLength >= leastKeyBytes;
}

function problem(path: string, message: string): ConfigProblem {
  return { line: 0, column: 0, path, message };
}

function refused(problems: readonly ConfigProblem[], what = 'the options of the orchestrator'): Error {
  return configInvalid(problems, what);
}
