import type { LeftOut } from './entries/entry.ts';
import type { Kind } from './kinds.ts';
import { perKind } from './kinds.ts';
import type { MergedList } from './merge-lists.ts';
import { mergeLists } from './merge-lists.ts';
import { findInterfaces, foreignInterfaces } from './resources/interfaces.ts';
import type { ResourceRoutes } from './resources/resource-routes.ts';
import { resourceRoutes } from './resources/resource-routes.ts';
import type { Roster } from './roster.ts';
import type { Upstream } from './upstream.ts';

/** What all servers offer together. Each value stands for one moment and never changes; `current` moves on. */
export interface Catalogue {
  readonly current: Snapshot;
  /** The servers changed: they are looked at again when somebody wants to know. */
  invalidate(): void;
}

export interface Snapshot {
  readonly lists: Readonly<Record<Kind, MergedList>>;
  readonly resources: ResourceRoutes;
  /** What a server offers in vain, because another has the same name or URI. */
  collisions(upstream: Upstream): readonly LeftOut[];
}

export function createCatalogue(roster: Pick<Roster, 'all'>): Catalogue {
  let current: Snapshot | undefined;
  return {
    get current() {
      return (current ??= take(roster.all));
    },
    invalidate() {
      current = undefined;
    },
  };
}

function take(upstreams: readonly Upstream[]): Snapshot {
  const interfaces = findInterfaces(upstreams);
  const lists = perKind((kind) => mergeLists(kind, upstreams, kind === 'resources' ? interfaces.reserved : undefined));
  const resources = resourceRoutes({ upstreams, ...lists, interfaces: interfaces.owners });
  return {
    lists,
    resources,
    collisions: (upstream) => [
      ...Object.values(lists).flatMap((list) => list.collisions.get(upstream) ?? []),
      ...foreignInterfaces(upstream, (uri) => resources.find(uri)).slice(0, 100),
    ],
  };
}
