import type { RawObject } from '../wire/raw-object.ts';

/**
 * Keeps answers of servers between calls. A store only carries them: how long an answer holds, and for whom, says who writes it.
 *
 * A backend that fails or hangs is nobody's failed call: within a bound of the store's own, reads find nothing and writes are lost; what was to be dropped is
 * dropped before the backend is read again, and listeners are told. All but `stats`, `listen` and `close` reject with `CLOSED` after `close`.
 *
 * Prove an implementation with `cacheStoreContract` from `@toolyard/contract-tests`.
 */
export interface CacheStore extends AsyncDisposable {
  readonly contract: 'cache-store/1';
  /** The newest answer that this key may have: its owner's own, or one that is `shared` within the tenant. */
  read(key: CacheKey): Promise<CacheRead>;
  /**
   * Keeps an answer that was asked for after the read that gave `stamp`. It is not kept where its topic, its server or all was dropped since then
   * (it may be older than the change), nor where it is larger than the store allows. Who does not wait for the promise loses nothing.
   */
  write(key: CacheKey, entry: CacheEntry, stamp: string): Promise<void>;
  /**
   * Drops answers of every tenant and owner, or those of one key. Reads that begin after the call was made find none of them, whether or not
   * its promise has settled. May drop more than was asked for.
   */
  invalidate(what: CacheInvalidation): Promise<void>;
  /** Drops what is past its time, and says how many entries that were; 0 where the backend does it by itself. */
  cleanupExpired(): Promise<number>;
  /** Since the store was made. */
  stats(): CacheStats;
  /** Tells how the backend fares. Returns what ends the listening. */
  listen(listener: (event: CacheStoreEvent) => void): () => void;
  /** Releases memory, timers and sockets. Safe to call twice. */
  close(): Promise<void>;
}

/** What an answer answers, and to whom. Keys that differ in any member share nothing but what is `shared`. */
export interface CacheKey {
  /** The wall between customers: nothing is shared across it. */
  readonly tenant: string;
  /** The authorization context of the caller. */
  readonly principal: string;
  readonly server: string;
  /** What changes as one, and is dropped as one: `tools/list`, or the reading of one resource. */
  readonly topic: string;
  /** Digest of all else that the answer depends on. */
  readonly request: string;
}

export interface CacheEntry {
  readonly result: RawObject;
  /** How long it is as good as new. One with 0 or less is not kept. */
  readonly freshMs: number;
  /** How long after that it is still kept, for when there is nothing better. */
  readonly staleMs: number;
  /** Whether it is every principal's of the tenant. */
  readonly shared: boolean;
}

export interface CacheRead {
  readonly entry: KeptEntry | undefined;
  /** To hand to `write` with the answer of a call that was made after this read. Differs before and after a drop that concerns the key. */
  readonly stamp: string;
}

export interface KeptEntry {
  /** Byte for byte what was written. May be the same object each time: whoever passes it on passes a copy on. */
  readonly result: RawObject;
  /** As it was written; stale from `ageMs >= freshMs` on. */
  readonly freshMs: number;
  /** Since it was written, on a clock that does not jump with this machine's date. */
  readonly ageMs: number;
}

export type CacheInvalidation =
  | { readonly all: true }
  | {
      readonly server: string;
      /** Those topics only. Default: all of them. */
      readonly topics?: readonly string[];
    }
  | { readonly key: CacheKey };

export interface CacheStats {
  /** Reads that found a fresh answer. */
  readonly hits: number;
  readonly misses: number;
  readonly requests: number;
  /** `hits / requests`; 0 before the first. */
  readonly hitRate: number;
  /** Entries that had to make room for others. */
  readonly evictions: number;
  /** What is held now; `undefined` where the backend does not tell. */
  readonly entries: number | undefined;
  readonly bytes: number | undefined;
}

export type CacheStoreEvent =
  /** The backend does not answer; it is left alone until it does. `reason` is for people, without credentials. */
  | { readonly type: 'down'; readonly reason: string }
  | { readonly type: 'up' }
  /** The backend answers, but not as it should (no memory left, no permission). Told once between two `up`. */
  | { readonly type: 'refused'; readonly reason: string };
