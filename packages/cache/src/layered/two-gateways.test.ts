import { randomUUID } from 'node:crypto';
import type { RealRedis } from '@toolyard/presets/redis';
import { type CacheStore, type Call, createCall, RawObject, type Service } from '@toolyard/protocol';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { cached } from '../middleware/cached.ts';
import { keyOf, put, textAt } from '../testing/entries.ts';
import { nextEvent, redises, upStore } from '../testing/real-redis.ts';
import { listCall, numbered, toolIn, upstream, type Upstream } from '../testing/upstream.ts';
import { layeredStore } from './layered-store.ts';

const found = await redises();

interface Gateways extends AsyncDisposable {
  readonly stores: readonly [CacheStore, CacheStore];
  readonly services: readonly [Service, Service];
  readonly server: Upstream;
  /** The server tells the first gateway of it. */
  tell(method: string, params?: Readonly<Record<string, unknown>>): Promise<void>;
}

describe.skipIf(found.absent)(found.title('two gateways before one Redis'), () => {
  let redis: RealRedis;
  beforeAll(async () => {
    redis = await found.start();
  });
  afterAll(() => redis[Symbol.asyncDispose]());

  async function gateways(hints?: Readonly<Record<string, unknown>>): Promise<Gateways> {
    const options = {
      redis: { url: redis.url, prefix: randomUUID(), commandTimeoutMs: 5_000, backoff: { maxDelayMs: 20 } },
    };
    const stores = [await upStore(layeredStore(options)), await upStore(layeredStore(options))] as const;
    const listeners: Call[] = [];
    const answer = numbered(hints);
    const server = upstream((call, count) => {
      if (call.method !== 'subscriptions/listen') return answer(call, count);
      listeners.push(call);
      return new Promise(() => {});
    });
    const [one, two] = stores.map((store) => cached({ server: 'files', store })(server.service)) as [Service, Service];
    void one(createCall('subscriptions/listen'));
    return {
      stores,
      services: [one, two],
      server,
      tell: (method, params = {}) =>
        listeners[0]?.notify({ method, params: RawObject.of(params) }) ?? Promise.resolve(),
      [Symbol.asyncDispose]: async () => void (await Promise.all(stores.map((store) => store.close()))),
    };
  }

  it('share what they keep: what one fetched the other has', async () => {
    await using rig = await gateways();
    const [one, two] = rig.services;
    const first = toolIn(await one(listCall()));
    const { result } = await two(listCall());
    expect(toolIn({ result })).toBe(first);
    expect(result.member('ttlMs')?.value).toBeLessThanOrEqual(60_000);
    expect(result.member('ttlMs')?.value).toBeGreaterThan(50_000);
  });

  it("do not share what is one principal's with another", async () => {
    await using rig = await gateways();
    const [one, two] = rig.services;
    const anns = toolIn(await one(listCall('ann')));
    expect(toolIn(await two(listCall('bob')))).not.toBe(anns);
    expect(toolIn(await two(listCall('ann')))).toBe(anns);
  });

  it('share what is public', async () => {
    await using rig = await gateways({ ttlMs: 60_000, cacheScope: 'public' });
    const [one, two] = rig.services;
    expect(toolIn(await one(listCall('ann')))).toBe(toolIn(await two(listCall('bob'))));
  });

  it('drop together what the server told one of them is old', async () => {
    await using rig = await gateways();
    const [one, two] = rig.services;
    const old = toolIn(await one(listCall()));
    expect(toolIn(await two(listCall()))).toBe(old);
    await rig.tell('notifications/tools/list_changed');
    const fresh = toolIn(await one(listCall()));
    expect(fresh).not.toBe(old);
    // From the memory of the second one, which the message has to reach first.
    await vi.waitFor(async () => expect(toolIn(await two(listCall()))).toBe(fresh), { timeout: 10_000 });
    const before = rig.server.calls.length;
    await Promise.all([one(listCall()), two(listCall())]);
    expect(rig.server.calls).toHaveLength(before);
  });

  it.each([
    ['a key', { key: keyOf() }],
    ['topics', { server: 'files', topics: ['tools/list'] }],
    ['a server', { server: 'files' }],
    ['everything', { all: true }],
  ] as const)('drop %s together', async (_, what) => {
    await using rig = await gateways();
    const [one, two] = rig.stores;
    await put(one, keyOf(), 'old');
    expect(await textAt(two, keyOf())).toBe('old');
    await one.invalidate(what);
    expect(await textAt(one, keyOf())).toBeUndefined();
    await vi.waitFor(async () => expect(await textAt(two, keyOf())).toBeUndefined(), { timeout: 10_000 });
  });

  it('forget what they had in memory after they were cut off, since they may have missed a drop', async () => {
    await using rig = await gateways();
    const [one, two] = rig.stores;
    await put(one, keyOf(), 'old');
    expect(await textAt(two, keyOf())).toBe('old');
    const raw = new Redis(redis.url);
    const back = [nextEvent(one, 'up'), nextEvent(two, 'up')];
    // A drop by a third gateway, which these two cannot hear.
    await raw.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await raw.del(...(await raw.keys('*:token')));
    await Promise.all(back);
    expect([await textAt(one, keyOf()), await textAt(two, keyOf())]).toEqual([undefined, undefined]);
    await raw.quit();
  });

  it('take a message that they cannot read for one that means everything', async () => {
    await using rig = await gateways();
    const [one] = rig.stores;
    await put(one, keyOf(), 'old');
    expect(one.stats().entries).toBe(1);
    const raw = new Redis(redis.url);
    for (const channel of (await raw.pubsub('CHANNELS', '*')) as string[]) await raw.publish(channel, 'garbage');
    await vi.waitFor(() => expect(one.stats().entries).toBe(0), { timeout: 10_000 });
    await raw.quit();
  });
});
