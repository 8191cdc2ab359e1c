import { type RawJson, RawObject } from '@toolyard/protocol';
import type { Limits } from '../../limits.ts';
import type { Snapshot } from '../catalogue.ts';
import type { CacheScope, Entry } from '../entries/entry.ts';
import type { Kind } from '../kinds.ts';
import { listKinds } from '../kinds.ts';
import type { Part } from '../merge-lists.ts';
import { missingServers, resultMeta } from '../missing-servers.ts';
import type { Roster } from '../roster.ts';
import type { Cursors, Position } from './cursor.ts';

export interface ListPageOptions {
  readonly roster: Roster;
  readonly cursors: Cursors;
  readonly limits: Limits;
  readonly now: () => number;
  readonly serverInfo: RawJson;
}

/**
 * One page of an aggregated list.
 *
 * A cursor is a position, so a list that changes while it is paged through still ends; what moved across the position is missed or seen
 * twice, `list_changed` says so, and such a page has a `ttlMs` of 0.
 */
export function listPage(
  kind: Kind,
  snapshot: Snapshot,
  cursor: string | undefined,
  options: ListPageOptions,
): RawObject {
  const { cursors, limits } = options;
  const list = snapshot.lists[kind];
  const start = cursor === undefined ? undefined : cursors.read(kind, cursor);
  const page = cut(list.parts, start ?? { server: 0, entry: 0 }, limits);
  const hints = partHints(kind, list.parts, options);
  const missing = missingServers(kind, options.roster.all);
  const torn = start !== undefined && !start.sameRevision(list.revision);
  return assemble(listKinds[kind].member, page.entries, {
    nextCursor: page.next === undefined ? undefined : cursors.write(kind, list.revision, page.next),
    ttlMs: torn || missing.length > 0 ? 0 : hints.ttlMs,
    cacheScope: missing.length > 0 ? 'private' : hints.cacheScope,
    meta: resultMeta(options.serverInfo, missing),
  });
}

function cut(
  parts: readonly Part[],
  start: Position,
  limits: Limits,
): { readonly entries: readonly Entry[]; readonly next?: Position } {
  const entries: Entry[] = [];
  let bytes = 0;
  for (const part of parts) {
    const server = part.upstream.ordinal;
    if (server < start.server) continue;
    for (let at = server === start.server ? start.entry : 0; at < part.entries.length; at++) {
      const entry = part.entries[at];
      if (entry === undefined) break;
      bytes += entry.definition.bytes.length;
      const full = entries.length >= limits.pageSize || (entries.length > 0 && bytes > limits.maxPageBytes);
      if (full) return { entries, next: { server, entry: at } };
      entries.push(entry);
    }
  }
  return { entries };
}

/** The least time to live of all parts, and `private` if any is. Asks those that are stale for news. */
function partHints(
  kind: Kind,
  parts: readonly Part[],
  { now }: ListPageOptions,
): { readonly ttlMs: number; readonly cacheScope: CacheScope } {
  let ttlMs = Number.POSITIVE_INFINITY;
  let cacheScope: CacheScope = 'public';
  for (const { upstream, list } of parts) {
    if (list.cacheScope === 'private') cacheScope = 'private';
    // While its server tells of changes, what was fetched is as good as new; otherwise its time has been running since.
    const left = upstream.tells(listKinds[kind].flag) ? list.ttlMs : list.ttlMs - (now() - list.fetchedAtMs);
    if (left <= 0 && !upstream.tells(listKinds[kind].flag)) upstream.revalidate(kind);
    ttlMs = Math.min(ttlMs, Math.max(0, Math.floor(left)));
  }
  return { ttlMs: Number.isFinite(ttlMs) ? ttlMs : 0, cacheScope };
}

interface Tail {
  readonly nextCursor: string | undefined;
  readonly ttlMs: number;
  readonly cacheScope: CacheScope;
  readonly meta: RawJson;
}

/** Joins the bytes of the entries: nothing is parsed, nothing rebuilt. */
function assemble(member: string, entries: readonly Entry[], { nextCursor, ttlMs, cacheScope, meta }: Tail): RawObject {
  const next = nextCursor === undefined ? '' : `"nextCursor":"${nextCursor}",`;
  const chunks: Uint8Array[] = [Buffer.from(`{"resultType":"complete","${member}":[`)];
  for (const [at, { definition }] of entries.entries()) {
    if (at > 0) chunks.push(comma);
    chunks.push(definition.bytes);
  }
  chunks.push(Buffer.from(`],${next}"ttlMs":${ttlMs},"cacheScope":"${cacheScope}","_meta":`), meta.bytes, brace);
  return new RawObject(Buffer.concat(chunks));
}

const comma = Buffer.from(',');
const brace = Buffer.from('}');
