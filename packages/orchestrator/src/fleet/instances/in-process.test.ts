import type { Call, Reply, Service } from '@toolyard/protocol';
import { createCall, RawObject } from '@toolyard/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { started } from '../../testing/harness.ts';
import { connectService } from './in-process.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

const bounds = { upstream: 'own', timeoutMs: 200, maxTimeoutMs: 500 };
const answer: Reply = { result: RawObject.of({ content: [] }) };

interface Hanging {
  readonly service: Service;
  readonly calls: readonly Call[];
}

/** Answers nothing, and takes no notice of anything. */
function hanging(): Hanging {
  const calls: Call[] = [];
  const service: Service = (call) => {
    calls.push(call);
    return new Promise(() => undefined);
  };
  return { service, calls };
}

/** How a call ends, told when it does. */
async function ended(reply: Promise<Reply>): Promise<unknown> {
  return reply.then(
    () => 'answered',
    (error: unknown) => error,
  );
}

const timeout = (afterMs: number): unknown =>
  expect.objectContaining({ code: 'UPSTREAM_TIMEOUT', facts: { upstream: 'own', method: 'tools/call', afterMs } });

describe('a function of this process', () => {
  it('is given up after silence, and told so', async () => {
    const { service, calls } = hanging();
    const connection = connectService({ service }, bounds);
    const reply = ended(connection.service(createCall('tools/call')));
    await vi.advanceTimersByTimeAsync(199);
    expect(calls[0]?.signal.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(await reply).toEqual(timeout(200));
    expect(calls[0]?.signal.reason).toEqual(timeout(200));
  });

  it('may take longer where its progress grows, up to the whole bound', async () => {
    const told: unknown[] = [];
    const { service, calls } = hanging();
    const connection = connectService({ service }, bounds);
    const notify: Call['notify'] = async ({ params }) => void told.push(params.value);
    const reply = ended(connection.service(createCall('tools/call', { notify })));
    for (const progress of [1, 2, 3]) {
      await vi.advanceTimersByTimeAsync(150);
      await calls[0]?.notify({ method: 'notifications/progress', params: RawObject.of({ progress }) });
    }
    await vi.advanceTimersByTimeAsync(50);
    expect(await reply).toEqual(timeout(500));
    expect(told).toEqual([{ progress: 1 }, { progress: 2 }, { progress: 3 }]);
    await calls[0]?.notify({ method: 'notifications/progress', params: RawObject.of({ progress: 4 }) });
    expect(told).toHaveLength(3);
  });

  it('is given up at the deadline of the call', async () => {
    const connection = connectService(hanging(), bounds);
    const reply = ended(connection.service(createCall('tools/call', { deadlineMs: performance.now() + 80 })));
    await vi.advanceTimersByTimeAsync(80);
    expect(await reply).toEqual(timeout(80));
  });

  it('hears of a cancel, and is not waited for', async () => {
    const { service, calls } = hanging();
    const connection = connectService({ service }, bounds);
    const caller = new AbortController();
    const reply = ended(connection.service(createCall('tools/call', { signal: caller.signal })));
    await vi.advanceTimersByTimeAsync(1);
    caller.abort();
    expect(await reply).toMatchObject({ code: 'CANCELLED' });
    expect(calls[0]?.signal.aborted).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('ends its calls when it is closed, and takes no more', async () => {
    const connection = connectService(hanging(), bounds);
    const reply = ended(connection.service(createCall('tools/call')));
    await connection.close();
    expect(await reply).toMatchObject({ code: 'CLOSED' });
    expect(await ended(connection.service(createCall('tools/call')))).toMatchObject({ code: 'CLOSED' });
  });

  it('leaves no timer behind when it answers, or throws before it does', async () => {
    const thrower = (): never => {
      throw new Error('at once');
    };
    const quick = connectService({ service: () => Promise.resolve(answer) }, bounds);
    expect(await quick.service(createCall('tools/call'))).toBe(answer);
    expect(await ended(connectService({ service: thrower }, bounds).service(createCall('tools/call')))).toEqual(
      new Error('at once'),
    );
    expect(vi.getTimerCount()).toBe(0);
  });

  it('may listen for as long as it likes', async () => {
    const connection = connectService(hanging(), bounds);
    const end = vi.fn<() => void>();
    void ended(connection.service(createCall('subscriptions/listen'))).then(end);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(end).not.toHaveBeenCalled();
  });
});

it('an orchestrator holds functions of this process to the bounds of their definitions', async () => {
  vi.useRealTimers();
  const silent = new Set(['tools/call']);
  const service: Service = ({ method }) =>
    silent.has(method) ? new Promise(() => undefined) : Promise.resolve({ result: RawObject.of({ tools: [] }) });
  await using yard = await started({});
  await yard.deploy('own', { target: { service }, timeoutMs: 50 });
  await expect(yard.execute('own', { method: 'tools/call', params: { name: 't' } })).rejects.toMatchObject({
    code: 'UPSTREAM_TIMEOUT',
    facts: { afterMs: 50 },
  });
});
