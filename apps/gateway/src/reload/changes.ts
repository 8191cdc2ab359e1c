import { isDeepStrictEqual } from 'node:util';

import type { Configuration, ServerDefinition } from '@toolyard/registry';

/** What has to be done for a gateway that runs with one configuration to run with another. */
export interface Changes {
  /** New, or with another definition than before. */
  readonly deploy: readonly ServerDefinition[];
  /** Ids. */
  readonly undeploy: readonly string[];
  /** Settings that differ and are read at the start only. */
  readonly afterRestart: readonly string[];
}

/** What of `orchestration` is not read at the start only. */
const appliedAtOnce: ReadonlySet<string> = new Set<keyof Configuration['orchestration']>(['logLevel']);

/** A server whose definition is as it was is not in it. */
export function changesBetween(before: Configuration, after: Configuration): Changes {
  const known = new Map(before.servers.map((server) => [server.id, server]));
  const wanted = new Set(after.servers.map(({ id }) => id));
  return {
    deploy: after.servers.filter((server) => !isDeepStrictEqual(known.get(server.id), server)),
    undeploy: [...known.keys()].filter((id) => !wanted.has(id)),
    afterRestart: [
      ...differing(before.orchestration, after.orchestration).flatMap((key) =>
        appliedAtOnce.has(key) ? [] : [`orchestration.${key}`],
      ),
      ...(isDeepStrictEqual(before.profiles, after.profiles) ? [] : ['profiles']),
      ...(isDeepStrictEqual(before.cache, after.cache) ? [] : ['cache']),
      ...(sameSecret(before, after) ? [] : ['secret']),
    ],
  };
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
