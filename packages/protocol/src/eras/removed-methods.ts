/** Methods of older revisions that 2026-07-28 has no more (spec: changelog). A door answers them to older clients itself; they are never calls. */
export const removedMethods: ReadonlySet<string> = new Set([
  'initialize',
  'ping',
  'logging/setLevel',
  'resources/subscribe',
  'resources/unsubscribe',
  'tasks/list',
  'tasks/result',
]);

/** Methods of 2026-07-28 and its extensions that no older revision has. */
export const modernMethods: ReadonlySet<string> = new Set([
  'server/discover',
  'subscriptions/listen',
  'tasks/get',
  'tasks/update',
  'tasks/cancel',
]);
