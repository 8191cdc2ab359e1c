import type { RawObject, Service } from '@toolyard/protocol';
import type { CacheScope, FetchedList } from './entries/entry.ts';
import type { ChangeFlag, Kind } from './kinds.ts';

/** A server as catalogue and routing see it. */
export interface Upstream {
  readonly id: string;
  /** For people; the id where it has none. */
  readonly title: string;
  /** Its place in the configuration. */
  readonly ordinal: number;
  /** Lower goes first where two servers offer the same URI. */
  readonly priority: number;
  readonly up: boolean;
  /** What it offered last: kept while it is down, so that its names are known. `undefined` until it was up once. */
  readonly offer: Offer | undefined;
  /** Rejects at once with `UPSTREAM_UNREACHABLE` or `UPSTREAM_CLOSED` while the server is not up. Another one after each time that it was not. */
  readonly service: Service;
  /** Whether it is telling of changes of this kind at the moment, so that what was fetched is as good as new. */
  tells(flag: ChangeFlag): boolean;
  /** Resolves when it is up, at once if it is; rejects when the signal aborts. */
  whenUp(signal: AbortSignal): Promise<void>;
  /** Fetches a list again soon, behind the caller's back; does nothing when that is under way or was just done. */
  revalidate(kind: Kind): void;
}

export interface Offer {
  readonly discovery: Discovery;
  /** `undefined` where the server has no such list, or failed to answer it. */
  readonly lists: Readonly<Record<Kind, FetchedList | undefined>>;
  /** Lists that it has and could not be asked for, the last time. */
  readonly failed: readonly Kind[];
}

/** What a server said about itself. */
export interface Discovery {
  readonly capabilities: RawObject;
  readonly instructions: string | undefined;
  readonly ttlMs: number;
  readonly cacheScope: CacheScope;
}
