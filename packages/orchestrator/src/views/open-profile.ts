import type { ProfileDefinition } from '@toolyard/registry';
import { nearest } from '../catalogue/nearest.ts';
import { namePrefix } from '../catalogue/names.ts';
import type { Upstream } from '../catalogue/upstream.ts';
import { openView, type OpenView, type Shared } from './open-view.ts';
import { type DefinedRoster, profileRoster } from './profile-roster.ts';
import { readToolShape, type ToolShape } from './tool-shape.ts';
import type { ProfileProblem, ProfileView, ViewTool } from './view.ts';

export interface OpenProfile extends OpenView {
  readonly view: ProfileView;
}

export interface OpenProfileOptions extends Shared {
  readonly profile: ProfileDefinition;
  /** All servers. */
  readonly fleet: DefinedRoster;
}

/** Opens the view that a profile describes. */
export function openProfile({ profile, fleet, ...shared }: OpenProfileOptions): OpenProfile {
  const shape = readToolShape(profile);
  const roster = profileRoster(fleet, profile, shape);
  const open = openView({ ...shared, roster, shape, scope: profile.name });
  // Not spread: some of its members are looked up anew each time.
  const { view } = open;
  return {
    ...open,
    view: {
      profile,
      service: view.service,
      toolHeaders: view.toolHeaders,
      events: view.events,
      get tools() {
        return view.tools;
      },
      get pinned() {
        return pinnedOf(profile, shape, view.tools);
      },
      problems: () => problemsOf(profile, shape, roster.whole),
    },
  };
}

function pinnedOf(
  { pin = [] }: ProfileDefinition,
  shape: ToolShape,
  tools: ReadonlyMap<string, ViewTool>,
): readonly ViewTool[] {
  return pin.flatMap((tool) => tools.get(shape.after(tool) ?? '') ?? []);
}

function problemsOf(
  { rename = {}, describe = {}, pin = [] }: ProfileDefinition,
  shape: ToolShape,
  seen: readonly Upstream[],
): readonly ProfileProblem[] {
  const offered = new Set(seen.flatMap(({ offer }) => offer?.lists.tools?.entries.map(({ name }) => name) ?? []));
  const unseen = seen.filter(({ offer }) => offer === undefined || offer.failed.includes('tools'));
  const mayCome = (tool: string): boolean => unseen.some(({ id }) => tool.startsWith(namePrefix(id)));
  const named = new Set([...Object.keys(rename), ...Object.keys(describe), ...pin]);
  const absent = [...named].flatMap((tool): readonly ProfileProblem[] => {
    if (offered.has(tool) && shape.after(tool) === undefined)
      return [{ tool, reason: 'The profile does not show it.' }];
    if (offered.has(tool) || mayCome(tool)) return [];
    const near = nearest(tool, offered);
    const hint = near.length === 0 ? '' : ` Near: ${near.join(', ')}.`;
    return [{ tool, reason: `None of its servers has such a tool.${hint}` }];
  });
  const before = new Map(Object.entries(rename).map(([from, to]) => [to, from]));
  const displaced = [...offered].flatMap((tool): readonly ProfileProblem[] => {
    const owner = before.get(tool);
    if (owner === undefined || Object.hasOwn(rename, tool)) return [];
    return [{ tool, reason: `It is not shown: ${owner} has been given its name.` }];
  });
  return [...absent, ...displaced];
}
