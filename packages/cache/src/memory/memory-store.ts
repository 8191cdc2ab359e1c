import type { CacheStore } from '@toolyard/protocol';
import { closedStore } from '../shared/closed.ts';
import { Counters } from '../shared/counters.ts';
import { dropOf, placeOf } from '../keys/place.ts';
import { MemoryEntries } from './memory-entries.ts';
import type { MemoryStoreOptions } from './memory-options.ts';

/** A store within the process. Its backend cannot fail, so it never tells anything. */
export function memoryStore(options: MemoryStoreOptions = {}): CacheStore {
  const entries = new MemoryEntries(options);
  const counters = new Counters();
  let closed = false;
  const open = (): void => {
    if (closed) throw closedStore();
  };
  const close = async (): Promise<void> => {
    closed = true;
    entries.drop({ all: true });
  };
  return {
    contract: 'cache-store/1',
    async read(key) {
      open();
      const place = placeOf(key);
      const entry = entries.read(place);
      counters.count(entry);
      return { entry, stamp: entries.stamp(place) };
    },
    async write(key, entry, stamp) {
      open();
      entries.write(placeOf(key), entry, stamp);
    },
    async invalidate(what) {
      open();
      entries.drop(dropOf(what));
    },
    async cleanupExpired() {
      open();
      return entries.cleanupExpired();
    },
    stats: () => counters.stats(entries.held()),
    listen: () => () => {},
    close,
    [Symbol.asyncDispose]: close,
  };
}
