import { RawJson, RawObject } from '@toolyard/protocol';
import type { FetchedList } from '../entries/entry.ts';
import { fingerprint } from '../entries/fingerprint.ts';
import { perKind } from '../kinds.ts';
import type { Upstream } from '../upstream.ts';

/** A list as it was fetched. Each entry is called alike by its server and by callers, unless both names are given. */
export function listOf(named: readonly (string | readonly [key: string, name: string])[]): FetchedList {
  const entries = named.map((each) => {
    const [key, name] = typeof each === 'string' ? [each, each] : each;
    return { key, keyJson: RawJson.of(key), name, definition: RawObject.of({ name }) };
  });
  const print = fingerprint(entries.map(({ definition }) => definition.bytes));
  return { entries, fingerprint: print, ttlMs: 0, cacheScope: 'private', fetchedAtMs: 0, leftOut: [], leftOutCount: 0 };
}

/** A server as the catalogue sees it: it can go down, and offer something else. */
export interface Offering extends Upstream {
  up: boolean;
  offer: Upstream['offer'];
}

/** A server that is up and offers these tools. It is not called. */
export function offering(id: string, tools: FetchedList): Offering {
  const discovery = {
    capabilities: RawObject.empty,
    instructions: undefined,
    ttlMs: 0,
    cacheScope: 'private',
  } as const;
  return {
    id,
    title: id,
    ordinal: 0,
    priority: 0,
    up: true,
    offer: { discovery, lists: { ...perKind(() => undefined), tools }, failed: [] },
    service: () => Promise.reject(new Error('not asked')),
    tells: () => false,
    whenUp: () => Promise.resolve(),
    revalidate: () => undefined,
  };
}
