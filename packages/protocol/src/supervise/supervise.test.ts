import { describe, expect, it, vi } from 'vitest';
import type { Connection } from '../transport.ts';
import { RawObject } from '../wire/raw-object.ts';
import { testCall } from '../testing/call.ts';
import { backoffMs } from './backoff.ts';
import { supervise, type SuperviseClock, type SupervisedState } from './supervise.ts';

interface TestClock extends SuperviseClock {
  /** Goes on to the next thing that is due, and runs it. */
  tick(): void;
  readonly pending: number;
  wait(ms: number): void;
}

function testClock(): TestClock {
  let nowMs = 1_000;
  const due: { readonly act: () => void; readonly atMs: number }[] = [];
  return {
    nowMs: () => nowMs,
    later(act, ms) {
      const entry = { act, atMs: nowMs + ms };
      due.push(entry);
      return () => {
        const at = due.indexOf(entry);
        if (at >= 0) due.splice(at, 1);
      };
    },
    tick() {
      const next = due.shift();
      if (next === undefined) throw new Error('nothing is due');
      nowMs = next.atMs;
      next.act();
    },
    get pending() {
      return due.length;
    },
    wait(ms) {
      nowMs += ms;
    },
  };
}

interface TestConnection extends Connection {
  lose(reason?: Error): void;
  readonly closes: number;
}

function testConnection(name = 'one'): TestConnection {
  const over = Promise.withResolvers<Error | undefined>();
  let closes = 0;
  const close = (): Promise<void> => {
    closes++;
    over.resolve(undefined);
    return Promise.resolve();
  };
  return {
    service: () => Promise.resolve({ result: RawObject.of({ name }) }),
    peer: { revision: '2026-07-28', wire: 'test' },
    closed: over.promise,
    lose: (reason = new Error('lost')) => over.resolve(reason),
    get closes() {
      return closes;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** An attempt that ends with its signal only. */
function pending(signal: AbortSignal): Promise<Connection> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('over'))));
}

const almostOne = 0.999_999;

describe('backoffMs', () => {
  it('doubles up to its bound', () => {
    const random = (): number => almostOne;
    expect([1, 2, 3, 8, 9, 2_000].map((attempt) => backoffMs(attempt, { random }))).toEqual([
      249, 499, 999, 29_999, 29_999, 29_999,
    ]);
  });

  it('may be any part of that', () => {
    expect(backoffMs(3, { random: () => 0 })).toBe(0);
    expect(backoffMs(3, { random: () => 0.5 })).toBe(500);
  });
});

describe('supervise', () => {
  it('serves calls through the connection while it is up', async () => {
    await using kept = supervise(() => Promise.resolve(testConnection()), { upstream: 'a' });
    expect(await kept.whenUp()).toEqual({ revision: '2026-07-28', wire: 'test' });
    expect((await kept.service(testCall('tools/list'))).result.value).toEqual({ name: 'one' });
  });

  it('connects again after a loss, and reports each state', async () => {
    const clock = testClock();
    const states: SupervisedState[] = [];
    const connections = [testConnection('one'), testConnection('two')];
    const [first] = connections;
    await using kept = supervise(() => Promise.resolve(connections.shift() ?? testConnection()), {
      upstream: 'a',
      clock,
      random: () => 0.5,
      onState: (state) => states.push(state),
    });
    await kept.whenUp();
    const reason = new Error('it fell over');
    first?.lose(reason);
    await vi.waitFor(() => expect(kept.state.kind).toBe('down'));
    await expect(kept.service(testCall('tools/list'))).rejects.toMatchObject({
      code: 'UPSTREAM_UNREACHABLE',
      cause: reason,
    });
    clock.tick();
    await kept.whenUp();
    expect((await kept.service(testCall('tools/list'))).result.value).toEqual({ name: 'two' });
    const peer = { revision: '2026-07-28', wire: 'test' };
    expect(states).toEqual([
      { kind: 'connecting', attempt: 1 },
      { kind: 'up', peer },
      { kind: 'down', error: reason, nextAttemptMs: 1_125 },
      { kind: 'connecting', attempt: 2 },
      { kind: 'up', peer },
    ]);
  });

  it('waits longer after each failure', async () => {
    const clock = testClock();
    const pauses: (number | undefined)[] = [];
    await using kept = supervise(() => Promise.reject(new Error('no')), {
      upstream: 'a',
      clock,
      random: () => almostOne,
      onState: (state) => state.kind === 'down' && pauses.push((state.nextAttemptMs ?? NaN) - clock.nowMs()),
    });
    for (let attempt = 1; attempt <= 3; attempt++) {
      await vi.waitFor(() => expect(pauses).toHaveLength(attempt));
      clock.tick();
    }
    await vi.waitFor(() => expect(pauses).toEqual([249, 499, 999, 1_999]));
    expect(kept.state.kind).toBe('down');
  });

  it('counts anew after the connection was up for a while, and not before', async () => {
    for (const [upMs, attempt] of [
      [9_999, 3],
      [10_000, 2],
    ] as const) {
      const clock = testClock();
      const connection = testConnection();
      const results = [Promise.reject(new Error('no')), Promise.resolve(connection)];
      const attempts: number[] = [];
      await using kept = supervise((signal) => results.shift() ?? pending(signal), {
        upstream: 'a',
        clock,
        onState: (state) => state.kind === 'connecting' && attempts.push(state.attempt),
      });
      await vi.waitFor(() => expect(kept.state.kind).toBe('down'));
      clock.tick();
      await kept.whenUp();
      clock.wait(upMs);
      connection.lose();
      await vi.waitFor(() => expect(kept.state.kind).toBe('down'));
      clock.tick();
      expect(attempts.at(-1)).toBe(attempt);
    }
  });

  it('gives up after as many failures in a row as it may have', async () => {
    const clock = testClock();
    const error = new Error('no');
    await using kept = supervise(() => Promise.reject(error), { upstream: 'a', clock, maxAttempts: 2 });
    const waiting = kept.whenUp().catch((error: unknown) => error);
    await vi.waitFor(() => expect(kept.state.kind).toBe('down'));
    clock.tick();
    expect(await kept.closed).toBe(error);
    expect(await waiting).toMatchObject({ code: 'UPSTREAM_UNREACHABLE', cause: error });
    expect(clock.pending).toBe(0);
    expect(kept.state).toEqual({ kind: 'down', error, nextAttemptMs: undefined });
    await expect(kept.whenUp()).rejects.toMatchObject({ code: 'UPSTREAM_UNREACHABLE' });
  });

  it('closes a connection that arrives after close', async () => {
    const arriving = Promise.withResolvers<Connection>();
    const kept = supervise(() => arriving.promise, { upstream: 'a' });
    const closing = kept.close();
    const late = testConnection();
    arriving.resolve(late);
    await closing;
    expect(late.closes).toBe(1);
    expect(kept.state).toEqual({ kind: 'closed' });
  });

  it('ends an attempt by its signal when it is closed', async () => {
    let aborted = false;
    const kept = supervise(
      (signal) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            aborted = true;
            reject(new Error('aborted'));
          });
        }),
      { upstream: 'a' },
    );
    await kept.close();
    expect(aborted).toBe(true);
    expect(await kept.closed).toBeUndefined();
  });

  it('leaves no pause behind and can be closed twice', async () => {
    const clock = testClock();
    const kept = supervise(() => Promise.reject(new Error('no')), { upstream: 'a', clock });
    await vi.waitFor(() => expect(clock.pending).toBe(1));
    await Promise.all([kept.close(), kept.close()]);
    expect(clock.pending).toBe(0);
    await expect(kept.service(testCall('tools/list'))).rejects.toMatchObject({ code: 'CLOSED', facts: { what: 'a' } });
    await expect(kept.whenUp()).rejects.toMatchObject({ code: 'CLOSED' });
  });

  it('closes the connection once', async () => {
    const connection = testConnection();
    const kept = supervise(() => Promise.resolve(connection), { upstream: 'a' });
    await kept.whenUp();
    await kept.close();
    await kept.close();
    expect(connection.closes).toBe(1);
  });

  it('stops waiting when the signal says so', async () => {
    await using kept = supervise(pending, { upstream: 'a' });
    const reason = new Error('no more patience');
    await expect(kept.whenUp(AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});
