import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { stdioTransport } from '../stdio-transport.ts';
import { client, fixture, Lines, pidOf } from '../testing/rig.ts';
import { startChild } from './child.ts';
import type { ProcessGovernor } from './process-governor.ts';
import { createProcessGovernor } from './process-governor.ts';
import type { ProcessPlace } from './process-place.ts';

const ask = (upstream = 'a', signal?: AbortSignal) => ({ upstream, command: '/opt/bin/server', signal });

/** A place that was given at once, with a process that is up. */
async function upAt(governor: ProcessGovernor, upstream: string, pid: number): Promise<ProcessPlace> {
  const place = await governor.enter(ask(upstream));
  place.started(pid);
  place.ready();
  return place;
}

/** Whether it is still waiting after everything that could happen has happened. */
async function isPending(promise: Promise<unknown>): Promise<boolean> {
  const settled = promise.then(
    () => false,
    () => false,
  );
  return Promise.race([settled, new Promise<boolean>((resolve) => void setImmediate(() => resolve(true)))]);
}

describe('a place for a process', () => {
  test('is refused where a cap on all is reached and nothing is ending', async () => {
    const governor = createProcessGovernor({ maxProcesses: 2 });
    const first = await upAt(governor, 'a', 1);
    await upAt(governor, 'b', 2);
    await expect(governor.enter(ask('c'))).rejects.toMatchObject({
      code: 'PROCESS_LIMIT',
      facts: { upstream: 'c', limit: 2 },
      message: 'c was not started: 2 processes run in all, as many as may.',
    });
    first.gone();
    first.gone();
    await upAt(governor, 'c', 3);
    await expect(governor.enter(ask('d'))).rejects.toMatchObject({ code: 'PROCESS_LIMIT' });
  });

  test('is refused where a server has as many as it may, and given to another', async () => {
    const governor = createProcessGovernor({ maxProcessesPerServer: 1 });
    await upAt(governor, 'a', 1);
    await expect(governor.enter(ask('a'))).rejects.toMatchObject({
      facts: { upstream: 'a', limit: 1 },
      message: 'a was not started: 1 processes of a run, as many as may.',
    });
    await upAt(governor, 'b', 2);
  });

  test('is waited for while a process is ending that counts for the cap, by as many as there will be room for', async () => {
    const governor = createProcessGovernor({ maxProcesses: 1 });
    const first = await upAt(governor, 'a', 1);
    first.ending();
    const second = governor.enter(ask('b'));
    const third = governor.enter(ask('c'));
    third.catch(() => undefined);
    expect(await isPending(second)).toBe(true);
    first.gone();
    await second;
    await expect(third).rejects.toMatchObject({ code: 'PROCESS_LIMIT', facts: { upstream: 'c' } });
  });

  test('is given by other bounds from then on, also to those who wait, and nothing that runs is ended', async () => {
    const governor = createProcessGovernor({ maxConcurrentSpawns: 1 });
    const first = await governor.enter(ask('a'));
    first.started(1);
    const second = governor.enter(ask('b'));
    expect(await isPending(second)).toBe(true);
    governor.configure({ maxConcurrentSpawns: 2 });
    (await second).started(2);
    governor.configure({ maxProcesses: 1 });
    expect(governor.list().map(({ state }) => state)).toEqual(['starting', 'starting']);
    await expect(governor.enter(ask('c'))).rejects.toMatchObject({ code: 'PROCESS_LIMIT', facts: { limit: 1 } });
    expect(() => governor.configure({ maxProcesses: 0 })).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
    await expect(governor.enter(ask('c'))).rejects.toMatchObject({ code: 'PROCESS_LIMIT', facts: { limit: 1 } });
    governor.configure({});
    await governor.enter(ask('c'));
  });

  test('is waited for while as many as may are coming up, in order', async () => {
    const governor = createProcessGovernor({ maxConcurrentSpawns: 2 });
    const [first, second] = [await governor.enter(ask()), await governor.enter(ask())];
    const order: number[] = [];
    const waiting = [1, 2].map((number) => governor.enter(ask()).then(() => order.push(number)));
    expect(await isPending(Promise.any(waiting))).toBe(true);
    second.ready();
    second.ready();
    await waiting[0];
    expect(order).toEqual([1]);
    first.gone();
    await Promise.all(waiting);
    expect(order).toEqual([1, 2]);
  });

  test('is no longer waited for when the signal aborts, and goes to the next one', async () => {
    const governor = createProcessGovernor({ maxConcurrentSpawns: 1 });
    const first = await governor.enter(ask());
    const enough = new AbortController();
    const second = governor.enter(ask('b', enough.signal));
    const third = governor.enter(ask('c'));
    enough.abort(new Error('enough'));
    await expect(second).rejects.toThrow('enough');
    first.ready();
    await third;
    await expect(governor.enter(ask('d', enough.signal))).rejects.toThrow('enough');
  });

  test('is waited for by so many at the most', async () => {
    const governor = createProcessGovernor({ maxConcurrentSpawns: 1, maxWaiting: 1 });
    const first = await governor.enter(ask());
    const second = governor.enter(ask('b'));
    await expect(governor.enter(ask('c'))).rejects.toMatchObject({ code: 'PROCESS_LIMIT', facts: { limit: 1 } });
    first.gone();
    await second;
  });

  test('can be waited for until none is taken', async () => {
    const governor = createProcessGovernor();
    await governor.whenEmpty();
    const places = [await upAt(governor, 'a', 1), await upAt(governor, 'b', 2)];
    const empty = governor.whenEmpty();
    const enough = new AbortController();
    const impatient = governor.whenEmpty(enough.signal);
    places[0]?.gone();
    expect(await isPending(empty)).toBe(true);
    enough.abort(new Error('enough'));
    await expect(impatient).rejects.toThrow('enough');
    places[1]?.gone();
    await empty;
  });

  test.each([0, -1, 1.5, Number.NaN])('has bounds that are whole numbers from 1, not %d', (maxProcesses) => {
    expect(() => createProcessGovernor({ maxProcesses })).toThrow('expected a whole number of processes, 1 or more');
  });
});

describe('a process that hangs while it comes up', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('does not hold up the others for ever', async () => {
    const governor = createProcessGovernor({ maxConcurrentSpawns: 1, spawnHoldMs: 300 });
    await governor.enter(ask());
    const second = governor.enter(ask('b'));
    vi.advanceTimersByTime(300);
    (await second).gone();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('with real processes', () => {
  const brisk = { stdinGraceMs: 100, termGraceMs: 100 };
  const options = { upstream: 'files', clientInfo: client };

  test('the list shows each from its start until it is reaped', async () => {
    const governor = createProcessGovernor();
    const transport = stdioTransport({ ...brisk, governor });
    const before = Date.now();
    const server = await transport.connect(fixture('scripted-server', 'secret=1'), options);
    const [listed] = governor.list();
    expect(listed).toEqual({
      upstream: 'files',
      pid: server.peer.pid,
      startedAtMs: expect.any(Number),
      command: 'node',
      state: 'running',
    });
    expect(listed?.startedAtMs).toBeGreaterThanOrEqual(before);
    const closing = server.close();
    await vi.waitFor(() => expect(governor.list()[0]?.state).toBe('ending'));
    await closing;
    expect(governor.list()).toEqual([]);
  });

  test('one that is killed makes room for another', async () => {
    const governor = createProcessGovernor({ maxProcesses: 1 });
    const transport = stdioTransport({ ...brisk, governor });
    const server = await transport.connect(fixture('scripted-server'), options);
    await expect(transport.connect(fixture('scripted-server'), options)).rejects.toMatchObject({
      code: 'PROCESS_LIMIT',
    });
    process.kill(pidOf(server.peer), 'SIGKILL');
    await server.closed;
    await using next = await transport.connect(fixture('scripted-server'), options);
    expect(governor.list().map(({ pid }) => pid)).toEqual([next.peer.pid]);
  });

  test.each([
    ['is not found', { command: 'no-such-command-anywhere' }],
    ['exits at once', fixture('scripted-server', 'exit')],
    ['never answers', fixture('scripted-server', 'mute')],
  ])('one that %s takes no place for longer than it lives', async (_, target) => {
    const governor = createProcessGovernor({ maxProcesses: 1 });
    const transport = stdioTransport({ ...brisk, governor });
    const connecting = transport.connect(target, { ...options, connectTimeoutMs: 500 });
    await expect(connecting).rejects.toMatchObject({ code: expect.stringMatching(/^UPSTREAM_/) });
    expect(governor.list()).toEqual([]);
    await governor.enter(ask());
  });

  test('an attempt that ends while it waits for a place starts nothing later', async () => {
    const governor = createProcessGovernor({ maxConcurrentSpawns: 1 });
    const place = await governor.enter(ask());
    const lines = new Lines();
    const connecting = stdioTransport({ governor }).connect(fixture('scripted-server'), {
      ...options,
      connectTimeoutMs: 50,
      onLog: lines.add,
    });
    await expect(connecting).rejects.toMatchObject({ code: 'UPSTREAM_TIMEOUT' });
    place.gone();
    expect(await isPending(governor.enter(ask()))).toBe(false);
    expect([governor.list(), lines.all]).toEqual([[], []]);
  });

  test('a leader that is gone keeps its place until its group is', async () => {
    const governor = createProcessGovernor();
    const lines = new Lines();
    const child = await startChild(
      { command: 'sh', args: ['-c', 'trap "" TERM; sleep 100 & echo $! >&2'] },
      { upstream: 'u', environment: process.env, guardian: undefined, governor, ...brisk, onLog: lines.add },
    );
    await child.exited;
    expect(governor.list()).toMatchObject([{ pid: child.pid, state: 'ending' }]);
    await child.stop();
    await vi.waitFor(() => expect(governor.list()).toEqual([]));
  });
});
