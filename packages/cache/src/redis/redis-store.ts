import type { CacheStore, CacheStoreEvent } from '@toolyard/protocol';
import { closedStore } from '../closed.ts';
import { Counters } from '../counters.ts';
import { createTeller } from '../events.ts';
import { dropOf, placeOf } from '../keys/place.ts';
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
      const read = await entries.read(placeOf(key));
      counters.count(read.entry);
      return read;
    },
    async write(key, entry, stamp) {
      open();
      await entries.write(placeOf(key), entry, stamp);
    },
    async invalidate(what) {
      open();
      await entries.drop(dropOf(what));
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
