import { describe, expect, it, vi } from 'vitest';
import { testCall, type TestCall } from '../../../../testing/call.ts';
import type { WireEnd } from '../../../../testing/wire-end.ts';
import { done, forms, poolRig, type PoolRig, tool } from '../testing/pool-rig.ts';

const capabilities = '{"tools":{"listChanged":true},"resources":{"subscribe":true,"listChanged":true}}';
const listen = (...uris: string[]): TestCall =>
  testCall('subscriptions/listen', { params: { notifications: { resourceSubscriptions: uris } } });
const listenToTools = (): TestCall =>
  testCall('subscriptions/listen', { params: { notifications: { toolsListChanged: true } } });
const subscribe = (uri: string): string => `"method":"resources/subscribe","params":{"uri":"${uri}"}}`;
const unsubscribe = (uri: string): string => `"method":"resources/unsubscribe","params":{"uri":"${uri}"}}`;

function start(pool: PoolRig, call: TestCall): Promise<unknown> {
  return pool.connection.service(call).catch((error: unknown) => error);
}

/** The far end of a session that the call of a tool has opened, and that is done with it. */
async function opened(pool: PoolRig, n: number, overrides: Parameters<typeof tool>[0] = {}): Promise<WireEnd> {
  const reply = pool.connection.service(tool(overrides));
  const end = await pool.session(n);
  await end.answer(done);
  await reply;
  return end;
}

function updated(end: WireEnd, uri: string): void {
  end.send(`{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"${uri}"}}`);
}

function changed(end: WireEnd, list: string): void {
  end.send(`{"jsonrpc":"2.0","method":"notifications/${list}/list_changed"}`);
}

/** What a call was told after the acknowledgement, by URI or by method. */
function told(call: TestCall): readonly string[] {
  return call.notified.slice(1).map(({ method, params }) => (params as { readonly uri?: string }).uri ?? method);
}

async function answered(call: TestCall): Promise<void> {
  await vi.waitFor(() => expect(call.notified).toHaveLength(1));
}

async function acknowledged(call: TestCall, ...uris: string[]): Promise<void> {
  await answered(call);
  expect(call.notified[0]?.params).toEqual({
    notifications: uris.length === 0 ? {} : { resourceSubscriptions: uris },
  });
}

describe('a resource that is watched', () => {
  it('is subscribed to in every session, and an update that any of them hears is told', async () => {
    await using pool = await poolRig({ capabilities });
    const second = await opened(pool, 1);
    const watcher = listen('a:1');
    const watching = start(pool, watcher);
    expect(await pool.first.answer('"result":{}')).toContain(subscribe('a:1'));
    expect(watcher.notified).toEqual([]);
    expect(await second.answer('"result":{}')).toContain(subscribe('a:1'));
    await acknowledged(watcher, 'a:1');
    updated(second, 'a:1');
    await vi.waitFor(() => expect(told(watcher)).toEqual(['a:1']));
    updated(pool.first, 'a:1/part');
    await vi.waitFor(() => expect(told(watcher)).toEqual(['a:1', 'a:1/part']));
    watcher.abort();
    await watching;
    expect(await pool.first.answer('"result":{}')).toContain(unsubscribe('a:1'));
    expect(await second.answer('"result":{}')).toContain(unsubscribe('a:1'));
  });

  it('is subscribed to in a session that opens later, before that has its first call', async () => {
    await using pool = await poolRig({ capabilities });
    const watcher = listen('a:1');
    const watching = start(pool, watcher);
    await pool.first.answer('"result":{}');
    await acknowledged(watcher, 'a:1');
    const reply = pool.connection.service(tool());
    const second = await pool.session(1);
    expect(await second.answer('"result":{}')).toContain(subscribe('a:1'));
    expect(await second.next()).toContain('"method":"tools/call"');
    updated(second, 'a:1');
    second.send(`{"jsonrpc":"2.0","id":3,${done}}`);
    await reply;
    await vi.waitFor(() => expect(told(watcher)).toEqual(['a:1']));
    watcher.abort();
    await watching;
    expect(await second.next()).toContain(unsubscribe('a:1'));
  });

  it('keeps the first call of a new session a second at most where the server does not answer', async () => {
    await using pool = await poolRig({ capabilities });
    const watcher = listen('a:1');
    void start(pool, watcher);
    await pool.first.answer('"result":{}');
    await acknowledged(watcher, 'a:1');
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      void start(pool, tool());
      const second = await pool.session(1);
      expect(await second.next()).toContain(subscribe('a:1'));
      await vi.advanceTimersByTimeAsync(999);
      expect(second.seen.join()).not.toContain('tools/call');
      await vi.advanceTimersByTimeAsync(1);
      expect(await second.next()).toContain('"method":"tools/call"');
    } finally {
      vi.useRealTimers();
    }
  });

  it('is acknowledged a second after one session has agreed, whatever keeps the others busy', async () => {
    await using pool = await poolRig({ capabilities });
    const second = await opened(pool, 1);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const watcher = listen('a:1');
      void start(pool, watcher);
      expect(await second.next()).toContain(subscribe('a:1'));
      await pool.first.answer('"result":{}');
      for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
      await vi.advanceTimersByTimeAsync(999);
      expect(watcher.notified).toEqual([]);
      await vi.advanceTimersByTimeAsync(1);
      expect(watcher.notified).toHaveLength(1);
    } finally {
      vi.useRealTimers();
    }
  });

  it('stays subscribed to until the last who watches it leaves', async () => {
    await using pool = await poolRig({ capabilities });
    const [one, two] = [listen('a:1'), listen('a:1', 'a:2')];
    const watching = [start(pool, one), start(pool, two)];
    await pool.first.answer('"result":{}');
    await pool.first.answer('"result":{}');
    await acknowledged(one, 'a:1');
    await acknowledged(two, 'a:1', 'a:2');
    const reply = pool.connection.service(tool());
    const second = await pool.session(1);
    expect(await second.answer('"result":{}')).toContain(subscribe('a:1'));
    expect(await second.answer('"result":{}')).toContain(subscribe('a:2'));
    await second.answer(done);
    await reply;
    two.abort();
    expect(await second.answer('"result":{}')).toContain(unsubscribe('a:2'));
    one.abort();
    expect(await second.answer('"result":{}')).toContain(unsubscribe('a:1'));
    await Promise.all(watching);
    expect(second.seen).toHaveLength(7);
  });

  it('is watched where one session agrees, and not where all refuse', async () => {
    await using pool = await poolRig({ capabilities });
    const second = await opened(pool, 1);
    const watcher = listen('a:1', 'a:2');
    void start(pool, watcher);
    const no = '"error":{"code":-32602,"message":"no"}';
    await pool.first.answer(no);
    await pool.first.answer(no);
    await second.answer('"result":{}');
    await second.answer(no);
    await acknowledged(watcher, 'a:1');
    updated(second, 'a:1');
    await vi.waitFor(() => expect(told(watcher)).toEqual(['a:1']));
  });

  it('stays watched when another session ends, and is subscribed to again in its successor', async () => {
    await using pool = await poolRig({ capabilities, maxSessions: 2 });
    const watcher = listen('a:1');
    void start(pool, watcher);
    await pool.first.answer('"result":{}');
    await acknowledged(watcher, 'a:1');
    for (const [n, declared] of [{}, forms].entries()) {
      const reply = pool.connection.service(tool({ capabilities: declared }));
      const end = await pool.session(n + 1);
      expect(await end.answer('"result":{}')).toContain(subscribe('a:1'));
      await end.answer(done);
      await reply;
    }
    await vi.waitFor(() => expect(pool.source.ends[1]?.closed).toBe(true));
    updated(pool.first, 'a:1');
    await vi.waitFor(() => expect(told(watcher)).toEqual(['a:1']));
  });

  it('is none of the business of other principals where sessions are kept apart', async () => {
    await using pool = await poolRig({ capabilities, perPrincipal: true });
    const watcher = listen('a:1');
    void start(pool, watcher);
    const own = await pool.session(1);
    expect(await own.answer('"result":{}')).toContain(subscribe('a:1'));
    await acknowledged(watcher, 'a:1');
    const other = await opened(pool, 2, { principal: 'bob' });
    expect(other.seen.join()).not.toContain('resources/subscribe');
    const reply = pool.connection.service(tool({ capabilities: forms }));
    const beside = await pool.session(3);
    expect(await beside.answer('"result":{}')).toContain(subscribe('a:1'));
    await beside.answer(done);
    await reply;
    updated(other, 'a:1');
    updated(beside, 'a:1/part');
    await vi.waitFor(() => expect(told(watcher)).toEqual(['a:1/part']));
  });

  it('is asked of no server that has no subscriptions', async () => {
    await using pool = await poolRig({ capabilities: '{"resources":{}}' });
    await opened(pool, 1);
    const watcher = listen('a:1');
    void start(pool, watcher);
    await acknowledged(watcher);
    const third = await opened(pool, 2, { capabilities: forms });
    expect([pool.first.seen.length, pool.source.ends[1]?.seen.length, third.seen.length]).toEqual([2, 3, 3]);
  });
});

describe('events of several sessions', () => {
  it('are told once where they say the same within a breath', async () => {
    await using pool = await poolRig({ capabilities });
    const second = await opened(pool, 1);
    const watcher = testCall('subscriptions/listen', {
      params: { notifications: { resourceSubscriptions: ['a:1', 'a:2'], toolsListChanged: true } },
    });
    void start(pool, watcher);
    for (const end of [pool.first, second, pool.first, second]) await end.answer('"result":{}');
    await answered(watcher);
    for (const end of [pool.first, second]) {
      changed(end, 'tools');
      updated(end, 'a:1');
    }
    updated(second, 'a:2');
    await vi.waitFor(() => expect(told(watcher)).toContain('a:2'));
    expect(told(watcher)).toEqual(['notifications/tools/list_changed', 'a:1', 'a:2']);
    updated(pool.first, 'a:1');
    await vi.waitFor(() => expect(told(watcher)).toHaveLength(4));
  });

  it('are told at once where there is one session, however often they come', async () => {
    await using pool = await poolRig({ capabilities });
    const watcher = listenToTools();
    void start(pool, watcher);
    await answered(watcher);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      changed(pool.first, 'tools');
      changed(pool.first, 'tools');
      for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
      expect(told(watcher)).toHaveLength(2);
    } finally {
      vi.useRealTimers();
    }
  });

  it('reach whoever listens in another session, also where sessions are kept apart', async () => {
    for (const perPrincipal of [false, true]) {
      await using pool = await poolRig({ capabilities, perPrincipal });
      const watcher = listenToTools();
      void start(pool, watcher);
      if (perPrincipal) await pool.session(1);
      await answered(watcher);
      changed(await opened(pool, perPrincipal ? 2 : 1, { principal: 'bob' }), 'tools');
      await vi.waitFor(() => expect(told(watcher)).toEqual(['notifications/tools/list_changed']));
    }
  });

  it('do not wait for the end of the breath once there are a thousand', async () => {
    await using pool = await poolRig({ capabilities });
    const second = await opened(pool, 1);
    const watcher = listen('a:');
    void start(pool, watcher);
    await pool.first.answer('"result":{}');
    await second.answer('"result":{}');
    await acknowledged(watcher, 'a:');
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      for (let n = 0; n < 1_001; n++) updated(second, `a:/${n}`);
      for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
      expect(told(watcher)).toHaveLength(1_000);
      await vi.advanceTimersByTimeAsync(50);
      expect(told(watcher)).toHaveLength(1_001);
    } finally {
      vi.useRealTimers();
    }
  });
});
