import { createParking } from '@toolyard/protocol';
import { describe, expect, it } from 'vitest';
import { type BridgeYard, bridgeYard } from '../testing/bridge-yard.ts';
import { legacySession } from '../testing/raw-session.ts';

type Server = 'http' | 'pipe';
const servers: Server[] = ['http', 'pipe'];

const asking = (server: Server, label: string, times = 1): Record<string, unknown> => ({
  name: `${server}__ask`,
  arguments: { kind: 'elicit', label, times },
});

const answered = (requestState: unknown, answer = 'yes'): Record<string, unknown> => ({
  requestState,
  inputResponses: { q1: { action: 'accept', content: { answer } }, q2: { action: 'accept', content: { answer } } },
});

/** Calls, and gives the state under which the call waits. */
async function park(yard: BridgeYard, who: string, params: Record<string, unknown>): Promise<string> {
  const { result, error } = await yard.call(who, params);
  expect({ error, type: result?.resultType }).toEqual({ error: undefined, type: 'input_required' });
  return result?.requestState ?? '';
}

describe.each(servers)('a call that waits at a server of 2025-11-25 over %s', (server) => {
  it('is resumed by a retry on another connection, once for each question', async () => {
    await using yard = await bridgeYard();
    const params = asking(server, 'twice', 2);
    const first = await park(yard, 'ada', params);
    const second = await park(yard, 'ada', { ...params, ...answered(first, 'one') });
    expect(second).not.toBe(first);
    const { result } = await yard.call('ada', { ...params, ...answered(second, 'two') });
    expect(result?.content).toEqual([{ type: 'text', text: 'one | two' }]);
  });

  it('is resumed by nobody else, for no other call and with no other state, and nobody is told why', async () => {
    await using yard = await bridgeYard();
    const params = asking(server, 'mine');
    const state = await park(yard, 'ada', params);
    const other = server === 'http' ? 'pipe' : 'http';
    const flipped = `${state.slice(0, 30)}${state[30] === 'A' ? 'B' : 'A'}${state.slice(31)}`;
    const attempts: [string, Record<string, unknown>][] = [
      ['bob', { ...params, ...answered(state) }],
      ['ada', { ...asking(server, 'another'), ...answered(state) }],
      ['ada', { ...asking(other, 'mine'), ...answered(state) }],
      ['ada', { name: `${server}__panel`, arguments: params['arguments'], ...answered(state) }],
      ...[flipped, state.slice(0, -1), `${state}A`, '', 'x'].map((forged): [string, Record<string, unknown>] => [
        'ada',
        { ...params, ...answered(forged) },
      ]),
    ];
    const refusals = new Set<string>();
    for (const [who, attempt] of attempts) refusals.add(JSON.stringify((await yard.call(who, attempt)).error));
    const reason = 'unknown, used, expired, or made for another request';
    expect([...refusals].map((refusal) => JSON.parse(refusal))).toEqual([
      { code: -32602, message: `The requestState is ${reason}.`, data: { code: 'STATE_INVALID', reason } },
    ]);
    const { result } = await yard.call('ada', { ...params, ...answered(state) });
    expect(result?.content).toEqual([{ type: 'text', text: 'yes' }]);
    expect((await yard.call('ada', { ...params, ...answered(state) })).error).toMatchObject({
      data: { code: 'STATE_INVALID' },
    });
  });

  it('goes on where it began while its server is restarted, over several questions', async () => {
    await using yard = await bridgeYard();
    const params = asking(server, 'restart', 2);
    const first = await park(yard, 'ada', params);
    const { ended } = await yard.restart(server);
    const second = await park(yard, 'ada', { ...params, ...answered(first, 'one') });
    const { result } = await yard.call('ada', { ...params, ...answered(second, 'two') });
    expect(result?.content).toEqual([{ type: 'text', text: 'one | two' }]);
    await ended;
    await park(yard, 'ada', asking(server, 'afterwards'));
  });

  it('of a client of 2025-11-25, who is asked in the middle of it, goes on while its server is restarted', async () => {
    await using yard = await bridgeYard();
    const session = await legacySession(yard.endpoint, {
      capabilities: { elicitation: {} },
      headers: { 'x-who': 'ada' },
    });
    const call = await session.call(5, `${server}__ask`, { kind: 'elicit', label: 'old', times: 1 });
    const question = await call.nextMessage();
    const { ended } = await yard.restart(server);
    await session.answer(question['id'], { action: 'accept', content: { answer: 'yes' } });
    expect(await call.nextMessage()).toMatchObject({ id: 5, result: { content: [{ text: 'yes' }] } });
    await ended;
    call.drop();
  });

  it('is given up when nobody comes back: the question is answered with cancel, the call cancelled, a late retry refused', async () => {
    await using yard = await bridgeYard({ parking: createParking({ ttlMs: 200 }) });
    const params = asking(server, 'late', 2);
    const state = await park(yard, 'ada', params);
    await yard.noted(server, 'answered late cancel');
    // Over HTTP both are on their way at once, and a server that has failed by then has nothing to cancel.
    if (server === 'pipe') await yard.noted(server, 'cancelled late');
    expect((await yard.call('ada', { ...params, ...answered(state) })).error).toMatchObject({
      code: -32602,
      data: { code: 'STATE_INVALID' },
    });
  });
});

it('a client of 2025-11-25 that loses its connection finds the question when it comes back, and can answer it', async () => {
  await using yard = await bridgeYard();
  const session = await legacySession(yard.endpoint, {
    capabilities: { elicitation: {} },
    headers: { 'x-who': 'ada' },
  });
  const lost = await session.call(5, 'http__ask', { kind: 'elicit', label: 'away', times: 2 });
  const eventId = await lost.nextId();
  const missed = await lost.nextMessage();
  expect(missed).toMatchObject({ method: 'elicitation/create', params: { message: 'away 1' } });
  lost.drop();
  await session.answer(missed['id'], { action: 'accept', content: { answer: 'one' } });
  const again = await session.resume(eventId);
  const question = await again.nextMessage().then((message) => ('result' in message ? message : again.nextMessage()));
  expect(question).toMatchObject({ method: 'elicitation/create', params: { message: 'away 2' } });
  await session.answer(question['id'], { action: 'accept', content: { answer: 'two' } });
  expect(await again.nextMessage()).toMatchObject({ id: 5, result: { content: [{ text: 'one | two' }] } });
  again.drop();
});

describe('two callers of one server of 2025-11-25', () => {
  it('are asked at the same time where its questions come in lanes', async () => {
    await using yard = await bridgeYard();
    const states = await Promise.all(['ada', 'bob'].map((who) => park(yard, who, asking('http', who))));
    const replies = await Promise.all(
      ['ada', 'bob'].map((who, at) => yard.call(who, { ...asking('http', who), ...answered(states[at], who) })),
    );
    expect(replies.map(({ result }) => result?.content?.[0]?.text)).toEqual(['ada', 'bob']);
  });

  it('wait for one another over a pipe: the question of the second is refused rather than put to the wrong one', async () => {
    await using yard = await bridgeYard();
    const state = await park(yard, 'ada', asking('pipe', 'ada'));
    const refused = await yard.call('bob', asking('pipe', 'bob'));
    expect(JSON.stringify(refused)).toContain('nothing tells which of them it is about');
    await yard.call('ada', { ...asking('pipe', 'ada'), ...answered(state) });
    await park(yard, 'bob', asking('pipe', 'bob'));
  });

  it('do not where each has a session, and so a process, of their own', async () => {
    await using yard = await bridgeYard({ pipeSessions: { policy: 'profiles', perPrincipal: true } });
    const states = await Promise.all(['ada', 'bob'].map((who) => park(yard, who, asking('pipe', who))));
    const replies = await Promise.all(
      ['ada', 'bob'].map((who, at) => yard.call(who, { ...asking('pipe', who), ...answered(states[at], who) })),
    );
    expect(replies.map(({ result }) => result?.content?.[0]?.text)).toEqual(['ada', 'bob']);
  });
});
