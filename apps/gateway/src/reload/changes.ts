import { isDeepStrictEqual } from 'node:util';

import type { Configuration, ProfileDefinition, ServerDefinition } from '@toolyard/registry';

/** What has to be done for a gateway that runs with one configuration to run with another. */
export interface Changes {
  /** New servers. */
  readonly added: readonly ServerDefinition[];
  /** Those with another definition than before, or with other bounds on calls, which are those of its connections. */
  readonly changed: readonly ServerDefinition[];
  /** Ids. */
  readonly undeploy: readonly string[];
  /** Settings that differ and hold from now on. */
  readonly atOnce: readonly string[];
  /** Settings that differ and are read at the start only. */
  readonly afterRestart: readonly string[];
}

type Setting = keyof Configuration['orchestration'];

/** When a change of a setting takes effect. After a restart: the names of everything, how the start goes, and what sockets were opened with. */
export const takesEffect: Readonly<Record<Setting, 'at once' | 'after a restart'>> = {
  failFast: 'after a restart',
  startConcurrency: 'at once',
  maxInFlight: 'at once',
  maxConnections: 'after a restart',
  maxProcesses: 'at once',
  maxProcessesPerServer: 'at once',
  naming: 'after a restart',
  pageSize: 'at once',
  connectTimeoutMs: 'at once',
  probeIntervalMs: 'at once',
  timeoutMs: 'at once',
  maxTimeoutMs: 'at once',
  maxRetries: 'at once',
  backoff: 'at once',
  resourceCacheTtlMs: 'at once',
  logLevel: 'at once',
  forwardBaggage: 'at once',
};
const afterRestart: ReadonlySet<string> = new Set(
  Object.entries(takesEffect).flatMap(([setting, when]) => (when === 'after a restart' ? setting : [])),
);

/** Told of by who takes it over: what was asked for on the command line goes first. */
const toldElsewhere: Setting = 'logLevel';

/** A server whose definition is as it was is not in it. */
export function changesBetween(before: Configuration, after: Configuration): Changes {
  const known = new Map(before.servers.map((server) => [server.id, server]));
  const wanted = new Set(after.servers.map(({ id }) => id));
  const isAsBefore = (server: ServerDefinition): boolean => {
    const old = known.get(server.id);
    return isDeepStrictEqual(old, server) && isDeepStrictEqual(boundsOf(old, before), boundsOf(server, after));
  };
  const settings = differing(before.orchestration, after.orchestration).filter((key) => key !== toldElsewhere);
  const orchestration = (keys: readonly string[]): readonly string[] => keys.map((key) => `orchestration.${key}`);
  return {
    added: after.servers.filter(({ id }) => !known.has(id)),
    changed: after.servers.filter((server) => known.has(server.id) && !isAsBefore(server)),
    undeploy: [...known.keys()].filter((id) => !wanted.has(id)),
    atOnce: [
      ...orchestration(settings.filter((key) => !afterRestart.has(key))),
      ...differing(before.cache ?? {}, after.cache ?? {}).map((key) => `cache.${key}`),
    ],
    afterRestart: [
      ...orchestration(settings.filter((key) => afterRestart.has(key))),
      ...(sameSecret(before, after) ? [] : ['secret']),
    ],
  };
}

export interface ProfileChanges {
  /** New ones. */
  readonly added: readonly ProfileDefinition[];
  /** Those with another definition than before. */
  readonly changed: readonly ProfileDefinition[];
  /** Names. */
  readonly removed: readonly string[];
}

export function profileChanges(
  before: readonly ProfileDefinition[],
  after: readonly ProfileDefinition[],
): ProfileChanges {
  const known = new Map(before.map((profile) => [profile.name, profile]));
  const wanted = new Set(after.map(({ name }) => name));
  return {
    added: after.filter(({ name }) => !known.has(name)),
    changed: after.filter((profile) => known.has(profile.name) && !isDeepStrictEqual(known.get(profile.name), profile)),
    removed: [...known.keys()].filter((name) => !wanted.has(name)),
  };
}

/** Whether they are none at all. */
export function areNone(...all: readonly (Changes | ProfileChanges)[]): boolean {
  return all.every((changes) => Object.values(changes).every((those: readonly unknown[]) => those.length === 0));
}

/** What connections to a server are made with. */
function boundsOf(
  server: ServerDefinition | undefined,
  { orchestration }: Configuration,
): readonly (number | undefined)[] {
  return [
    server?.timeoutMs ?? orchestration.timeoutMs,
    server?.maxTimeoutMs ?? orchestration.maxTimeoutMs,
    server?.health?.probeIntervalMs ?? orchestration.probeIntervalMs,
  ];
}

function differing(before: object, after: object): readonly string[] {
  const values = new Map<string, unknown>(Object.entries(after));
  const keys = new Set([...Object.keys(before), ...values.keys()]);
  const old = new Map<string, unknown>(Object.entries(before));
  return [...keys].filter((key) => !isDeepStrictEqual(old.get(key), values.get(key))).sort();
}

function sameSecret({ secret: before }: Configuration, { secret: after }: Configuration): boolean {
  return before === undefined || after === undefined ? before === after : before.equals(after);
}
