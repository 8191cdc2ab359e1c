import type { ProfileDefinition } from '@toolyard/registry';
import type { DefinedRoster, Roster } from '../catalogue/roster.ts';
import type { Upstream } from '../catalogue/upstream.ts';
import type { ServerEntry } from '../server-entry.ts';
import { shapedUpstream } from './shaped-upstream.ts';
import type { ToolShape } from './tool-shape.ts';

/** The servers that a profile shows. */
export interface ProfileRoster extends Roster {
  /** The same servers in the same order, with all that they offer. */
  readonly whole: readonly Upstream[];
}

/** Whether everything is seen, as it is. */
export function seesAll({ servers, tags, tools, rename, describe }: ProfileDefinition): boolean {
  return [servers, tags, tools, rename, describe].every((part) => part === undefined);
}

export function profileRoster(fleet: DefinedRoster, profile: ProfileDefinition, shape: ToolShape): ProfileRoster {
  if (seesAll(profile)) {
    return {
      get all() {
        return fleet.all;
      },
      get whole() {
        return fleet.all;
      },
      find: (id) => fleet.find(id),
    };
  }
  const shapes = new WeakMap<Upstream, Upstream>();
  const shaped = (upstream: Upstream): Upstream => {
    const known = shapes.get(upstream) ?? shapedUpstream(upstream, shape);
    shapes.set(upstream, known);
    return known;
  };
  let last: { readonly fleet: readonly Upstream[]; readonly seen: Seen } | undefined;
  const seen = (): Seen => {
    if (last?.fleet !== fleet.all) {
      const whole = fleet.all.filter(({ entry }) => sees(profile, entry));
      const all = whole.map(shaped);
      last = { fleet: fleet.all, seen: { whole, all, byId: new Map(all.map((upstream) => [upstream.id, upstream])) } };
    }
    return last.seen;
  };
  return {
    get all() {
      return seen().all;
    },
    get whole() {
      return seen().whole;
    },
    find: (id) => seen().byId.get(id),
  };
}

interface Seen {
  readonly whole: readonly Upstream[];
  readonly all: readonly Upstream[];
  readonly byId: ReadonlyMap<string, Upstream>;
}

function sees({ servers, tags }: ProfileDefinition, entry: ServerEntry): boolean {
  if (servers === undefined && tags === undefined) return true;
  return servers?.includes(entry.id) === true || tags?.some((tag) => entry.tags?.includes(tag)) === true;
}
