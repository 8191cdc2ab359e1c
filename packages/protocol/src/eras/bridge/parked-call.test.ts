import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createParking } from './parking.ts';
import { asked, call, elicit, retry, type Rig, session } from './testing/old-server.ts';

afterEach(() => {
  vi.useRealTimers();
});

describe('a parked call', () => {
  const fake = { toFake: ['setTimeout', 'clearTimeout', 'performance'] } as const;

  /** Under a clock of ours: lets the question arrive, and the time pass in which others may join it. */
  async function gathered(): Promise<void> {
    if (!vi.isFakeTimers()) return;
    for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
    await vi.advanceTimersByTimeAsync(10);
  }

  async function park(rig: Rig, first = call()): Promise<string> {
    const asking = asked(rig, first);
    await rig.end.next();
    rig.end.send(elicit(11));
    await gathered();
    return (await asking).state;
  }

  it('is abandoned when nobody comes back: the question is answered with cancel, the call cancelled', async () => {
    vi.useFakeTimers({ toFake: [...fake.toFake] });
    await using rig = await session({ parking: createParking({ ttlMs: 1_000 }) });
    const state = await park(rig);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await rig.end.next()).toBe('{"jsonrpc":"2.0","id":11,"result":{"action":"cancel"}}');
    expect(await rig.end.next()).toBe('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2}}');
    await expect(rig.connection.service(retry(state, {}))).rejects.toMatchObject({ code: 'STATE_INVALID' });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('has no timeout while the caller is asked, and a whole one after', async () => {
    vi.useFakeTimers({ toFake: [...fake.toFake] });
    await using rig = await session({ timeoutMs: 100, maxTimeoutMs: 150 });
    const first = asked(rig, call({ deadlineMs: performance.now() + 90 }));
    await rig.end.next();
    await vi.advanceTimersByTimeAsync(60);
    rig.end.send(elicit(11));
    await gathered();
    const { state } = await first;
    await vi.advanceTimersByTimeAsync(10_000);
    const second = rig.connection.service(retry(state, { q1: { action: 'accept' } }));
    const failed = second.catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(89);
    expect(rig.end.seen.at(-1)).toContain('"id":11,"result"');
    await vi.advanceTimersByTimeAsync(1);
    expect(await failed).toMatchObject({ code: 'UPSTREAM_TIMEOUT', facts: { afterMs: 150 } });
    expect(await rig.end.next()).toBe('{"jsonrpc":"2.0","id":11,"result":{"action":"accept"}}');
    expect(await rig.end.next()).toContain('notifications/cancelled');
  });

  it('no longer listens to the call that was answered, and does to the one that came back', async () => {
    await using rig = await session();
    const first = call();
    const state = await park(rig, first);
    first.abort();
    const second = retry(state, { q1: { action: 'accept' } });
    const reply = rig.connection.service(second);
    expect(await rig.end.next()).toBe('{"jsonrpc":"2.0","id":11,"result":{"action":"accept"}}');
    second.abort();
    await expect(reply).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await rig.end.next()).toBe('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2}}');
  });

  it('is let go of by a retry that is cancelled before it comes: its server hears so, and nothing waits any longer', async () => {
    await using rig = await session();
    const gone = retry(await park(rig), undefined);
    gone.abort();
    await expect(rig.connection.service(gone)).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await rig.end.next()).toBe('{"jsonrpc":"2.0","id":11,"result":{"action":"cancel"}}');
    expect(await rig.end.next()).toBe('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2}}');
    expect(rig.parking.size).toBe(0);
  });

  it('reports progress to whoever waits for it now', async () => {
    await using rig = await session();
    const first = call({ progressToken: 'one' });
    const state = await park(rig, first);
    rig.end.send('{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":2,"progress":1}}');
    const second = retry(state, { q1: { action: 'accept' } }, { progressToken: 'two' });
    await new Promise((resolve) => setImmediate(resolve));
    const reply = rig.connection.service(second);
    rig.end.send('{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":2,"progress":2}}');
    rig.end.send('{"jsonrpc":"2.0","id":2,"result":{}}');
    await reply;
    expect([first.notified, second.notified]).toEqual([
      [],
      [{ method: 'notifications/progress', params: { progressToken: 'two', progress: 2 } }],
    ]);
  });

  it('keeps a failure that came in between for the retry', async () => {
    await using rig = await session();
    const state = await park(rig);
    rig.end.send('{"jsonrpc":"2.0","id":2,"error":{"code":-5,"message":"waited too long"}}');
    await new Promise((resolve) => setImmediate(resolve));
    await expect(rig.connection.service(retry(state, {}))).rejects.toMatchObject({
      code: 'UPSTREAM_ERROR',
      message: 'waited too long',
    });
  });

  it('is found by a retry that comes by another connection of its client, and to the server that came back', async () => {
    const parking = createParking();
    await using before = await session({ parking });
    const state = await park(before);
    await using after = await session({ parking });
    const reply = after.connection.service(retry(state, { q1: { action: 'accept' } }));
    expect(await before.end.next()).toBe('{"jsonrpc":"2.0","id":11,"result":{"action":"accept"}}');
    before.end.send('{"jsonrpc":"2.0","id":2,"result":{}}');
    expect((await reply).result.value).toEqual({ resultType: 'complete' });
  });

  it('whose server went away says so to the retry, once', async () => {
    const parking = createParking();
    await using before = await session({ parking });
    const state = await park(before);
    await before.end.close();
    await using after = await session({ parking });
    await expect(after.connection.service(retry(state, { q1: { action: 'accept' } }))).rejects.toMatchObject({
      code: 'UPSTREAM_CLOSED',
    });
    await expect(after.connection.service(retry(state, {}))).rejects.toMatchObject({ code: 'STATE_INVALID' });
  });

  it('goes to the first of two retries that come at once', async () => {
    await using rig = await session();
    const state = await park(rig);
    const retries = [0, 1].map(() => rig.connection.service(retry(state, { q1: { action: 'accept' } })));
    const outcomes = Promise.allSettled(retries);
    await rig.end.next();
    rig.end.send('{"jsonrpc":"2.0","id":2,"result":{}}');
    expect(
      (await outcomes).map((outcome) =>
        outcome.status === 'fulfilled' ? 'done' : (outcome.reason as { code: string }).code,
      ),
    ).toEqual(['done', 'STATE_INVALID']);
  });

  it('is not resumed by a state that was altered, whatever was done to it', async () => {
    await using rig = await session();
    const state = await park(rig);
    await fc.assert(
      fc.asyncProperty(fc.nat(state.length), fc.nat(3), fc.string({ maxLength: 4 }), async (at, cut, put) => {
        const altered = state.slice(0, at) + put + state.slice(at + cut);
        fc.pre(altered !== state);
        await expect(rig.connection.service(retry(altered, {}))).rejects.toMatchObject({
          code: 'STATE_INVALID',
          message: 'The requestState is unknown, used, expired, or made for another request.',
        });
      }),
    );
    await expect(rig.connection.service(call({ params: { name: 'a', requestState: 7 } }))).rejects.toMatchObject({
      code: 'STATE_INVALID',
    });
    expect((await asked(rig, retry(state, {}))).requests).toBeDefined();
  });

  it('is asked again where a retry brings no answers, or some without a name it knows', async () => {
    await using rig = await session();
    let state = await park(rig);
    for (const responses of [undefined, {}, { other: { action: 'accept' } }, { q1: 'yes' }]) {
      const next = await asked(rig, retry(state, responses));
      expect(next.requests).toEqual({ q1: { method: 'elicitation/create', params: { message: 'Who?', n: 1 } } });
      state = next.state;
    }
    const last = rig.connection.service(retry(state, { q1: { action: 'accept' } }));
    await rig.end.next();
    rig.end.send('{"jsonrpc":"2.0","id":2,"result":{}}');
    await last;
  });

  it('leaves the parking with its connection', async () => {
    const rig = await session();
    const state = await park(rig);
    expect(rig.parking.size).toBe(1);
    await rig.connection.close();
    await vi.waitFor(() => expect(rig.parking.size).toBe(0));
    await expect(rig.connection.service(retry(state, {}))).rejects.toMatchObject({ code: 'CLOSED' });
    expect(rig.end.seen.at(-1)).toBe('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2}}');
  });

  it('takes answers without a state for a new call', async () => {
    await using rig = await session();
    const reply = rig.connection.service(call({ params: { name: 'a', inputResponses: { q1: {} } } }));
    expect(await rig.end.answer('"result":{}')).toBe(
      '{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"a"}}',
    );
    await reply;
  });
});
