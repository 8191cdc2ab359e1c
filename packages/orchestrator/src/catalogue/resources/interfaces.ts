import { byPrecedence } from '@toolyard/registry';
import type { LeftOut } from '../entries/entry.ts';
import type { Upstream } from '../upstream.ts';

/** Which server the user interfaces of tools are read from (MCP Apps: `_meta.ui.resourceUri`). */
export interface Interfaces {
  /** By URI: those that are named by a tool. */
  readonly owners: ReadonlyMap<string, Upstream>;
  /** Of `owners` those of the scheme `ui:`, which belong to their tools even where another server lists them. */
  readonly reserved: ReadonlyMap<string, Upstream>;
}

/**
 * A read names a URI and no tool, so a URI has one owner. Of several servers with tools that name it those come first that list it too; then
 * goes the priority (lower first), then the id. A server that lists a `ui:` URI without a tool of its own for it never gets it from one that has:
 * it would put its page in the place of the other's.
 */
export function findInterfaces(upstreams: readonly Upstream[]): Interfaces {
  const owners = new Map<string, Upstream>();
  const proved = new Set<string>();
  for (const upstream of upstreams.toSorted(byPrecedence)) {
    const listed = new Set(upstream.offer?.lists.resources?.entries.map(({ key }) => key));
    for (const uri of interfaceUris(upstream)) {
      const proof = listed.has(uri) && !proved.has(uri);
      if (proof) proved.add(uri);
      if (proof || !owners.has(uri)) owners.set(uri, upstream);
    }
  }
  return { owners, reserved: new Map([...owners].filter(([uri]) => /^ui:/i.test(uri))) };
}

/** Tools whose user interface is another server's, because the URI is. They are offered all the same. */
export function foreignInterfaces(
  upstream: Upstream,
  ownerOf: (uri: string) => Upstream | undefined,
): readonly LeftOut[] {
  return (upstream.offer?.lists.tools?.entries ?? []).flatMap(({ key, interfaceUri }): readonly LeftOut[] => {
    const owner = interfaceUri === undefined ? undefined : ownerOf(interfaceUri);
    if (interfaceUri === undefined || owner === undefined || owner === upstream) return [];
    const reason = `Its user interface is read from the server ${owner.id}, which has the same URI and goes first.`;
    return [{ kind: 'tools', entry: key.slice(0, 128), reason }];
  });
}

function interfaceUris({ offer }: Upstream): readonly string[] {
  return offer?.lists.tools?.entries.flatMap(({ interfaceUri }) => interfaceUri ?? []) ?? [];
}
