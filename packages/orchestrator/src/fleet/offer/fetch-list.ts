import { RawJson, RawObject, ToolyardError } from '@toolyard/protocol';
import { readEntry } from '../../catalogue/entries/read-entry.ts';
import type { Entry, FetchedList, LeftOut } from '../../catalogue/entries/entry.ts';
import { fingerprint } from '../../catalogue/entries/fingerprint.ts';
import type { Kind } from '../../catalogue/kinds.ts';
import { listKinds } from '../../catalogue/kinds.ts';
import type { Limits } from '../../limits.ts';
import { readHints } from './hints.ts';
import type { Ask } from './own-calls.ts';

export interface FetchListOptions {
  readonly upstream: string;
  readonly limits: Limits;
  /** What an entry is called here, by what its server calls it. */
  readonly nameOf: (key: string) => string;
  readonly now: () => number;
}

const maxLeftOut = 100;

/**
 * Fetches all pages of one list. Entries that are not valid, too large, or listed twice are left out and reported, never the whole list; so is
 * what lies beyond a bound, and what follows a cursor that came before (it would never end).
 * Rejects when a page is refused or is no list at all (`UPSTREAM_MALFORMED`).
 */
export async function fetchList(kind: Kind, ask: Ask, options: FetchListOptions): Promise<FetchedList> {
  const { limits, upstream } = options;
  const { method, member } = listKinds[kind];
  const collected = collector(kind, options);
  const cursors = new Set<string>();
  let ttlMs = Number.POSITIVE_INFINITY;
  let cacheScope: FetchedList['cacheScope'] = 'public';
  let cursor: string | undefined;
  const fetchedAtMs = options.now();
  for (let page = 1; ; page++) {
    const result = await ask(method, cursor === undefined ? RawObject.empty : RawObject.of({ cursor }));
    const items = result.array(member);
    if (items === undefined) {
      throw new ToolyardError(
        'UPSTREAM_MALFORMED',
        { upstream, reason: `${method}: no ${member}` },
        `${upstream} answered ${method} without ${member}.`,
      );
    }
    const hints = readHints(result);
    ttlMs = Math.min(ttlMs, hints.ttlMs);
    if (hints.cacheScope === 'private') cacheScope = 'private';
    const more = collected.take(items);
    cursor = result.string('nextCursor');
    if (cursor === undefined || !more) break;
    if (cursors.has(cursor)) {
      collected.leaveOut(`#${collected.seen()}`, 'The list repeats a cursor and would never end: read up to here.');
      break;
    }
    if (page >= limits.maxPages) {
      collected.leaveOut(`#${collected.seen()}`, `The list has more than ${limits.maxPages} pages: read up to here.`);
      break;
    }
    cursors.add(cursor);
  }
  return { ...collected.done(), ttlMs, cacheScope, fetchedAtMs };
}

interface Collector {
  /** `false` once a bound is reached. */
  take(items: readonly RawJson[]): boolean;
  leaveOut(entry: string, reason: string): void;
  seen(): number;
  done(): Pick<FetchedList, 'entries' | 'fingerprint' | 'leftOut' | 'leftOutCount'>;
}

function collector(kind: Kind, { limits, nameOf }: FetchListOptions): Collector {
  const entries = new Map<string, Entry>();
  const leftOut: LeftOut[] = [];
  let leftOutCount = 0;
  let seen = 0;
  let bytes = 0;
  const leaveOut = (entry: string, reason: string): void => {
    leftOutCount++;
    if (leftOut.length < maxLeftOut) leftOut.push({ kind, entry: entry.slice(0, 128), reason });
  };
  const bound = (): string | undefined => {
    if (entries.size >= limits.maxEntries)
      return `The server lists more than ${limits.maxEntries} entries: read up to here.`;
    return bytes > limits.maxListBytes
      ? `The list is longer than ${limits.maxListBytes} bytes: read up to here.`
      : undefined;
  };
  const takeOne = (item: RawJson): void => {
    const read = readEntry(kind, item, limits.maxEntryBytes);
    if ('problem' in read) return leaveOut(read.key ?? `#${seen}`, read.problem);
    if (entries.has(read.key)) return leaveOut(read.key, 'The server lists it twice: the first counts.');
    const name = nameOf(read.key);
    const definition = name === read.key ? read.definition : read.definition.with('name', RawJson.of(name));
    const { key, interfaceUri, headerParams } = read;
    entries.set(key, {
      key,
      keyJson: RawJson.of(key),
      name,
      definition,
      ...(interfaceUri !== undefined && { interfaceUri }),
      ...(headerParams !== undefined && { headerParams }),
    });
    bytes += definition.bytes.length;
  };
  return {
    take(items) {
      for (const item of items) {
        const reached = bound();
        if (reached !== undefined) {
          leaveOut(`#${seen}`, reached);
          return false;
        }
        takeOne(item);
        seen++;
      }
      return true;
    },
    leaveOut,
    seen: () => seen,
    done() {
      const all = [...entries.values()];
      return {
        entries: all,
        fingerprint: fingerprint(all.map(({ definition }) => definition.bytes)),
        leftOut,
        leftOutCount,
      };
    },
  };
}
