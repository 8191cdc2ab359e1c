import type { Orchestrator, ProfileView } from '@toolyard/orchestrator';
import { ToolyardError } from '@toolyard/protocol';
import { checkProfiles, type Configuration, type ProfileDefinition } from '@toolyard/registry';

import { profilePath } from '../doors/paths.ts';
import type { ProfileStatus } from '../status/status.ts';

/** Which profile is served where nobody names one, when it is there and nothing else was asked for. */
const usual = 'default';

/** What decides for as long as the gateway runs which profiles it serves. */
export interface ServedProfiles {
  /** The one that was asked for in place of `default`. */
  readonly chosen: string | undefined;
  /** That of the start: under flat naming there are none. */
  readonly naming: Configuration['orchestration']['naming'];
}

/**
 * Those that have a view: the ones of the configuration, and where it has none for those who name none, one that shows everything, so that another can take its place
 * while they stay.
 */
export function servedProfiles(
  profiles: readonly ProfileDefinition[],
  { chosen, naming }: ServedProfiles,
): readonly ProfileDefinition[] {
  if (naming === 'flat') return [];
  const front = chosen ?? usual;
  return profiles.some(({ name }) => name === front) ? profiles : [...profiles, { name: front }];
}

/** The view for those who name no profile; `undefined` under flat naming, where everything is served. */
export function frontView({ views }: Pick<Orchestrator, 'views'>, chosen: string | undefined): ProfileView | undefined {
  return views.get(chosen ?? usual);
}

/** The views of these profiles, as far as they have one. */
export function viewsOf(
  profiles: readonly ProfileDefinition[],
  { views }: Pick<Orchestrator, 'views'>,
): readonly ProfileView[] {
  return profiles.flatMap(({ name }) => views.get(name) ?? []);
}

/**
 * Throws `CONFIG_INVALID` for profiles that break their rules, and where one was asked for that is not there, so that nobody gets everything instead. `asked`: words
 * about who asked.
 */
export function checkServed(
  { profiles, servers }: Pick<Configuration, 'profiles' | 'servers'>,
  { chosen, naming }: ServedProfiles,
  asked = '',
): void {
  const problems = [...checkProfiles(naming === 'flat' ? [] : profiles, { servers })];
  if (chosen !== undefined && !profiles.some(({ name }) => name === chosen)) {
    const known = profiles.length === 0 ? 'none' : profiles.map(({ name }) => name).join(', ');
    const message = `There is no profile "${chosen}"${asked}; there is ${known}.`;
    problems.push({ line: 0, column: 0, path: 'profiles', message });
  }
  if (problems.length === 0) return;
  throw new ToolyardError('CONFIG_INVALID', { problems }, problems.map(({ message }) => message).join('\n'));
}

/** `endpoint`: the gateway's own. */
export function describeProfile({ profile, tools }: ProfileView, endpoint: string | undefined): ProfileStatus {
  const at = endpoint === undefined ? {} : { endpoint: new URL(profilePath(profile.name), endpoint).href };
  return { name: profile.name, ...at, mode: profile.mode ?? 'direct', tools: tools.size };
}
