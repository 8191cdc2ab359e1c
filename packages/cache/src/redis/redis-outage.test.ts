import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RealRedis } from '@toolyard/presets/redis';
import type { CacheStoreEvent } from '@toolyard/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { layeredStore } from '../layered/layered-store.ts';
import { cached } from '../middleware/cached.ts';
import { keyOf, put, textAt } from '../testing/entries.ts';
import { nextEvent, redises, upStore } from '../testing/real-redis.ts';
import { listCall, numbered, toolIn, upstream } from '../testing/upstream.ts';
import type { RedisStoreOptions } from './redis-options.ts';
import { redisStore } from './redis-store.ts';

const found = await redises();

describe.skipIf(found.absent)(found.title('a Redis that fails'), () => {
  let redis: RealRedis;
  beforeEach(async () => {
    redis = await found.start();
  });
  afterEach(() => redis[Symbol.asyncDispose]());

  const options = (changes: Partial<RedisStoreOptions> = {}): RedisStoreOptions => ({
    url: redis.url,
    commandTimeoutMs: 2_000,
    backoff: { firstDelayMs: 10, maxDelayMs: 50 },
    ...changes,
  });

  it('is told of when it is gone and when it is back; memory carries on, and begins anew then', async () => {
    await using store = await upStore(layeredStore({ redis: options() }));
    await put(store, keyOf(), 'one');
    const gone = nextEvent(store, 'down');
    await redis.stop();
    expect(await gone).toMatchObject({ type: 'down' });
    expect(await textAt(store, keyOf())).toBe('one');
    await put(store, keyOf({ request: 'r2' }), 'two');
    expect(await textAt(store, keyOf({ request: 'r2' }))).toBe('two');
    const back = nextEvent(store, 'up');
    await redis.start();
    await back;
    expect(await textAt(store, keyOf())).toBeUndefined();
    await put(store, keyOf(), 'three');
    await using other = await upStore(redisStore(options()));
    expect(await textAt(other, keyOf())).toBe('three');
  });

  it('does not keep a store from being made, and is used once it is there', async () => {
    await redis.stop();
    const store = redisStore(options());
    expect(await nextEvent(store, 'down')).toMatchObject({ reason: expect.stringContaining('ECONNREFUSED') });
    await put(store, keyOf(), 'lost');
    expect(await textAt(store, keyOf())).toBeUndefined();
    const back = nextEvent(store, 'up');
    await redis.start();
    await back;
    await put(store, keyOf(), 'one');
    expect(await textAt(store, keyOf())).toBe('one');
    await store.close();
  });

  it('costs those who are with it one timeout when it hangs, and nobody after them anything', async () => {
    await using store = await upStore(redisStore(options({ commandTimeoutMs: 1_000 })));
    await put(store, keyOf(), 'one');
    const events: CacheStoreEvent[] = [];
    store.listen((event) => events.push(event));
    redis.hang();
    const reads = await Promise.all(Array.from({ length: 20 }, () => textAt(store, keyOf())));
    expect(new Set(reads)).toEqual(new Set([undefined]));
    expect(events).toEqual([{ type: 'down', reason: 'Command timed out' }]);
    for (let n = 0; n < 20; n++) {
      const turn = nextTurn('a turn of the event loop');
      expect(await Promise.race([textAt(store, keyOf()), turn])).toBeUndefined();
    }
    const back = nextEvent(store, 'up');
    redis.resume();
    await back;
    expect(await textAt(store, keyOf())).toBe('one');
  });

  it('is noticed when it hangs while nobody asks', async () => {
    await using store = await upStore(redisStore(options({ commandTimeoutMs: 1_000, heartbeatMs: 20 })));
    const gone = nextEvent(store, 'down');
    redis.hang();
    expect(await gone).toMatchObject({ type: 'down' });
    redis.resume();
  });

  it('forgets what was dropped while it was away before anything is read from it', async () => {
    await using store = await upStore(redisStore(options({ commandTimeoutMs: 1_000 })));
    for (const server of ['files', 'mail']) await put(store, keyOf({ server }), 'one');
    redis.hang();
    // Found out by a read, so that the drop is not even sent.
    expect(await textAt(store, keyOf())).toBeUndefined();
    await store.invalidate({ server: 'files', topics: ['tools/list'] });
    const back = nextEvent(store, 'up');
    redis.resume();
    await back;
    await using other = await upStore(redisStore(options()));
    expect(await textAt(other, keyOf())).toBeUndefined();
    expect(await textAt(other, keyOf({ server: 'mail' }))).toBe('one');
  });

  it('forgets everything where more was dropped meanwhile than is remembered', async () => {
    await using store = await upStore(redisStore(options({ commandTimeoutMs: 1_000, maxPendingDrops: 2 })));
    for (const server of ['files', 'mail']) await put(store, keyOf({ server }), 'one');
    redis.hang();
    for (let n = 0; n < 3; n++) await store.invalidate({ server: 'files', topics: [`resources/read ${n}`] });
    const back = nextEvent(store, 'up');
    redis.resume();
    await back;
    expect(await textAt(store, keyOf({ server: 'mail' }))).toBeUndefined();
  });

  it('does not keep a store from being closed', async () => {
    const hung = await upStore(layeredStore({ redis: options({ commandTimeoutMs: 1_000 }) }));
    redis.hang();
    await hung.close();
    redis.resume();
    await redis.stop();
    const down = layeredStore({ redis: options() });
    await nextEvent(down, 'down');
    await down.close();
    await down.close();
  });

  it('stopped and started under load, costs no call its answer, and gives nobody what is not his', async () => {
    await using store = await upStore(
      layeredStore({ redis: options({ commandTimeoutMs: 100 }), memory: { maxEntries: 2 } }),
    );
    const server = upstream((call) =>
      numbered({ ttlMs: 60_000, cacheScope: 'private' })(call, Number(call.caller.principal)),
    );
    const service = cached({ server: 'files', store })(server.service);
    let done = false;
    const callers = Array.from({ length: 8 }, async (_, n) => {
      let answers = 0;
      while (!done || answers < 50) {
        const principal = `${n}${answers % 5}`;
        expect(toolIn(await service(listCall(principal)))).toBe(`t${Number(principal)}`);
        answers += 1;
        await nextTurn();
      }
      return answers;
    });
    for (let n = 0; n < 3; n++) {
      const [gone, back] = [nextEvent(store, 'down'), nextEvent(store, 'up')];
      await redis.stop();
      await gone;
      await redis.start();
      await back;
    }
    done = true;
    for (const answers of await Promise.all(callers)) expect(answers).toBeGreaterThanOrEqual(50);
  });
});
