import type { Snapshot } from './catalogue/catalogue.ts';
import type { Server } from './fleet/server.ts';
import type { ServerStatus } from './status.ts';

/** What the server itself knows, with what the catalogue could not take of it. */
export function statusOf(server: Server, snapshot: Snapshot): ServerStatus {
  const lists = Object.values(server.offer?.lists ?? {}).filter((list) => list !== undefined);
  const collisions = snapshot.collisions(server);
  return {
    ...server.status(),
    leftOut: [...lists.flatMap((list) => list.leftOut), ...collisions],
    leftOutCount: lists.reduce((count, list) => count + list.leftOutCount, collisions.length),
  };
}
