import type { LeftOut } from './catalogue/entries/entry.ts';
import type { Server } from './fleet/server/server.ts';
import type { ServerStatus } from './status.ts';

/**
 * What the server itself knows, with what the catalogue could not take of it. The catalogue of all servers is looked at only where somebody wants to know that: a status is made for each change of a
 * server, and while a thousand of them come up each would make it anew.
 */
export function statusOf<S extends Pick<Server, 'offer' | 'status'>>(
  server: S,
  snapshot: () => { collisions(server: S): readonly LeftOut[] },
): ServerStatus {
  const lists = Object.values(server.offer?.lists ?? {}).filter((list) => list !== undefined);
  let found: readonly LeftOut[] | undefined;
  const collisions = (): readonly LeftOut[] => (found ??= snapshot().collisions(server));
  return {
    ...server.status(),
    get leftOut() {
      return [...lists.flatMap((list) => list.leftOut), ...collisions()];
    },
    get leftOutCount() {
      return lists.reduce((count, list) => count + list.leftOutCount, collisions().length);
    },
  };
}
