import { describe, expect, it } from 'vitest';
import { testCall } from '../../testing/call.ts';
import { createParking } from './parking.ts';
import { asked, call, elicit, everything, retry, session } from './testing/old-server.ts';

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

  it.each([
    ['of the same caller, which cannot be interrupted', { capabilities: everything }, {}],
    ['that this process fetches in its own name', {}, { principal: 'the gateway', own: true }],
  ])('finds its call beside a list %s', async (_whose, overrides, caller) => {
    await using rig = await session();
    const listing = testCall('tools/list', overrides);
    const list = rig.connection.service({ ...listing, caller: { ...listing.caller, ...caller } });
    const first = asked(rig, call());
    await rig.end.next();
    await rig.end.next();
    rig.end.send(elicit(11));
    await first;
    rig.end.send('{"jsonrpc":"2.0","id":2,"result":{"tools":[]}}');
    await list;
  });

  it('is refused beside a list of another caller', async () => {
    await using rig = await session();
    const list = rig.connection.service(testCall('tools/list', { principal: 'bob' }));
    const reply = rig.connection.service(call());
    await rig.end.next();
    await rig.end.next();
    rig.end.send(elicit(11));
    expect(await rig.end.next()).toContain('several calls are in flight');
    for (const id of [2, 3]) rig.end.send(`{"jsonrpc":"2.0","id":${id},"result":{"tools":[]}}`);
    await Promise.all([list, reply]);
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
