import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Kind } from '../../catalogue/kinds.ts';
import { createRefresher } from './refresher.ts';
import type { Refresher } from './refresher.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const tick = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

function refresher(fetch: (kinds: ReadonlySet<Kind>) => Promise<ReadonlySet<Kind>>): {
  readonly refresher: Refresher;
  readonly stop: () => void;
} {
  const controller = new AbortController();
  const options = {
    fetch,
    delayMs: 50,
    gapMs: 1000,
    delays: { firstDelayMs: 1000, maxDelayMs: 8000 },
    random: () => 1,
    now: () => performance.now(),
  };
  return {
    refresher: createRefresher({ ...options, signal: controller.signal }),
    stop: () => controller.abort(new Error('stop')),
  };
}

it('makes one fetch of several wishes', async () => {
  const fetched: string[][] = [];
  const { refresher: wishes } = refresher(async (kinds) => (fetched.push([...kinds]), new Set()));
  wishes.want('tools');
  wishes.want('prompts');
  wishes.want('tools');
  await tick(49);
  expect(fetched).toEqual([]);
  await tick(1);
  expect(fetched).toEqual([['tools', 'prompts']]);
});

it('fetches once more for a wish that came while it was fetching', async () => {
  let fetches = 0;
  const gate = Promise.withResolvers<ReadonlySet<Kind>>();
  const { refresher: wishes } = refresher(() => (++fetches === 1 ? gate.promise : Promise.resolve(new Set())));
  wishes.want('tools');
  await tick(50);
  wishes.want('tools');
  await tick(5000);
  expect(fetches).toBe(1);
  gate.resolve(new Set());
  await tick(999);
  expect(fetches).toBe(1);
  await tick(1);
  expect(fetches).toBe(2);
});

it('fetches what failed again, at growing intervals', async () => {
  const times: number[] = [];
  const { refresher: wishes, stop } = refresher(
    async () => (times.push(Math.round(performance.now())), new Set<Kind>(['tools'])),
  );
  const start = Math.round(performance.now());
  wishes.want('tools');
  await tick(40_000);
  stop();
  await tick();
  expect(times.map((time) => time - start)).toEqual([50, 1100, 3150, 7200, 15_250, 23_300, 31_350, 39_400]);
});

it('stops with its signal and leaves no timer', async () => {
  let fetches = 0;
  const { refresher: wishes, stop } = refresher(async () => (fetches++, new Set()));
  wishes.want('tools');
  stop();
  await tick(1000);
  wishes.want('tools');
  expect([fetches, vi.getTimerCount()]).toEqual([0, 0]);
});
