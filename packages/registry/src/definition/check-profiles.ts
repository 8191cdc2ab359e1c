import type { ConfigProblem } from '@toolyard/protocol';

import type { OrchestrationSettings } from '../configuration/configuration.ts';
import { Findings } from '../document/findings.ts';
import { located, nowhere, plain } from '../document/located.ts';
import { documentShape } from '../rules/document-shape.ts';
import { explain } from '../rules/explain.ts';
import { checkProfileRules } from '../rules/profile-rules.ts';
import type { ProfileDefinition } from './profile-definition.ts';
import type { ServerDefinition } from './server-definition.ts';

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
  const named: [string, unknown][] = [];
  for (const [at, given] of Array.from<unknown>(profiles).entries()) {
    const { name, ...profile } = typeof given === 'object' && given !== null ? { name: undefined, ...given } : {};
    if (typeof name !== 'string') {
      problems.add(nowhere, ['profiles', at], 'this is no profile: an object with a "name" says what is shown');
      continue;
    }
    if (seen.has(name)) problems.add(nowhere, ['profiles', name], 'two profiles have this name');
    seen.add(name);
    named.push([name, profile]);
  }
  const all = Object.fromEntries(named);
  const shape = located({ servers: {}, profiles: all });
  const read = documentShape.safeParse(plain(shape));
  if (!read.success) explain(read.error.issues, shape, problems);
  const root = located({
    ...(servers !== undefined && { servers: Object.fromEntries(servers.map(({ id, tags }) => [id, { tags }])) }),
    profiles: all,
    orchestration: { naming },
  });
  if (root.kind === 'map') checkProfileRules(root, problems);
  return problems.all();
}
