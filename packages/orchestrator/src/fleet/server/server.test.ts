import { RawObject, ToolyardError } from '@toolyard/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fakeServer, fakeTransport, tool } from '../../testing/fake-server.ts';
import type { FakeServer } from '../../testing/fake-server.ts';
import { ask, names, orchestrate, started } from '../../testing/harness.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const rawError = RawObject.of({ code: -32000, message: 'hunter2' });
const tick = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

describe('a server that goes away', () => {
  it('takes its tools along, answers calls at once, and comes back with its tools', async () => {
    const files = fakeServer({ tools: [tool('read')] });
    await using fleet = await started({ files, memory: fakeServer({ tools: [tool('graph')] }) });
    files.crash();
    await tick();
    expect(await names(fleet)).toEqual(['memory__graph']);
    await expect(ask(fleet, 'tools/call', { name: 'files__read' })).rejects.toMatchObject({
      code: 'UPSTREAM_UNREACHABLE',
      facts: { upstream: 'files' },
    });
    expect(fleet.servers()[0]).toMatchObject({
      state: 'unhealthy',
      reason: { code: 'UPSTREAM_CLOSED', message: 'It went away.' },
    });
    await tick(1000);
    expect(await names(fleet)).toEqual(['files__read', 'memory__graph']);
    expect(fleet.servers()[0]).toMatchObject({
      state: 'healthy',
      connects: 2,
      nextAttemptInMs: undefined,
      timeToReadyMs: 0,
    });
    await ask(fleet, 'tools/call', { name: 'files__read' });
  });

  it('fails the calls that it had', async () => {
    const files = fakeServer({ tools: [tool('read')], answers: { 'tools/call': () => new Promise(() => undefined) } });
    await using fleet = await started({ files });
    const failed = ask(fleet, 'tools/call', { name: 'files__read' }).catch((error: unknown) => error);
    await tick();
    files.crash();
    expect(await failed).toMatchObject({
      code: 'UPSTREAM_CLOSED',
    });
  });

  it('comes back with other tools than before', async () => {
    const files = fakeServer({ tools: [tool('read')] });
    await using fleet = await started({ files });
    files.crash();
    files.tools = [tool('write')];
    await tick(1000);
    expect(await names(fleet)).toEqual(['files__write']);
    await expect(ask(fleet, 'tools/call', { name: 'files__read' })).rejects.toMatchObject({ code: 'TOOL_UNKNOWN' });
  });

  it('is tried again at growing intervals, and the status says when', async () => {
    const files = fakeServer({ connecting: 'refuse' });
    await using fleet = await started({ files }, { backoff: { initialMs: 1000, maxMs: 3000 } });
    await tick();
    expect(fleet.servers()[0]?.nextAttemptInMs).toBeGreaterThan(0);
    await tick(60_000);
    // Between 1.5 s and 3 s apart once the bound is reached.
    expect(files.attempts.length).toBeGreaterThan(20);
    expect(files.attempts.length).toBeLessThan(45);
    files.connecting = 'ok';
    await tick(3000);
    expect(fleet.servers()[0]?.state).toBe('healthy');
  });

  it('is left alone after as many retries as it may have', async () => {
    const files = fakeServer({ connecting: 'refuse' });
    await using fleet = await started({ files }, { maxRetries: 2 });
    await tick(600_000);
    expect(files.attempts).toHaveLength(3);
    expect(fleet.servers()[0]).toMatchObject({ state: 'unhealthy', nextAttemptInMs: undefined });
  });

  it('is told of', async () => {
    const files = fakeServer();
    await using fleet = orchestrate({ files });
    const states: string[] = [];
    fleet.events.server.listen(({ id, state }) => void states.push(`${id} ${state}`));
    await fleet.start();
    files.crash();
    await tick(1000);
    expect(states).toEqual(['files starting', 'files healthy', 'files unhealthy', 'files healthy']);
  });
});

describe('a server that answers badly', () => {
  const failing = (): never => {
    throw new ToolyardError('UPSTREAM_ERROR', { upstream: 'files', error: rawError }, 'no');
  };

  it('keeps the lists that it does answer, and is asked for the others again', async () => {
    const files = fakeServer({ tools: [tool('read')], prompts: [{ name: 'p' }], answers: { 'prompts/list': failing } });
    await using fleet = await started({ files });
    expect(fleet.servers()[0]).toMatchObject({
      state: 'degraded',
      counts: { tools: 1, prompts: 0 },
      failedLists: ['prompts'],
    });
    delete files.answers['prompts/list'];
    await tick(5000);
    expect(fleet.servers()[0]).toMatchObject({ counts: { tools: 1, prompts: 1 }, failedLists: [] });
  });

  it('is down when it answers nothing at all', async () => {
    const files = fakeServer({
      capabilities: { tools: {}, prompts: {} },
      answers: { 'tools/list': failing, 'prompts/list': failing },
    });
    await using fleet = await started({ files });
    expect(fleet.servers()[0]).toMatchObject({
      state: 'unhealthy',
      reason: { code: 'UPSTREAM_ERROR', message: 'It answered with the JSON-RPC error -32000.' },
    });
    expect(files.open.size).toBe(0);
  });

  it('has so long for a list, and the others do not wait for it', async () => {
    const files = fakeServer({
      tools: [tool('read')],
      answers: { 'prompts/list': () => new Promise(() => undefined) },
    });
    await using fleet = orchestrate({ files }, { listTimeoutMs: 4000 });
    let ready = false;
    void fleet.start().then(() => (ready = true));
    await tick(4000);
    expect(ready).toBe(true);
    expect(fleet.servers()[0]).toMatchObject({ state: 'degraded', failedLists: ['prompts'], counts: { tools: 1 } });
  });

  it('is taken to have every list when it does not know server/discover', async () => {
    const unknown = (): never => {
      throw new ToolyardError('METHOD_UNKNOWN', { method: 'x' }, 'no');
    };
    const files = fakeServer({
      tools: [tool('read')],
      answers: { 'server/discover': unknown, 'prompts/list': unknown },
    });
    await using fleet = await started({ files });
    expect(fleet.servers()[0]).toMatchObject({ state: 'healthy', counts: { tools: 1 }, failedLists: [] });
  });

  it('is asked only for what it says it has', async () => {
    const files = fakeServer({ capabilities: { tools: {} } });
    await using fleet = await started({ files });
    expect(fleet.servers()).toHaveLength(1);
    expect(files.calls.map(({ method }) => method)).toEqual(['server/discover', 'tools/list']);
  });
});

describe('the status', () => {
  it('holds no secrets, whatever transports and servers say', async () => {
    const secret = 'hunter2';
    const refused = fakeServer({ connecting: 'refuse' });
    refused.refusal = new ToolyardError('UPSTREAM_UNREACHABLE', { upstream: 'a' }, `https://user:${secret}@host/`, {
      cause: new Error(secret),
    });
    const thrown = fakeServer({ connecting: 'refuse' });
    thrown.refusal = new Error(`connect ${secret}`);
    const erring = fakeServer({
      answers: {
        'server/discover': () => {
          throw new ToolyardError('UPSTREAM_ERROR', { upstream: 'c', error: rawError }, secret);
        },
      },
    });
    await using fleet = await started(
      { refused, thrown, erring },
      { entries: { thrown: { target: { url: `wss://host/?key=${secret}` } } } },
    );
    const seen = fleet.servers();
    expect(seen.map(({ reason }) => reason?.code)).toEqual([
      'UPSTREAM_UNREACHABLE',
      'TRANSPORT_UNKNOWN',
      'UPSTREAM_ERROR',
    ]);
    expect(JSON.stringify(seen)).not.toContain(secret);
    const failing = orchestrate({ refused, thrown }, { failFast: true });
    const error: unknown = await failing.start().catch((reason: unknown) => reason);
    expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain(secret);
  });
});

describe('closing', () => {
  it('closes all connections, also when asked twice', async () => {
    const files = fakeServer();
    const memory = fakeServer();
    const fleet = await started({ files, memory });
    await Promise.all([fleet.close(), fleet.close()]);
    await fleet.close();
    expect(files.open.size + memory.open.size).toBe(0);
    expect(fleet.servers().map(({ state }) => state)).toEqual(['stopped', 'stopped']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('gives up servers that are being connected to', async () => {
    const fleet = orchestrate(
      { slow: fakeServer({ connecting: 'hang' }), next: fakeServer() },
      { startConcurrency: 1 },
    );
    const start = fleet.start();
    await tick();
    await fleet.close();
    await start;
    expect(vi.getTimerCount()).toBe(0);
  });

  it('waits until nothing is left of what was being connected to, but not for what never ends', async () => {
    const gate = Promise.withResolvers<void>();
    const ending = fakeServer({ answers: { 'server/discover': () => new Promise(() => undefined) } });
    const slow = fakeTransport({ ending });
    const transport = {
      ...slow,
      async connect(...[target, options]: Parameters<typeof slow.connect>) {
        await new Promise((resolve) => options.signal?.addEventListener('abort', resolve));
        // A process that takes its time to end.
        await gate.promise;
        return slow.connect(target, options);
      },
    };
    const fleet = orchestrate({ ending }, { transports: [transport] });
    const start = fleet.start();
    await tick();
    let closed = false;
    const closing = fleet.close().then(() => (closed = true));
    await tick(1_000);
    expect(closed).toBe(false);
    gate.resolve();
    await closing;
    await start;
    expect([ending.open.size, vi.getTimerCount()]).toEqual([0, 0]);

    const deaf = orchestrate({ deaf: fakeServer({ connecting: 'deaf' }) });
    const began = deaf.start();
    await tick();
    const ended = deaf.close();
    await tick(10_000);
    await Promise.all([ended, began]);
  });

  it.each([false, true])('lets nobody start it again, and opens nothing then (started before: %s)', async (before) => {
    const files: FakeServer = fakeServer();
    const fleet = orchestrate({ files });
    if (before) await fleet.start();
    await fleet.close();
    const { length } = files.attempts;
    await expect(fleet.start()).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(fleet.session().ready()).rejects.toMatchObject({ code: 'CLOSED' });
    expect(files.attempts).toHaveLength(length);
  });
});
