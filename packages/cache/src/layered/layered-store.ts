import { type CacheStore, type CacheStoreEvent, createTeller } from '@toolyard/protocol';
import { closedStore } from '../shared/closed.ts';
import { Counters } from '../shared/counters.ts';
import { dropOf, placeOf } from '../keys/place.ts';
import { newest } from '../shared/found-entry.ts';
import { joinStamps, splitStamp } from '../keys/stamp.ts';
import { MemoryEntries } from '../memory/memory-entries.ts';
import type { MemoryStoreOptions } from '../memory/memory-options.ts';
import { RedisEntries } from '../redis/redis-entries.ts';
import type { RedisStoreOptions } from '../redis/redis-options.ts';

export interface LayeredStoreOptions {
  readonly redis: RedisStoreOptions;
  readonly memory?: MemoryStoreOptions;
}

/**
 * Memory over Redis. What is fresh in memory is answered from there; drops of any process reach the memory of all, over a channel of Redis. While
 * Redis is down, memory carries on alone; when it is back, memory begins anew, since nobody knows what it missed. `stats` says what memory holds.
 * Throws as `redisStore` does.
 */
export function layeredStore({ redis, memory = {} }: LayeredStoreOptions): CacheStore {
  const events = createTeller<CacheStoreEvent>();
  const near = new MemoryEntries(memory);
  const far = new RedisEntries(redis, { tell: events.tell, onDrop: (drop) => near.drop(drop) });
  const counters = new Counters();
  let closed = false;
  const open = (): void => {
    if (closed) throw closedStore();
  };
  const close = async (): Promise<void> => {
    closed = true;
    near.drop({ all: true });
    await far.close();
  };
  return {
    contract: 'cache-store/1',
    async read(key) {
      open();
      const place = placeOf(key);
      const kept = near.read(place);
      const nearStamp = near.stamp(place);
      if (kept !== undefined && kept.ageMs < kept.freshMs) {
        counters.count(kept);
        return { entry: kept, stamp: joinStamps(nearStamp, '') };
      }
      // Another process may have a newer one.
      const read = await far.read(place);
      if (read.entry !== undefined) near.write(place, read.entry, nearStamp, read.entry.ageMs);
      const entry = newest(kept, read.entry);
      counters.count(entry);
      return { entry, stamp: joinStamps(nearStamp, read.stamp) };
    },
    async write(key, entry, stamp) {
      open();
      const place = placeOf(key);
      const stamps = splitStamp(stamp);
      near.write(place, entry, stamps.near);
      await far.write(place, entry, stamps.far);
    },
    async invalidate(what) {
      open();
      const drop = dropOf(what);
      near.drop(drop);
      await far.drop(drop);
    },
    async cleanupExpired() {
      open();
      return near.cleanupExpired();
    },
    stats: () => counters.stats(near.held()),
    listen: events.listen,
    close,
    [Symbol.asyncDispose]: close,
  };
}
