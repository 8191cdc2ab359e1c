import { type CacheStore, type CacheStoreEvent, createTeller } from '@toolyard/protocol';
import { closedStore } from '../shared/closed.ts';
import { Counters } from '../shared/counters.ts';
import { dropOf, placeOf } from '../keys/place.ts';
import { joinStamps, splitStamp } from '../keys/stamp.ts';
import { DropClock } from '../shared/drop-clock.ts';
import { RedisEntries } from './redis-entries.ts';
import type { RedisStoreOptions } from './redis-options.ts';

/**
 * A store in Redis, for many processes. Connects at once; until it is `up`, reads find nothing. It does not know how much it holds.
 * Throws `CONFIG_INVALID` where the address is none of Redis.
 */
export function redisStore(options: RedisStoreOptions): CacheStore {
  const events = createTeller<CacheStoreEvent>();
  const entries = new RedisEntries(options, { tell: events.tell });
  const counters = new Counters();
  const drops = new DropClock();
  let closed = false;
  const open = (): void => {
    if (closed) throw closedStore();
  };
  const close = async (): Promise<void> => {
    closed = true;
    await entries.close();
  };
  return {
    contract: 'cache-store/1',
    async read(key) {
      open();
      const place = placeOf(key);
      // Redis may be down, and then tells no stamps apart.
      const near = drops.stamp(place);
      const { entry, stamp } = await entries.read(place);
      counters.count(entry);
      return { entry, stamp: joinStamps(near, stamp) };
    },
    async write(key, entry, stamp) {
      open();
      await entries.write(placeOf(key), entry, splitStamp(stamp).far);
    },
    async invalidate(what) {
      open();
      const drop = dropOf(what);
      drops.note(drop);
      await entries.drop(drop);
    },
    async cleanupExpired() {
      open();
      return 0;
    },
    stats: () => counters.stats({ evictions: 0, entries: undefined, bytes: undefined }),
    listen: events.listen,
    close,
    [Symbol.asyncDispose]: close,
  };
}
