import { RawJson, RawObject } from '@toolyard/protocol';
import { type Kind, listKinds } from './kinds.ts';
import type { Upstream } from './upstream.ts';

/** In `_meta` of results, which servers are missing from them: `[{"server": "files", "state": "down"}]`. */
export const unavailableKey = 'io.github.toolyard/unavailable';

/** `_meta` of results that are our own. */
export function resultMeta(serverInfo: RawJson, missing: readonly MissingServer[]): RawObject {
  const meta = RawObject.empty.with('io.modelcontextprotocol/serverInfo', serverInfo);
  return missing.length === 0 ? meta : meta.with(unavailableKey, RawJson.of(missing));
}

export interface MissingServer {
  readonly server: string;
  readonly state: 'down' | 'incomplete';
}

/** Servers whose entries are, or may be, missing from a list: those that are down, and those that did not answer for this list. */
export function missingServers(kind: Kind | undefined, upstreams: readonly Upstream[]): readonly MissingServer[] {
  return upstreams.flatMap((upstream): readonly MissingServer[] => {
    const has =
      kind === undefined ||
      upstream.offer === undefined ||
      upstream.offer.discovery.capabilities.has(listKinds[kind].capability);
    if (!has) return [];
    if (!upstream.up) return [{ server: upstream.id, state: 'down' }];
    return kind !== undefined && upstream.offer?.failed.includes(kind) === true
      ? [{ server: upstream.id, state: 'incomplete' }]
      : [];
  });
}
