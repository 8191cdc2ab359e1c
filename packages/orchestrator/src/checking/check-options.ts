import type { ConfigProblem } from '@toolyard/protocol';
import { checkProfiles, configInvalid, type ProfileDefinition } from '@toolyard/registry';
import { readServer, type ServerRules } from './check-server.ts';
import { adjustableShape, optionsShape } from './options-shape.ts';
import { isObject, problem, problemsOf } from './shape.ts';
import type { AdjustableOptions, OrchestratorOptions } from '../options.ts';
import type { ServerEntry } from '../server-entry.ts';

const maxServers = 65_535;

/** The servers of the options, read. Throws `CONFIG_INVALID` for all that can be seen to be wrong before anything is connected. */
export function checkOptions(options: OrchestratorOptions): readonly ServerEntry[] {
  const problems = [...problemsOf(options, optionsShape)];
  // Without them nothing can be said of what they have to do with one another.
  if (!isObject(options) || !Array.isArray(options.servers)) throw refused(problems);
  const { servers, profiles = [], naming } = options;
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
  const given = isObject(definition) ? { ...definition, id } : definition;
  const { server, problems } = readServer(given, id, options);
  const all = [...idProblems(id, definition), ...problems, ...countProblems(count, options.naming)];
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
  const problems = problemsOf(options, adjustableShape);
  if (problems.length > 0) throw refused(problems);
}

/** A definition may say its id, too; then it is that under which it is deployed. */
function idProblems(id: string, definition: unknown): readonly ConfigProblem[] {
  const own = isObject(definition) ? definition['id'] : undefined;
  if (own === undefined || own === id) return [];
  return [
    problem(`servers.${id}.id`, 'it says another id than the one under which it is to be deployed; leave it out'),
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

function refused(problems: readonly ConfigProblem[], what = 'the options of the orchestrator'): Error {
  return configInvalid(problems, what);
}
