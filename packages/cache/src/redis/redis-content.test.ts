import { randomUUID } from 'node:crypto';
import type { RealRedis } from '@toolyard/presets/redis';
import { type CacheStoreEvent, ToolyardError } from '@toolyard/protocol';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyOf, put, textAt } from '../testing/entries.ts';
import { nextEvent, redises, upStore } from '../testing/real-redis.ts';
import type { RedisStoreOptions } from './redis-options.ts';
import { redisStore } from './redis-store.ts';

const found = await redises();

describe.skipIf(found.absent)(found.title('what is in Redis'), () => {
  let redis: RealRedis;
  let raw: Redis;
  beforeAll(async () => {
    redis = await found.start();
    raw = new Redis(redis.url);
  });
  afterAll(async () => {
    await raw.quit();
    await redis[Symbol.asyncDispose]();
  });

  const options = (changes: Partial<RedisStoreOptions> = {}): RedisStoreOptions => ({
    url: redis.url,
    prefix: randomUUID(),
    commandTimeoutMs: 5_000,
    ...changes,
  });
  const entriesOf = (prefix: string): Promise<string[]> => raw.keys(`${prefix}:1:entry:*`);

  it('names nobody and nothing that was asked, and has an end', async () => {
    const { prefix = '', ...rest } = options();
    await using store = await upStore(redisStore({ prefix, ...rest }));
    const key = keyOf({ principal: 'secret-token', server: 'secret-server', topic: 'resources/read file:///secret' });
    await put(store, key, 'one', { freshMs: 5_000, staleMs: 10_000 });
    await put(store, key, 'two', { shared: true });
    await store.invalidate({ key });
    await put(store, key, 'one', { freshMs: 5_000, staleMs: 10_000 });
    const keys = await raw.keys('*');
    const ours = keys.filter((name) => name.startsWith(prefix));
    expect(ours.length).toBeGreaterThanOrEqual(5);
    expect(ours.filter((name) => name.includes('secret'))).toEqual([]);
    for (const name of ours) expect(await raw.pttl(name)).toBeGreaterThan(0);
    const [entry = ''] = await entriesOf(prefix);
    expect(await raw.pttl(entry)).toBeGreaterThan(10_000);
    expect(await raw.pttl(entry)).toBeLessThanOrEqual(15_000);
  });

  it.each([
    ['cut off', (value: Buffer) => value.subarray(0, -1)],
    ['altered', (value: Buffer) => Buffer.concat([value.subarray(0, -2), Buffer.from('?}')])],
    ['of another version', (value: Buffer) => Buffer.concat([Buffer.from('TYC9'), value.subarray(4)])],
    ['empty', () => Buffer.alloc(0)],
    ['somebody else’s', () => Buffer.from('{"tools":[{"name":"evil"}]}')],
  ])('counts as nothing where it is %s, and is replaced', async (_, damage) => {
    const { prefix = '', ...rest } = options();
    await using store = await upStore(redisStore({ prefix, ...rest }));
    await put(store, keyOf(), 'one');
    const [name = ''] = await entriesOf(prefix);
    const value = (await raw.getBuffer(name)) ?? Buffer.alloc(0);
    await raw.set(name, damage(value), 'KEEPTTL');
    expect(await textAt(store, keyOf())).toBeUndefined();
    await put(store, keyOf(), 'two');
    expect(await textAt(store, keyOf())).toBe('two');
  });

  it('counts as nothing where it was copied from another place, or is of another kind', async () => {
    const { prefix = '', ...rest } = options();
    await using store = await upStore(redisStore({ prefix, ...rest }));
    await put(store, keyOf({ principal: 'ann' }), "ann's");
    const [anns = ''] = await entriesOf(prefix);
    await put(store, keyOf({ principal: 'bob' }), "bob's");
    const [bobs = ''] = (await entriesOf(prefix)).filter((name) => name !== anns);
    await raw.copy(anns, bobs, 'REPLACE');
    expect(await textAt(store, keyOf({ principal: 'bob' }))).toBeUndefined();
    await raw.multi().del(bobs).rpush(bobs, 'x').exec();
    expect(await textAt(store, keyOf({ principal: 'bob' }))).toBeUndefined();
    expect(await textAt(store, keyOf({ principal: 'ann' }))).toBe("ann's");
  });

  it('is dropped where Redis threw a token out', async () => {
    const { prefix = '', ...rest } = options();
    await using store = await upStore(redisStore({ prefix, ...rest }));
    for (const token of ['token', 'token:server:*', 'token:topic:*']) {
      await put(store, keyOf(), 'one');
      expect(await textAt(store, keyOf())).toBe('one');
      const names = await raw.keys(`${prefix}:1:${token}`);
      expect(names).toHaveLength(1);
      await raw.del(...names);
      expect(await textAt(store, keyOf())).toBeUndefined();
    }
  });

  it('has few tokens, however many resources are read', async () => {
    const { prefix = '', ...rest } = options();
    await using store = await upStore(redisStore({ prefix, ...rest }));
    const uris = Array.from({ length: 6_000 }, (_, n) => keyOf({ topic: `resources/read ${n}` }));
    await Promise.all(uris.map((key) => store.read(key)));
    expect((await raw.keys(`${prefix}:1:token*`)).length).toBeLessThanOrEqual(4_096 + 2);
  });

  it('is not what another prefix keeps', async () => {
    await using one = await upStore(redisStore(options()));
    await using other = await upStore(redisStore(options()));
    await put(one, keyOf(), 'one');
    expect(await textAt(other, keyOf())).toBeUndefined();
  });

  it('is not larger than an entry may be', async () => {
    await using store = await upStore(redisStore(options({ maxEntryBytes: 1_000 })));
    await put(store, keyOf(), 'x'.repeat(980));
    expect(await textAt(store, keyOf())).toBe('x'.repeat(980));
    await put(store, keyOf({ request: 'r2' }), 'x'.repeat(1_000));
    expect(await textAt(store, keyOf({ request: 'r2' }))).toBeUndefined();
  });

  it('stays, and can be dropped, when Redis has no room for more; that is told once', async () => {
    await using store = await upStore(redisStore(options()));
    await put(store, keyOf(), 'one');
    const { stamp } = await store.read(keyOf());
    const events: CacheStoreEvent[] = [];
    store.listen((event) => events.push(event));
    await raw.config('SET', 'maxmemory', '1');
    try {
      const { entry } = await store.read(keyOf());
      if (entry === undefined) throw new Error('it is not there');
      for (let n = 0; n < 3; n++) await store.write(keyOf(), { ...entry, staleMs: 0, shared: false }, stamp);
      expect(events).toEqual([{ type: 'refused', reason: expect.stringContaining('OOM') }]);
      expect(await textAt(store, keyOf())).toBe('one');
      await store.invalidate({ server: 'files' });
      expect(await textAt(store, keyOf())).toBeUndefined();
    } finally {
      await raw.config('SET', 'maxmemory', '0');
    }
  });
});

describe.skipIf(found.absent)(found.title('a password'), () => {
  it('is used, and named in no event', async () => {
    await using redis = await found.start();
    const raw = new Redis(redis.url);
    await raw.config('SET', 'requirepass', 'correct');
    await raw.quit();
    const address = redis.url.replace('redis://', '');
    await using wrong = redisStore({ url: `redis://:not-this-one@${address}` });
    const event = await nextEvent(wrong, 'down');
    expect(JSON.stringify(event)).toContain('WRONGPASS');
    expect(JSON.stringify(event)).not.toContain('not-this-one');
    await using right = await upStore(redisStore({ url: `redis://:correct@${address}`, commandTimeoutMs: 5_000 }));
    await put(right, keyOf(), 'one');
    expect(await textAt(right, keyOf())).toBe('one');
  });
});

it.each(['', 'localhost:6379', 'http://:secret@localhost', 'redis', '/tmp/redis.sock'])(
  'no Redis is at "%s"',
  (url) => {
    let thrown: unknown;
    try {
      redisStore({ url });
    } catch (error) {
      thrown = error;
    }
    expect(ToolyardError.is(thrown, 'CONFIG_INVALID')).toBe(true);
    expect(String(thrown)).not.toContain('secret');
  },
);
