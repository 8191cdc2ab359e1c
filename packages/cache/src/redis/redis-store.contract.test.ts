import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { cacheStoreContract, type CacheStoreRig } from '@toolyard/contract-tests';
import type { RealRedis } from '@toolyard/presets/redis';
import type { CacheStore } from '@toolyard/protocol';
import { afterAll, beforeAll, describe } from 'vitest';
import { layeredStore } from '../layered/layered-store.ts';
import { redises, upStore } from '../testing/real-redis.ts';
import { redisStore } from './redis-store.ts';
import type { RedisStoreOptions } from './redis-options.ts';

const found = await redises();

describe.skipIf(found.absent)(found.title('over a real Redis'), () => {
  let redis: RealRedis;
  beforeAll(async () => {
    redis = await found.start();
  });
  afterAll(() => redis[Symbol.asyncDispose]());

  const rig = async (open: (options: RedisStoreOptions) => CacheStore): Promise<CacheStoreRig> => {
    // So patient that a busy machine does not look like a Redis that hangs.
    const store = await upStore(open({ url: redis.url, prefix: randomUUID(), commandTimeoutMs: 10_000 }));
    return { store, advance: async (ms) => void (await wait(ms)), [Symbol.asyncDispose]: () => store.close() };
  };
  cacheStoreContract('redisStore()', () => rig(redisStore));
  cacheStoreContract('layeredStore()', () => rig((options) => layeredStore({ redis: options })));
});
