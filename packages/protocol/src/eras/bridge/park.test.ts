import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Call } from '../../call.ts';
import { createPipePair } from '../../memory/pipe-pair.ts';
import { testCall } from '../../testing/call.ts';
import { initializeResult } from '../../testing/pipes.ts';
import { wireEnd, type WireEnd } from '../../testing/wire-end.ts';
import type { Connection } from '../../transport.ts';
import { connectLegacy } from '../legacy/client/client.ts';
import type { PipeConnectOptions } from '../pipe/pipe-options.ts';
import { createParking, type Parking } from './parking.ts';

interface Rig extends AsyncDisposable {
  readonly connection: Connection;
  readonly end: WireEnd;
  readonly parking: Parking;
}

async function session(options: Partial<PipeConnectOptions> = {}): Promise<Rig> {
  const [near, far] = createPipePair();
  const end = wireEnd(far);
  const parking = options.parking ?? createParking();
  const connecting = connectLegacy(near, {
    upstream: 'old',
    clientInfo: { name: 'toolyard', version: '1.0.0' },
    wire: 'memory',
    parking,
    ...options,
  });
  await end.answer(initializeResult('{"tools":{}}'));
  await end.next();
  const connection = await connecting;
  return { connection, end, parking, [Symbol.asyncDispose]: () => connection.close() };
}

const everything = { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} };
const call = (overrides: Parameters<typeof testCall>[1] = {}): ReturnType<typeof testCall> =>
  testCall('tools/call', { params: { name: 'a' }, capabilities: everything, ...overrides });
const elicit = (id: string | number): string =>
  `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"method":"elicitation/create","params":{"message":"Who?","n":1.0,"_meta":{"progressToken":5}}}`;

interface Asked {
  readonly state: string;
  readonly requests: unknown;
}

async function asked(rig: Rig, first: Call): Promise<Asked> {
  const { result } = await rig.connection.service(first);
  expect(result.string('resultType')).toBe('input_required');
  return { state: String(result.string('requestState')), requests: result.object('inputRequests')?.value };
}

const retry = (
  state: string,
  inputResponses: unknown,
  overrides: Parameters<typeof testCall>[1] = {},
): ReturnType<typeof testCall> => call({ params: { name: 'a', inputResponses, requestState: state }, ...overrides });

afterEach(() => {
  vi.useRealTimers();
});

describe('a question of a server before 2026-07-28 in the middle of a call', () => {
  it('ends the call with input_required, and the retry brings the answer and gets the result', async () => {
    await using rig = await session();
    const first = rig.connection.service(call());
    await rig.end.next();
    rig.end.send(elicit('q'));
    const { result } = await first;
    expect(result.text).toContain(
      '"inputRequests":{"q1":{"method":"elicitation/create","params":{"message":"Who?","n":1.0}}}',
    );
    const second = rig.connection.service(
      retry(String(result.string('requestState')), { q1: { action: 'accept', content: { a: 1 } } }),
    );
    expect(await rig.end.next()).toBe('{"jsonrpc":"2.0","id":"q","result":{"action":"accept","content":{"a":1}}}');
    expect(rig.end.lanes.at(-1)).toBe('"q"');
    rig.end.send('{"jsonrpc":"2.0","id":2,"result":{"content":[]}}');
    expect((await second).result.value).toEqual({ resultType: 'complete', content: [] });
    expect(rig.parking.size).toBe(0);
    expect(rig.end.seen.filter((message) => message.includes('tools/call'))).toHaveLength(1);
  });

  it('goes with others that come at the same time', async () => {
    await using rig = await session();
    const first = asked(rig, call());
    await rig.end.next();
    rig.end.send(elicit(11));
    rig.end.send('{"jsonrpc":"2.0","id":12,"method":"roots/list"}');
    const { requests } = await first;
    expect(requests).toEqual({
      q1: { method: 'elicitation/create', params: { message: 'Who?', n: 1 } },
      q2: { method: 'roots/list' },
    });
  });

  it('that comes while the call is parked waits for the next round, and so does one that was not answered', async () => {
    await using rig = await session();
    const first = asked(rig, call());
    await rig.end.next();
    rig.end.send(elicit(11));
    const one = await first;
    rig.end.send('{"jsonrpc":"2.0","id":12,"method":"roots/list"}');
    await new Promise((resolve) => setImmediate(resolve));
    const two = await asked(rig, retry(one.state, { q1: { action: 'decline' }, unknown: {} }));
    expect(await rig.end.next()).toBe('{"jsonrpc":"2.0","id":11,"result":{"action":"decline"}}');
    expect(two.requests).toEqual({ q2: { method: 'roots/list' } });
    expect(two.state).not.toBe(one.state);
    const three = await asked(rig, retry(two.state, {}));
    expect(three.requests).toEqual(two.requests);
    const last = rig.connection.service(retry(three.state, { q2: { roots: [] } }));
    await rig.end.next();
    rig.end.send('{"jsonrpc":"2.0","id":2,"result":{}}');
    await last;
  });

  it('may be withdrawn by the server: its answer is then kept back', async () => {
    await using rig = await session();
    const first = asked(rig, call());
    await rig.end.next();
    rig.end.send(elicit(11));
    const { state } = await first;
    rig.end.send('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":11}}');
    rig.end.send('{"jsonrpc":"2.0","id":2,"result":{"content":[]}}');
    await new Promise((resolve) => setImmediate(resolve));
    expect((await rig.connection.service(retry(state, { q1: { action: 'accept' } }))).result.value).toEqual({
      resultType: 'complete',
      content: [],
    });
    expect(rig.end.seen).toHaveLength(3);
  });

  it('has a state that works once, for its caller and its call', async () => {
    await using rig = await session();
    const first = asked(rig, call());
    await rig.end.next();
    rig.end.send(elicit(11));
    const { state } = await first;
    for (const foreign of [
      retry(state, {}, { principal: 'eve' }),
      retry(state, {}, { tenant: 'other' }),
      retry('made-up', {}),
    ]) {
      await expect(rig.connection.service(foreign)).rejects.toMatchObject({ code: 'STATE_INVALID' });
    }
    const second = rig.connection.service(retry(state, { q1: { action: 'accept' } }));
    await expect(rig.connection.service(retry(state, { q1: { action: 'accept' } }))).rejects.toMatchObject({
      code: 'STATE_INVALID',
    });
    await rig.end.next();
    rig.end.send('{"jsonrpc":"2.0","id":2,"result":{}}');
    await second;
  });

  it('is refused where the caller did not declare that it can be asked', async () => {
    await using rig = await session();
    const reply = rig.connection.service(call({ capabilities: { elicitation: { url: {} } } }));
    await rig.end.next();
    rig.end.send(elicit(11));
    expect(await rig.end.next()).toContain('the caller did not declare elicitation.form.');
    rig.end.send('{"jsonrpc":"2.0","id":2,"result":{}}');
    await reply;
  });

  it('is one of so many and no more', async () => {
    await using rig = await session();
    const first = asked(rig, call());
    await rig.end.next();
    for (let id = 1; id <= 65; id++) rig.end.send(elicit(id));
    expect(await rig.end.next()).toBe('{"jsonrpc":"2.0","id":65,"result":{"action":"cancel"}}');
    expect(Object.keys((await first).requests ?? {})).toHaveLength(64);
  });

  it('is refused where no call is in flight', async () => {
    await using rig = await session();
    rig.end.send(elicit('q'));
    expect(await rig.end.next()).toContain('"id":"q","error":{"code":-32601');
  });

  it('finds its call beside one of the same caller that is parked', async () => {
    await using rig = await session();
    const first = asked(rig, call());
    await rig.end.next();
    rig.end.send(elicit(11));
    const one = await first;
    const second = asked(rig, call());
    await rig.end.next();
    rig.end.send(elicit(12));
    const two = await second;
    const replies = [
      rig.connection.service(retry(two.state, { q1: { action: 'accept' } })),
      rig.connection.service(retry(one.state, { q1: { action: 'accept' } })),
    ];
    expect(
      [await rig.end.next(), await rig.end.next()].map((message) => (JSON.parse(message) as { id: number }).id),
    ).toEqual([12, 11]);
    for (const id of [2, 3]) rig.end.send(`{"jsonrpc":"2.0","id":${id},"result":{}}`);
    await Promise.all(replies);
  });

  it('finds its call beside a list of the same caller, which cannot be interrupted', async () => {
    await using rig = await session();
    const list = rig.connection.service(testCall('tools/list', { capabilities: everything }));
    const first = asked(rig, call());
    await rig.end.next();
    await rig.end.next();
    rig.end.send(elicit(11));
    await first;
    rig.end.send('{"jsonrpc":"2.0","id":2,"result":{"tools":[]}}');
    await list;
  });

  it('is refused beside a parked call of another caller, which might have asked it', async () => {
    await using rig = await session();
    const first = asked(rig, call({ principal: 'ada' }));
    await rig.end.next();
    rig.end.send(elicit(11));
    await first;
    const other = rig.connection.service(call({ principal: 'bob' }));
    await rig.end.next();
    rig.end.send(elicit(12));
    expect(await rig.end.next()).toContain('"id":12,"error"');
    rig.end.send('{"jsonrpc":"2.0","id":3,"result":{}}');
    await other;
  });

  it('is refused where several calls are in flight and nothing tells whose it is', async () => {
    await using rig = await session();
    const replies = [rig.connection.service(call()), rig.connection.service(call())];
    await rig.end.next();
    await rig.end.next();
    rig.end.send(elicit(11));
    expect(await rig.end.next()).toContain('several calls are in flight');
    for (const id of [2, 3]) rig.end.send(`{"jsonrpc":"2.0","id":${id},"result":{}}`);
    await Promise.all(replies);
  });

  it('finds its call by its lane', async () => {
    await using rig = await session();
    const one = rig.connection.service(call());
    const two = asked(rig, call());
    await rig.end.next();
    await rig.end.next();
    rig.end.send(elicit(11), '3');
    await two;
    rig.end.send('{"jsonrpc":"2.0","id":2,"result":{}}');
    await one;
  });

  it('is refused where the method of the call cannot be interrupted', async () => {
    await using rig = await session();
    const reply = rig.connection.service(testCall('tools/list', { capabilities: everything }));
    await rig.end.next();
    rig.end.send(elicit(11));
    expect(await rig.end.next()).toContain('no call is in flight that could be asked');
    rig.end.send('{"jsonrpc":"2.0","id":2,"result":{"tools":[]}}');
    await reply;
  });

  it('is answered with cancel where no more calls may be parked, and the call goes on', async () => {
    await using rig = await session({ parking: createParking({ maxParked: 0 }) });
    const reply = rig.connection.service(call());
    await rig.end.next();
    rig.end.send(elicit(11));
    rig.end.send('{"jsonrpc":"2.0","id":12,"method":"roots/list"}');
    expect(await rig.end.next()).toBe('{"jsonrpc":"2.0","id":11,"result":{"action":"cancel"}}');
    expect(await rig.end.next()).toContain('"id":12,"error":{"code":-1,');
    rig.end.send('{"jsonrpc":"2.0","id":2,"result":{}}');
    await reply;
  });
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
