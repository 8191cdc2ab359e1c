import type { ProfileDefinition } from '@toolyard/registry';
import { type Catalogue, createCatalogue } from '../catalogue/catalogue.ts';
import { namePrefix } from '../catalogue/entries/names.ts';
import { nearest } from '../catalogue/entries/nearest.ts';
import type { DefinedRoster, Roster } from '../catalogue/roster.ts';
import { openView, type OpenView, type Shared } from './open-view.ts';
import { type ProfileRoster, profileRoster, seesAll } from './profile-roster.ts';
import { readToolShape, type ToolShape } from './tool-shape.ts';
import type { ProfileProblem, ProfileView, ViewTool } from './view.ts';

export interface OpenProfile extends OpenView {
  readonly view: ProfileView;
  /** Goes on with another definition; who listens is told of lists that differ. */
  change(profile: ProfileDefinition): void;
}

export interface OpenProfileOptions extends Shared {
  readonly profile: ProfileDefinition;
  /** All servers. */
  readonly fleet: DefinedRoster;
  /** Theirs, which is that of a profile that shows everything. */
  readonly everything: Pick<Catalogue, 'current'>;
}

/** Opens the view that a profile describes. */
export function openProfile({ profile, fleet, everything, ...shared }: OpenProfileOptions): OpenProfile {
  let current = read(profile, fleet);
  const roster: Roster = {
    get all() {
      return current.roster.all;
    },
    find: (id) => current.roster.find(id),
  };
  const own = createCatalogue(roster);
  const open = openView({
    ...shared,
    roster,
    catalogue: {
      get current() {
        return seesAll(current.profile) ? everything.current : own.current;
      },
      invalidate: () => own.invalidate(),
    },
    shape: () => current.shape,
    toolsShownAs: () => listingOf(current.profile),
    scope: profile.name,
  });
  // Not spread: some of its members are looked up anew each time.
  const { view } = open;
  return {
    ...open,
    change(next) {
      current = read(next, fleet);
      open.changes.touch();
    },
    view: {
      get profile() {
        return current.profile;
      },
      service: view.service,
      toolHeaders: view.toolHeaders,
      events: view.events,
      get tools() {
        return view.tools;
      },
      get pinned() {
        return pinnedOf(current, view.tools);
      },
      problems: () => problemsOf(current),
    },
  };
}

/** A definition, and what it makes of the servers. */
interface Read {
  readonly profile: ProfileDefinition;
  readonly shape: ToolShape;
  readonly roster: ProfileRoster;
}

function read(profile: ProfileDefinition, fleet: DefinedRoster): Read {
  const shape = readToolShape(profile);
  return { profile, shape, roster: profileRoster(fleet, profile, shape) };
}

/** What decides, beside the tools themselves, how whoever answers for them lists them. */
function listingOf({ mode = 'direct', pin = [], searchBudgetTokens }: ProfileDefinition): string {
  return mode === 'direct' ? '' : JSON.stringify([mode, pin, searchBudgetTokens]);
}

function pinnedOf({ profile: { pin = [] }, shape }: Read, tools: ReadonlyMap<string, ViewTool>): readonly ViewTool[] {
  return pin.flatMap((tool) => tools.get(shape.after(tool) ?? '') ?? []);
}

function problemsOf({ profile, shape, roster: { whole: seen } }: Read): readonly ProfileProblem[] {
  const { rename = {}, describe = {}, pin = [] } = profile;
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
