import type { Connection } from '@toolyard/protocol';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { readSettings } from '../../settings.ts';
import { caller } from '../../testing/harness.ts';
import { Vitals } from './vitals.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const clientInfo = { name: 'test', version: '1' };

/** A connection that gives no signs of life, and how long each was waited for. */
function silent(closing: Promise<void> = Promise.resolve()) {
  const waited: number[] = [];
  const over = Promise.withResolvers<undefined>();
  const close = vi.fn<() => Promise<void>>(async () => {
    over.resolve(undefined);
    await closing;
  });
  const connection: Connection = {
    service: () => Promise.reject(new Error('nobody asks')),
    peer: { revision: '2025-11-25', wire: 'test' },
    check(signal) {
      const fromMs = performance.now();
      return new Promise((_, reject) =>
        signal.addEventListener('abort', () => {
          waited.push(performance.now() - fromMs);
          reject(new Error('cancelled'));
        }),
      );
    },
    closed: over.promise,
    close,
    [Symbol.asyncDispose]: close,
  };
  return { connection, close, waited };
}

function vitalsOf(probeIntervalMs: number) {
  const left: Promise<unknown>[] = [];
  const vitals = new Vitals({
    entry: { id: 'a', target: { url: 'http://a' }, health: { probeIntervalMs, unhealthyProbes: 2 } },
    settings: readSettings({ servers: [], transports: [], clientInfo, random: () => 0.5 }),
    caller,
    onChange: () => undefined,
    onTrouble: () => undefined,
    onLeft: (over) => void left.push(over),
  });
  return { vitals, left };
}

it.each([
  [1_000, 1_000],
  [60_000, 10_000],
])(
  'a check every %i ms has %i, the time to the next one or ten seconds, and the end of a connection that fails it is waited for',
  async (probeIntervalMs, boundMs) => {
    const ended = Promise.withResolvers<void>();
    const { connection, close, waited } = silent(ended.promise);
    const { vitals, left } = vitalsOf(probeIntervalMs);
    vitals.attach(connection);
    await vi.advanceTimersByTimeAsync(2 * (probeIntervalMs + boundMs));
    expect(waited).toEqual([boundMs, boundMs]);
    expect(vitals.lastFault?.error).toMatchObject({ code: 'UPSTREAM_TIMEOUT', facts: { afterMs: boundMs } });
    expect(close).toHaveBeenCalledOnce();
    let isOver = false;
    const waiting = Promise.all(left).then(() => (isOver = true));
    await vi.advanceTimersByTimeAsync(0);
    expect(isOver).toBe(false);
    ended.resolve();
    await waiting;
    expect(vi.getTimerCount()).toBe(0);
  },
);

it('a check that is under way ends at once with the instance, before its connection has closed, and is no fault', async () => {
  const { connection, waited } = silent();
  const { vitals } = vitalsOf(1_000);
  vitals.attach(connection);
  await vi.advanceTimersByTimeAsync(1_100);
  expect(waited).toEqual([]);
  vitals.end();
  vitals.end();
  expect(waited).toEqual([100]);
  await vi.advanceTimersByTimeAsync(0);
  expect(vi.getTimerCount()).toBe(0);
  expect(vitals.lastFault).toBeUndefined();
});
