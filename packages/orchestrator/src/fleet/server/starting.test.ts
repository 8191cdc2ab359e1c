import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fakeServer, tool } from '../../testing/fake-server.ts';
import { ask, names, orchestrate, started } from '../../testing/harness.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const tick = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

describe('starting', () => {
  it('costs a dead server its own tools only', async () => {
    await using fleet = await started({
      dead: fakeServer({ connecting: 'refuse' }),
      files: fakeServer({ tools: [tool('read')] }),
    });
    expect(await names(fleet)).toEqual(['files__read']);
    expect(fleet.servers().map(({ id, state }) => [id, state])).toEqual([
      ['dead', 'unhealthy'],
      ['files', 'healthy'],
    ]);
  });

  it('tells how each server is doing', async () => {
    await using fleet = await started(
      { files: fakeServer({ tools: [tool('read'), tool('write')], resources: [{ uri: 'file:///a', name: 'a' }] }) },
      { entries: { files: { name: 'Files' } } },
    );
    expect(fleet.servers()).toEqual([
      {
        id: 'files',
        name: 'Files',
        priority: 0,
        domains: [],
        capabilities: [],
        tags: [],
        state: 'healthy',
        peer: { revision: '2026-07-28', wire: 'memory' },
        counts: { tools: 2, prompts: 0, resources: 1, templates: 0 },
        timeToReadyMs: 0,
        instances: [
          {
            number: 1,
            phase: 'up',
            state: 'healthy',
            breaker: 'closed',
            peer: { revision: '2026-07-28', wire: 'memory' },
            url: undefined,
            inFlight: 0,
            calls: 0,
            attempts: 1,
            connects: 1,
            reason: undefined,
            nextAttemptInMs: undefined,
          },
        ],
        connects: 1,
        restarts: 0,
        failedAttempts: {},
        lastMinute: {
          calls: 0,
          faults: 0,
          slow: 0,
          averageMs: undefined,
          p50Ms: undefined,
          p95Ms: undefined,
          p99Ms: undefined,
        },
        reason: undefined,
        nextAttemptInMs: undefined,
        queued: 0,
        failedLists: [],
        leftOut: [],
        leftOutCount: 0,
      },
    ]);
  });

  it.each(['hang', 'deaf'] as const)(
    'waits for a server that hangs (%s) no longer than its own deadline',
    async (connecting) => {
      const fleet = orchestrate(
        { slow: fakeServer({ connecting }), files: fakeServer({ tools: [tool('read')] }) },
        { connectTimeoutMs: 9000 },
      );
      let ready = false;
      void fleet.start().then(() => (ready = true));
      await tick(8999);
      expect(ready).toBe(false);
      expect(await names(fleet)).toEqual(['files__read']);
      await tick(1001);
      expect(ready).toBe(true);
      expect(fleet.servers()[0]).toMatchObject({ state: 'unhealthy', reason: { code: 'UPSTREAM_TIMEOUT' } });
      // What was given up and never ends is waited for, for a while.
      await Promise.all([fleet.close(), tick(10_000)]);
    },
  );

  it('connects to so many at the same time', async () => {
    const servers = Object.fromEntries(
      Array.from({ length: 5 }, (_, i) => [`s${i}`, fakeServer({ connecting: 'hang' })]),
    );
    await using fleet = orchestrate(servers, { startConcurrency: 2, connectTimeoutMs: 1000 });
    const attempts = (): number =>
      Object.values(servers).reduce((count, { attempts: { length } }) => count + length, 0);
    void fleet.start();
    await tick();
    expect(attempts()).toBe(2);
    await tick(2000);
    expect(attempts()).toBe(4);
  });

  it('does not let servers that hang hold up the others for longer than the hold', async () => {
    const files = fakeServer({ tools: [tool('read')] });
    await using fleet = orchestrate(
      { slow: fakeServer({ connecting: 'hang' }), files },
      { startConcurrency: 1, connectTimeoutMs: 60_000 },
    );
    void fleet.start();
    await tick(5000);
    expect(await names(fleet)).toEqual(['files__read']);
  });

  it('begins once, however often it is asked to', async () => {
    const files = fakeServer();
    await using fleet = orchestrate({ files });
    expect(fleet.start()).toBe(fleet.start());
    await fleet.start();
    expect(files.attempts).toHaveLength(1);
  });

  it('hands the bounds of the definition to the transport, before those of all', async () => {
    const files = fakeServer();
    const memory = fakeServer();
    await using fleet = await started(
      { files, memory },
      {
        timeoutMs: 100,
        maxTimeoutMs: 200,
        maxInFlight: 3,
        entries: { files: { timeoutMs: 7, maxTimeoutMs: 8, connectTimeoutMs: 9 } },
      },
    );
    expect(fleet.servers()).toHaveLength(2);
    expect(files.attempts[0]).toMatchObject({
      upstream: 'files',
      timeoutMs: 7,
      maxTimeoutMs: 8,
      connectTimeoutMs: 9,
      maxInFlight: 3,
    });
    expect(memory.attempts[0]).toMatchObject({
      upstream: 'memory',
      timeoutMs: 100,
      maxTimeoutMs: 200,
      connectTimeoutMs: 30_000,
    });
  });

  it('lets as many calls in flight on a connection as the server may have at once, and subscriptions beside them', async () => {
    const usual = fakeServer();
    const wide = fakeServer();
    await using fleet = await started({ usual, wide }, { entries: { wide: { calls: { maxConcurrent: 10_000 } } } });
    expect(fleet.servers()).toHaveLength(2);
    expect(usual.attempts[0]).toMatchObject({ maxInFlight: 2_048 });
    expect(wide.attempts[0]).toMatchObject({ maxInFlight: 11_024 });
  });

  it('passes on what servers write beside the protocol, and what transports say of them', async () => {
    const files = fakeServer();
    const lines: unknown[] = [];
    await using fleet = await started({ files }, { onLog: (...told) => void lines.push(told) });
    files.attempts[0]?.onLog?.('hello');
    files.attempts[0]?.onLog?.('it floods', 'warn');
    expect(lines).toEqual([
      ['files', 'hello', undefined],
      ['files', 'it floods', 'warn'],
    ]);
    expect(fleet.servers()).toHaveLength(1);
  });
});

describe('starting with failFast', () => {
  it('rejects with all that failed and closes the rest', async () => {
    const files = fakeServer();
    const fleet = orchestrate(
      { a: fakeServer({ connecting: 'refuse' }), files, b: fakeServer({ connecting: 'hang' }) },
      { failFast: true, connectTimeoutMs: 1000 },
    );
    const failed = fleet.start().catch((error: unknown) => error);
    await tick(2000);
    expect(await failed).toMatchObject({
      code: 'START_FAILED',
      facts: {
        failures: [
          { server: 'a', code: 'UPSTREAM_UNREACHABLE' },
          { server: 'b', code: 'UPSTREAM_TIMEOUT' },
        ],
      },
    });
    expect(files.open.size).toBe(0);
    expect(fleet.servers().map(({ state }) => state)).toEqual(['stopped', 'stopped', 'stopped']);
    await expect(ask(fleet, 'tools/list')).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(fleet.start()).rejects.toMatchObject({ code: 'START_FAILED' });
  });

  it('resolves when all are up', async () => {
    await using fleet = await started({ files: fakeServer() }, { failFast: true });
    expect(fleet.servers()[0]?.state).toBe('healthy');
  });
});
