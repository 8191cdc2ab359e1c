import { byPrecedence } from '@toolyard/registry';
import type { Entry, FetchedList, LeftOut } from './entries/entry.ts';
import { fingerprint } from './entries/fingerprint.ts';
import type { Kind } from './kinds.ts';
import { listKinds } from './kinds.ts';
import type { Upstream } from './upstream.ts';

/** An entry and who serves it. */
export interface Route {
  readonly upstream: Upstream;
  readonly entry: Entry;
}

/** One list over all servers. */
export interface MergedList {
  /** Every known entry by the name callers use, those of servers that are down included. */
  readonly routes: ReadonlyMap<string, Route>;
  /** What is listed: the servers that are up, in the order of the configuration, each with its entries in its own order. */
  readonly parts: readonly Part[];
  /** Fingerprint of what is listed. */
  readonly revision: string;
  /** Entries whose name another server has. */
  readonly collisions: ReadonlyMap<Upstream, readonly LeftOut[]>;
}

export interface Part {
  readonly upstream: Upstream;
  readonly list: FetchedList;
  readonly entries: readonly Entry[];
}

/** `upstreams` in the order of the configuration. Where two offer the same name, the one whose number of priority is lower has it, then the one whose id sorts first; up or down. `reserved`: names that belong to a server beforehand. */
export function mergeLists(
  kind: Kind,
  upstreams: readonly Upstream[],
  reserved: ReadonlyMap<string, Upstream> = new Map(),
): MergedList {
  const routes = new Map<string, Route>();
  const lost = new Map<Upstream, LeftOut[]>();
  for (const upstream of upstreams.toSorted(byPrecedence)) {
    for (const entry of upstream.offer?.lists[kind]?.entries ?? []) {
      const owner = routes.get(entry.name)?.upstream ?? reserved.get(entry.name) ?? upstream;
      if (owner === upstream) routes.set(entry.name, { upstream, entry });
      else append(lost, upstream, collision(kind, entry, owner));
    }
  }
  const parts = upstreams.flatMap((upstream) => {
    const list = upstream.up ? upstream.offer?.lists[kind] : undefined;
    return list === undefined ? [] : [{ upstream, list, entries: withoutLost(list.entries, upstream, routes, lost) }];
  });
  return { routes, parts, revision: revisionOf(parts), collisions: lost };
}

function withoutLost(
  entries: readonly Entry[],
  upstream: Upstream,
  routes: ReadonlyMap<string, Route>,
  lost: ReadonlyMap<Upstream, unknown>,
): readonly Entry[] {
  return lost.has(upstream) ? entries.filter(({ name }) => routes.get(name)?.upstream === upstream) : entries;
}

function revisionOf(parts: readonly Part[]): string {
  const encoder = new TextEncoder();
  return fingerprint(
    parts
      .filter(({ entries }) => entries.length > 0)
      .map(({ upstream, list, entries }) => {
        const shown = entries === list.entries ? '' : entries.map(({ name }) => name);
        return encoder.encode(JSON.stringify([upstream.id, list.fingerprint, shown]));
      }),
  );
}

function collision(kind: Kind, entry: Entry, owner: Upstream): LeftOut {
  const what = listKinds[kind].key === 'name' ? 'name' : listKinds[kind].key === 'uri' ? 'URI' : 'URI template';
  return {
    kind,
    entry: entry.key.slice(0, 128),
    reason: `The server ${owner.id} has the same ${what} and goes first.`,
  };
}

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, [value]);
  else if (values.length < 100) values.push(value);
}
