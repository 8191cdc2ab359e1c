import { ToolyardError } from '@toolyard/protocol';
import type { Caller, Service } from '@toolyard/protocol';
import type { FetchedList } from '../../catalogue/entries/entry.ts';
import type { Kind } from '../../catalogue/kinds.ts';
import { kinds, listKinds, perKind } from '../../catalogue/kinds.ts';
import type { Discovery, Offer } from '../../catalogue/upstream.ts';
import type { Limits } from '../../limits.ts';
import { deadline } from '../../waiting/deadline.ts';
import { isMethodUnknown } from '../server-errors.ts';
import { discover } from './discover.ts';
import { fetchList } from './fetch-list.ts';
import { asker } from './own-calls.ts';

export interface FetchOfferOptions {
  readonly upstream: string;
  readonly service: Service;
  readonly caller: Caller;
  /** Bound on all that is asked together. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly limits: Limits;
  readonly nameOf: (kind: Kind, key: string) => string;
  readonly now: () => number;
}

/** What came of asking for lists: an outcome for each. A list that the server turned out not to have is neither in the one nor in the other. */
export interface FetchedLists {
  readonly lists: ReadonlyMap<Kind, FetchedList>;
  readonly failed: ReadonlyMap<Kind, Error>;
}

export async function fetchDiscovery(options: FetchOfferOptions): Promise<Discovery> {
  using bound = within('server/discover', options);
  return await discover(asker(options.service, { caller: options.caller, signal: bound.signal }));
}

/** The lists that a server with these capabilities has. */
export function listsOf(discovery: Discovery): readonly Kind[] {
  return kinds.filter((kind) => discovery.capabilities.has(listKinds[kind].capability));
}

/** Fetches lists side by side; never rejects. */
export async function fetchLists(wanted: Iterable<Kind>, options: FetchOfferOptions): Promise<FetchedLists> {
  const lists = new Map<Kind, FetchedList>();
  const failed = new Map<Kind, Error>();
  const fetchOne = async (kind: Kind): Promise<void> => {
    using bound = within(listKinds[kind].method, options);
    const ask = asker(options.service, { caller: options.caller, signal: bound.signal });
    try {
      lists.set(kind, await fetchList(kind, ask, { ...options, nameOf: (key) => options.nameOf(kind, key) }));
    } catch (error) {
      if (!isMethodUnknown(error)) failed.set(kind, error instanceof Error ? error : new Error(String(error)));
    }
  };
  await Promise.all([...wanted].map(fetchOne));
  return { lists, failed };
}

/** The offer with what was fetched put in; a list that failed stays as it was. */
export function updatedOffer(
  before: Offer | undefined,
  discovery: Discovery,
  asked: Iterable<Kind>,
  fetched: FetchedLists,
): Offer {
  const askedFor = new Set(asked);
  const listOf = (kind: Kind): FetchedList | undefined => {
    if (!askedFor.has(kind) || fetched.failed.has(kind)) return before?.lists[kind];
    return fetched.lists.get(kind);
  };
  const failed = kinds.filter((kind) =>
    askedFor.has(kind) ? fetched.failed.has(kind) : before?.failed.includes(kind) === true,
  );
  return { discovery, lists: perKind(listOf), failed };
}

function within(method: string, { upstream, timeoutMs, signal }: FetchOfferOptions): ReturnType<typeof deadline> {
  return deadline(
    timeoutMs,
    signal,
    () =>
      new ToolyardError(
        'UPSTREAM_TIMEOUT',
        { upstream, method, afterMs: timeoutMs },
        `${upstream} did not answer ${method} within ${timeoutMs} ms.`,
      ),
  );
}
