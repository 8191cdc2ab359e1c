import type { CacheStore } from '@toolyard/protocol';

/** What a cache store brings to its suite. */
export interface CacheStoreRig extends AsyncDisposable {
  /** The one under test, up and empty, with room for a thousand small entries. */
  readonly store: CacheStore;
  /** Resolves when the store's clock is at least this much further. */
  advance(ms: number): Promise<void>;
}
