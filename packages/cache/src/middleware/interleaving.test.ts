import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RealRedis } from '@toolyard/presets/redis';
import { type CacheStore, type Call, createCall, RawObject, type Reply } from '@toolyard/protocol';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { layeredStore } from '../layered/layered-store.ts';
import { memoryStore } from '../memory/memory-store.ts';
import { redisStore } from '../redis/redis-store.ts';
import { redises, upStore } from '../testing/real-redis.ts';
import { listCall, reply, toolIn } from '../testing/upstream.ts';
import { cached } from './cached.ts';

/** Somebody asks, and the server takes so many turns before and after it looks at its list; the list changes; time passes. */
type Step =
  | { readonly ask: string; readonly before: number; readonly after: number }
  | { readonly change: true }
  | { readonly turns: number };

const turns = fc.integer({ min: 0, max: 6 });
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ ask: fc.constantFrom('ann', 'bob'), before: turns, after: turns }) },
    { weight: 2, arbitrary: fc.constant({ change: true as const }) },
    { weight: 2, arbitrary: fc.record({ turns }) },
  ),
  { maxLength: 40 },
);

/** Whatever comes between, an answer is its caller's own, and not from before the last change that was told before it was asked for. */
async function play(store: CacheStore, all: readonly Step[]): Promise<void> {
  await store.invalidate({ all: true });
  let version = 0;
  let listener: Call | undefined;
  const pace = new Map<Call['params'], { readonly before: number; readonly after: number }>();
  const service = cached({ server: 'files', store })(async (call): Promise<Reply> => {
    if (call.method === 'subscriptions/listen') {
      listener = call;
      return new Promise(() => {});
    }
    const { before = 0, after = 0 } = pace.get(call.params) ?? {};
    for (let n = 0; n < before; n++) await nextTurn();
    const name = `${call.caller.principal} ${version}`;
    for (let n = 0; n < after; n++) await nextTurn();
    return reply({ tools: [{ name }], ttlMs: 60_000, cacheScope: 'private' });
  });
  void service(createCall('subscriptions/listen'));

  const checks: Promise<void>[] = [];
  for (const step of all) {
    if ('turns' in step) for (let n = 0; n < step.turns; n++) await nextTurn();
    else if ('change' in step) {
      version += 1;
      await listener?.notify({ method: 'notifications/tools/list_changed', params: RawObject.empty });
    } else {
      const call = listCall(step.ask);
      const asked = { ...call, params: RawObject.of({}) };
      pace.set(asked.params, step);
      const oldest = version;
      checks.push(
        service(asked).then((answer) => {
          const [principal, seen] = String(toolIn(answer)).split(' ');
          expect(principal).toBe(step.ask);
          expect(Number(seen)).toBeGreaterThanOrEqual(oldest);
        }),
      );
    }
  }
  await Promise.all(checks);
}

describe('calls and changes in any order', () => {
  it('give nobody what is another’s or old, over memory', async () => {
    await using store = memoryStore();
    await fc.assert(
      fc.asyncProperty(steps, (all) => play(store, all)),
      { numRuns: 300 },
    );
  });
});

const found = await redises();

describe.skipIf(found.absent)(found.title('calls and changes in any order, over Redis'), () => {
  let redis: RealRedis;
  beforeAll(async () => {
    redis = await found.start();
  });
  afterAll(() => redis[Symbol.asyncDispose]());

  it.each([
    ['alone', (url: string) => redisStore({ url, prefix: randomUUID(), commandTimeoutMs: 10_000 })],
    ['and memory', (url: string) => layeredStore({ redis: { url, prefix: randomUUID(), commandTimeoutMs: 10_000 } })],
  ])('%s, give nobody what is another’s or old', async (_, open) => {
    await using store = await upStore(open(redis.url));
    await fc.assert(
      fc.asyncProperty(steps, (all) => play(store, all)),
      { numRuns: 60 },
    );
  });
});
