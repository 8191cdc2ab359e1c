import type { Connection } from '@toolyard/protocol';
import { ToolyardError } from '@toolyard/protocol';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { readSettings } from '../../settings.ts';
import { caller } from '../../testing/harness.ts';
import { Vitals } from './vitals.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const clientInfo = { name: 'test', version: '1' };

it('a check has the time to the next one, ten seconds at most, and the end of a connection that fails it is waited for', async () => {
  for (const [probeIntervalMs, boundMs] of [
    [1_000, 1_000],
    [60_000, 10_000],
  ] as const) {
    const bounds: number[] = [];
    const over = Promise.withResolvers<undefined>();
    const ended = Promise.withResolvers<void>();
    const left: Promise<unknown>[] = [];
    const close = vi.fn<() => Promise<void>>(async () => {
      over.resolve(undefined);
      await ended.promise;
    });
    const connection: Connection = {
      service: () => Promise.reject(new Error('nobody asks')),
      peer: { revision: '2025-11-25', wire: 'test' },
      check(timeoutMs) {
        bounds.push(timeoutMs);
        const facts = { upstream: 'a', method: 'ping', afterMs: timeoutMs };
        return Promise.reject(new ToolyardError('UPSTREAM_TIMEOUT', facts, 'late'));
      },
      closed: over.promise,
      close,
      [Symbol.asyncDispose]: close,
    };
    const vitals = new Vitals({
      entry: { id: 'a', target: { url: 'http://a' }, health: { probeIntervalMs, unhealthyProbes: 2 } },
      settings: readSettings({ servers: [], transports: [], clientInfo, random: () => 0.5 }),
      caller,
      onChange: () => undefined,
      onTrouble: () => undefined,
      onLeft: (over) => void left.push(over),
    });
    vitals.attach(connection);
    await vi.advanceTimersByTimeAsync(2 * probeIntervalMs);
    expect(bounds).toEqual([boundMs, boundMs]);
    expect(close).toHaveBeenCalledOnce();
    let isOver = false;
    const waiting = Promise.all(left).then(() => (isOver = true));
    await vi.advanceTimersByTimeAsync(0);
    expect(isOver).toBe(false);
    ended.resolve();
    await waiting;
    expect(vi.getTimerCount()).toBe(0);
  }
});
