import type { CacheStore, CacheStoreEvent } from '@toolyard/protocol';

/** A store behind which another one can take the place of the one there is. */
export interface SwitchableStore extends CacheStore {
  /** Goes on with another store, and closes the one before. What that kept is forgotten here. */
  switchTo(next: CacheStore): void;
}

/** Owns the stores that it is given. An answer that was asked for under one store is not written to the next, which does not know what was dropped since. */
export function switchableStore(first: CacheStore): SwitchableStore {
  const listeners = new Set<(event: CacheStoreEvent) => void>();
  const tell = (event: CacheStoreEvent): void => listeners.forEach((listener) => listener(event));
  let turn = 0;
  let store = first;
  let stopListening = store.listen(tell);
  return {
    contract: 'cache-store/1',
    async read(key) {
      const asked = turn;
      const { entry, stamp } = await store.read(key);
      return { entry, stamp: `${asked} ${stamp}` };
    },
    async write(key, entry, stamp) {
      const at = stamp.indexOf(' ');
      if (stamp.slice(0, at) === String(turn)) await store.write(key, entry, stamp.slice(at + 1));
    },
    invalidate: (what) => store.invalidate(what),
    cleanupExpired: () => store.cleanupExpired(),
    stats: () => store.stats(),
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    switchTo(next) {
      const before = store;
      stopListening();
      turn++;
      store = next;
      stopListening = store.listen(tell);
      // Nobody waits for its end, and nothing can be done about one that fails.
      void before.close().catch(() => undefined);
    },
    close: () => store.close(),
    [Symbol.asyncDispose]: () => store.close(),
  };
}
