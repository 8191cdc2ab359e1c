import type { ServerEntry } from '../server-entry.ts';
import type { Upstream } from './upstream.ts';

/** The servers that a view is made of. They come and go while calls are answered, so it is looked at anew with each call. */
export interface Roster {
  /** In the order of the configuration; those that came later follow. Another array when one came or went. */
  readonly all: readonly Upstream[];
  find(id: string): Upstream | undefined;
}

/** A server with its definition. */
export interface DefinedUpstream extends Upstream {
  readonly entry: ServerEntry;
}

/** All servers, of which profiles show some. */
export interface DefinedRoster extends Roster {
  readonly all: readonly DefinedUpstream[];
}

/** The server of a view that has no other, whose names are as they are. */
export function onlyOne({ all: [first] }: Roster): Upstream | undefined {
  return first;
}
