import type { ServerDefinition } from './server-definition.ts';

/** The lower number of priority first, then the id, by code units: an order that does not depend on who came first. */
export function byPrecedence(
  a: Pick<ServerDefinition, 'id' | 'priority'>,
  b: Pick<ServerDefinition, 'id' | 'priority'>,
): number {
  return a.priority - b.priority || (a.id < b.id ? -1 : 1);
}
