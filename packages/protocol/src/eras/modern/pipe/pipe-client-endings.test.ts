import { afterEach, describe, expect, it, vi } from 'vitest';
import { testCall } from '../../../testing/call.ts';
import { modern } from './testing/modern-server.ts';

afterEach(() => {
  vi.useRealTimers();
});

describe('a call ends', () => {
  it('when its caller cancels: the server is told, and its late answer ignored', async () => {
    await using rig = await modern();
    const call = testCall('tools/call');
    const reply = rig.connection.service(call);
    await rig.end.next();
    call.abort('enough');
    await expect(reply).rejects.toMatchObject({ code: 'CANCELLED', cause: 'enough' });
    expect(await rig.end.next()).toBe('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2}}');
    rig.end.send('{"jsonrpc":"2.0","id":2,"result":{}}');
    const next = rig.connection.service(testCall('tools/list'));
    await rig.end.answer('"result":{}');
    await next;
  });

  it('before it is sent, when it was cancelled before', async () => {
    await using rig = await modern();
    const call = testCall('tools/call');
    call.abort();
    await expect(rig.connection.service(call)).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(rig.end.seen).toHaveLength(1);
  });

  it('after silence: the server is told', async () => {
    vi.useFakeTimers();
    await using rig = await modern();
    const reply = rig.connection.service(testCall('tools/call'));
    const failed = reply.catch((error: unknown) => error);
    await rig.end.next();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await failed).toMatchObject({
      code: 'UPSTREAM_TIMEOUT',
      facts: { upstream: 'files', method: 'tools/call', afterMs: 60_000 },
    });
    expect(await rig.end.next()).toBe(
      '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2,"reason":"timeout"}}',
    );
    expect(vi.getTimerCount()).toBe(0);
  });

  it('later where progress is reported, but not later than the bound on the whole', async () => {
    vi.useFakeTimers();
    await using rig = await modern({ timeoutMs: 100, maxTimeoutMs: 250 });
    const reply = rig.connection.service(testCall('tools/call', { progressToken: 1 }));
    const failed = reply.catch((error: unknown) => error);
    for (let progress = 1; progress <= 3; progress++) {
      await vi.advanceTimersByTimeAsync(80);
      rig.end.send(
        `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":2,"progress":${progress}}}`,
      );
    }
    await vi.advanceTimersByTimeAsync(9);
    expect(rig.end.seen).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(await failed).toMatchObject({ code: 'UPSTREAM_TIMEOUT', facts: { afterMs: 250 } });
  });

  it('at its deadline', async () => {
    vi.useFakeTimers();
    await using rig = await modern();
    const reply = rig.connection.service(testCall('tools/call', { deadlineMs: performance.now() + 30 }));
    const failed = reply.catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(30);
    expect(await failed).toMatchObject({ code: 'UPSTREAM_TIMEOUT', facts: { afterMs: 30 } });
  });

  it('when the pipe does: all calls fail, and so does each one after', async () => {
    await using rig = await modern();
    const replies = [1, 2].map(() => rig.connection.service(testCall('tools/call')));
    const failed = Promise.all(
      replies.map((reply) =>
        expect(reply).rejects.toMatchObject({ code: 'UPSTREAM_CLOSED', facts: { upstream: 'files' } }),
      ),
    );
    await rig.end.next();
    await rig.end.close();
    await failed;
    expect(await rig.connection.closed).toMatchObject({ code: 'CLOSED', facts: { what: 'pipe' } });
    await expect(rig.connection.service(testCall('tools/list'))).rejects.toMatchObject({ code: 'UPSTREAM_CLOSED' });
  });

  it('when the connection is closed, twice if need be: the server is told', async () => {
    const rig = await modern();
    const reply = rig.connection.service(testCall('tools/call')).catch((error: unknown) => error);
    await rig.end.next();
    await Promise.all([rig.connection.close(), rig.connection.close()]);
    expect(await reply).toMatchObject({ code: 'CLOSED', facts: { what: 'files' } });
    await vi.waitFor(() => expect(rig.end.closed).toBe(true));
    expect(rig.end.seen.at(-1)).toBe('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2}}');
    expect(await rig.connection.closed).toBeUndefined();
    await expect(rig.connection.service(testCall('tools/list'))).rejects.toMatchObject({ code: 'CLOSED' });
  });

  it('leaves no timer and no listener behind', async () => {
    vi.useFakeTimers();
    await using rig = await modern();
    const call = testCall('tools/call');
    const added = vi.spyOn(call.signal, 'addEventListener');
    const removed = vi.spyOn(call.signal, 'removeEventListener');
    const reply = rig.connection.service(call);
    expect(vi.getTimerCount()).toBe(1);
    await rig.end.answer('"result":{}');
    await reply;
    expect(vi.getTimerCount()).toBe(0);
    expect(removed.mock.calls.length).toBe(added.mock.calls.length);
  });
});
