import { createCall, RawObject, ToolyardError } from '@toolyard/protocol';
import { describe, expect, it, vi } from 'vitest';
import { memoryStore } from '../memory/memory-store.ts';
import { listCall, numbered, toolIn, upstream } from '../testing/upstream.ts';
import { cached } from './cached.ts';
import type { CachedEvent, CachedOptions } from './options.ts';

function rig(options: Partial<CachedOptions> = {}) {
  let nowMs = 0;
  const now = (): number => nowMs;
  const server = upstream(numbered({ ttlMs: 1_000, cacheScope: 'private' }));
  const store = memoryStore({ now });
  const events: CachedEvent[] = [];
  const service = cached({ server: 'files', store, now, onEvent: (event) => void events.push(event), ...options })(
    server.service,
  );
  return { server, store, service, events, pass: (ms: number) => void (nowMs += ms) };
}

const failed = (code: 'UPSTREAM_CLOSED' | 'UPSTREAM_UNREACHABLE') => (): never => {
  throw new ToolyardError(code, { upstream: 'files' }, 'files is gone.');
};
const answered = (code: number) => (): never => {
  throw new ToolyardError('UPSTREAM_ERROR', { upstream: 'files', error: RawObject.of({ code, message: 'no' }) }, 'no');
};
const status = (code: number) => (): never => {
  throw new ToolyardError('UPSTREAM_STATUS', { upstream: 'files', status: code }, 'no');
};

describe('while a server is down', () => {
  it('stale answers are given out, with a mark and no time to live', async () => {
    const { server, service, events, pass } = rig();
    await service(listCall());
    pass(2_500);
    server.answer(failed('UPSTREAM_CLOSED'));
    const { result } = await service(listCall());
    expect(result.text).toBe(
      '{"resultType":"complete","tools":[{"name":"t1"}],"ttlMs":0,"cacheScope":"private","_meta":{"io.github.toolyard/cache":{"stale":true,"ageMs":2500}}}',
    );
    expect(events).toEqual([
      { type: 'stale', server: 'files', method: 'tools/list', ageMs: 2_500, code: 'UPSTREAM_CLOSED' },
    ]);
  });

  it('it is not asked by every call, and asked again soon', async () => {
    const { server, service, pass } = rig();
    await service(listCall());
    pass(2_000);
    server.answer(failed('UPSTREAM_UNREACHABLE'));
    for (let n = 0; n < 10; n++) await service(listCall());
    expect(server.calls).toHaveLength(2);
    pass(1_600);
    server.answer(numbered());
    expect(toolIn(await service(listCall()))).toBe('t3');
  });

  it('stale answers come to an end', async () => {
    const { server, service, pass } = rig({ staleIfErrorMs: 10_000 });
    await service(listCall());
    server.answer(failed('UPSTREAM_UNREACHABLE'));
    pass(10_900);
    await service(listCall());
    pass(2_000);
    await expect(service(listCall())).rejects.toMatchObject({ code: 'UPSTREAM_UNREACHABLE' });
  });

  it("nobody gets another's stale answer", async () => {
    const { server, service, pass } = rig();
    await service(listCall('ann'));
    pass(2_000);
    server.answer(failed('UPSTREAM_UNREACHABLE'));
    await expect(service(listCall('bob'))).rejects.toMatchObject({ code: 'UPSTREAM_UNREACHABLE' });
  });

  it('what it dropped before is not given out', async () => {
    const { server, service, store, pass } = rig();
    await service(listCall());
    pass(2_000);
    server.answer(async () => {
      await store.invalidate({ server: 'files', topics: ['tools/list'] });
      return failed('UPSTREAM_CLOSED')();
    });
    await expect(service(listCall())).rejects.toMatchObject({ code: 'UPSTREAM_CLOSED' });
  });

  it.each([
    ['an internal error', answered(-32603), true],
    ['status 503', status(503), true],
    ['status 429', status(429), true],
    ['status 401', status(401), false],
    ['status 403', status(403), false],
    ['a refusal', answered(-32602), false],
    ['an error of its own', answered(-32000), false],
  ])('%s counts as down: %s', async (_, script, counts) => {
    const { server, service, pass } = rig();
    await service(listCall());
    pass(2_000);
    server.answer(script);
    const outcome = await service(listCall()).then(toolIn, (error: unknown) =>
      ToolyardError.is(error) ? error.code : error,
    );
    expect(outcome === 't1').toBe(counts);
  });
});

describe('while a new answer is fetched', () => {
  it('the stale one is given out where that was asked for, and one request is made', async () => {
    const { server, service, events, pass } = rig({ staleWhileRevalidateMs: 5_000 });
    await service(listCall());
    pass(3_000);
    const answers = await Promise.all([service(listCall()), service(listCall()), service(listCall())]);
    expect(answers.map(toolIn)).toEqual(['t1', 't1', 't1']);
    expect(answers[0]?.result.object('_meta')?.value).toEqual({
      'io.github.toolyard/cache': { stale: true, ageMs: 3_000 },
    });
    expect(events[0]).toEqual({ type: 'stale', server: 'files', method: 'tools/list', ageMs: 3_000 });
    await vi.waitFor(async () => expect(toolIn(await service(listCall()))).toBe('t2'));
    expect(server.calls).toHaveLength(2);
  });

  it('who asks later than that waits for the new one', async () => {
    const { service, pass } = rig({ staleWhileRevalidateMs: 5_000 });
    await service(listCall());
    pass(6_000);
    expect(toolIn(await service(listCall()))).toBe('t2');
  });

  it('a failure is told, and not repeated with every call', async () => {
    const { server, service, events, pass } = rig({ staleWhileRevalidateMs: 5_000 });
    await service(listCall());
    pass(2_000);
    server.answer(failed('UPSTREAM_UNREACHABLE'));
    await service(listCall());
    await vi.waitFor(() => expect(events.map(({ type }) => type)).toContain('revalidation-failed'));
    for (let n = 0; n < 10; n++) expect(toolIn(await service(listCall()))).toBe('t1');
    expect(server.calls).toHaveLength(2);
  });

  it('the caller that set it off may leave, and a server that never answers is given up', async () => {
    const { server, service, events, pass } = rig({ staleWhileRevalidateMs: 5_000, revalidateTimeoutMs: 20 });
    await service(listCall());
    pass(2_000);
    const control = new AbortController();
    const reasons: unknown[] = [];
    server.answer(
      (call) =>
        new Promise((_, reject) =>
          call.signal.addEventListener('abort', () => {
            reasons.push(call.signal.reason);
            reject(call.signal.reason);
          }),
        ),
    );
    await service(listCall('ann', { signal: control.signal }));
    control.abort();
    await vi.waitFor(() =>
      expect(events.at(-1)).toMatchObject({ type: 'revalidation-failed', error: { code: 'UPSTREAM_TIMEOUT' } }),
    );
    expect(reasons).toMatchObject([{ code: 'UPSTREAM_TIMEOUT' }]);
  });
});

describe('pages of a list', () => {
  it('are all dropped when a cursor is refused', async () => {
    const { server, service } = rig();
    const page = createCall('tools/list', { params: { cursor: 'b' } });
    await service(listCall('anonymous'));
    server.answer(answered(-32602));
    await expect(service(page)).rejects.toMatchObject({ code: 'UPSTREAM_ERROR' });
    server.answer(numbered());
    expect(toolIn(await service(listCall('anonymous')))).toBe('t3');
  });
});
