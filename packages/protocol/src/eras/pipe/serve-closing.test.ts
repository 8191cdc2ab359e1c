import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Reply } from '../../reply.ts';
import { held, modernMeta, serveRig } from '../../testing/serve.ts';
import { RawObject } from '../../wire/raw-object.ts';

const done: Reply = { result: RawObject.of({ resultType: 'complete' }) };

afterEach(() => {
  vi.useRealTimers();
});

describe('closing', () => {
  const call = (id: number): string => `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{${modernMeta}}}`;

  it('lets calls finish for as long as it may, takes no new ones, and answers the rest', async () => {
    vi.useFakeTimers();
    const { service, calls, replies } = held();
    const rig = serveRig(service);
    rig.end.send(call(1));
    rig.end.send(call(2));
    await vi.waitFor(() => expect(calls).toHaveLength(2));
    const closing = rig.serving.close({ drainMs: 500 });
    rig.end.send(call(3));
    expect(JSON.parse(await rig.end.next())).toMatchObject({ id: 3, error: { data: { code: 'CLOSED' } } });
    replies[0]?.resolve(done);
    expect(JSON.parse(await rig.end.next())).toMatchObject({ id: 1, result: {} });
    await vi.advanceTimersByTimeAsync(499);
    expect(calls[1]?.signal.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await closing;
    expect(JSON.parse(await rig.end.next())).toMatchObject({ id: 2, error: { data: { code: 'CLOSED' } } });
    expect(calls[1]?.signal.aborted).toBe(true);
    expect(await rig.serving.closed).toBeUndefined();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('ends as soon as nothing is in flight', async () => {
    vi.useFakeTimers();
    const { service, calls, replies } = held();
    const rig = serveRig(service);
    rig.end.send(call(1));
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    const closing = rig.serving.close({ drainMs: 60_000 });
    replies[0]?.resolve(done);
    await closing;
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is hurried by a second call', async () => {
    vi.useFakeTimers();
    const { service, calls } = held();
    const rig = serveRig(service);
    rig.end.send(call(1));
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    const closing = rig.serving.close({ drainMs: 60_000 });
    await Promise.all([rig.serving.close(), closing]);
    expect(calls[0]?.signal.aborted).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('by the client aborts all calls', async () => {
    const { service, calls } = held();
    await using rig = serveRig(service);
    rig.end.send(call(1));
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    await rig.end.close();
    expect(await rig.serving.closed).toBeInstanceOf(Error);
    await vi.waitFor(() => expect(calls[0]?.signal.aborted).toBe(true));
  });
});
