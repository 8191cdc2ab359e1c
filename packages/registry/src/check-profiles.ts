import type { ConfigProblem } from '@toolyard/protocol';

import type { OrchestrationSettings, ProfileDefinition, ServerDefinition } from './configuration.ts';
import { Findings } from './document/findings.ts';
import { located } from './document/located.ts';
import { checkProfileRules } from './profile-rules.ts';

export interface CheckProfilesOptions {
  /** Those that may be named. Default: any. */
  readonly servers?: readonly (Pick<ServerDefinition, 'id'> & Partial<Pick<ServerDefinition, 'tags'>>)[];
  readonly naming?: OrchestrationSettings['naming'];
}

/** What is wrong with profiles that come from no file, by the rules of the file: their places have line and column 0. */
export function checkProfiles(
  profiles: readonly ProfileDefinition[],
  { servers, naming }: CheckProfilesOptions,
): readonly ConfigProblem[] {
  const problems = new Findings();
  const seen = new Set<string>();
  for (const { name } of profiles) {
    if (seen.has(name)) problems.add({ line: 0, column: 0 }, ['profiles', name], 'two profiles have this name');
    seen.add(name);
  }
  const root = located({
    ...(servers !== undefined && { servers: Object.fromEntries(servers.map(({ id, tags }) => [id, { tags }])) }),
    profiles: Object.fromEntries(profiles.map(({ name, ...profile }) => [name, profile])),
    orchestration: { naming },
  });
  if (root.kind === 'map') checkProfileRules(root, problems);
  return problems.all();
}
