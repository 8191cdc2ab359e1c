import { type Call, type Listener, RawObject, type Reply, type Service } from '@toolyard/protocol';
import { describe, expect, it } from 'vitest';
import type { HttpServeOptions } from '../options.ts';
import { serverInfo, serviceOf, textReply } from '../testing/calls.ts';
import { openSession, toolRequest } from '../testing/legacy-session.ts';
import { echo } from '../testing/listeners.ts';
import { ask, type Message, messagesIn, modernHeaders } from '../testing/raw-http.ts';
import { httpTransport } from '../transport.ts';

const tools = {
  echo,
  async steps(call: Call): Promise<Reply> {
    await call.notify({
      method: 'notifications/progress',
      params: RawObject.of({ progressToken: call.progressToken, progress: 1 }),
    });
    return textReply('steps');
  },
};

function serve(service: Service = serviceOf(tools), options: Partial<HttpServeOptions> = {}): Promise<Listener> {
  return httpTransport().serve(service, { serverInfo, ...options });
}

const note = { jsonrpc: '2.0', method: 'notifications/roots/list_changed' };
const response = { jsonrpc: '2.0', id: 1, result: {} };
const parsed = (text: string): Message[] => JSON.parse(text) as Message[];

describe('a batch of a client of 2025-03-26', () => {
  it('is answered with an array, each request with its own reply', async () => {
    await using listener = await serve();
    const inside = await openSession(listener.address, '2025-03-26');
    const body = [toolRequest('echo', 'a'), note, { jsonrpc: '2.0', id: 2, method: 'ping' }, toolRequest('nothing', 3)];
    const answer = await ask(listener.address, { headers: inside, body });
    expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' } });
    const replies = parsed(answer.body);
    expect(replies).toHaveLength(3);
    expect(replies).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ id: 'a', result: { content: [{ type: 'text', text: 'hi' }] } }),
        expect.objectContaining({ id: 2, result: {} }),
        expect.objectContaining({ id: 3, error: expect.objectContaining({ code: -32602 }) as unknown }),
      ]),
    );
  });

  it('of one is answered with an array of one', async () => {
    await using listener = await serve();
    const inside = await openSession(listener.address, '2025-03-26');
    const answer = await ask(listener.address, { headers: inside, body: [toolRequest('echo', 1)] });
    expect(parsed(answer.body)).toMatchObject([{ id: 1 }]);
  });

  it('is answered with one event stream where there is more to say', async () => {
    await using listener = await serve();
    const inside = await openSession(listener.address, '2025-03-26');
    const body = [toolRequest('steps', 1, { _meta: { progressToken: 'p' } }), toolRequest('echo', 2)];
    const messages = messagesIn((await ask(listener.address, { headers: inside, body })).body);
    expect(new Set(messages.map(({ id, method }) => id ?? method))).toEqual(new Set([1, 2, 'notifications/progress']));
    expect(messages.findIndex(({ method }) => method !== undefined)).toBeLessThan(
      messages.findIndex(({ id }) => id === 1),
    );
  });

  it('is answered with an event stream where the client takes nothing else', async () => {
    await using listener = await serve();
    const inside = { ...(await openSession(listener.address, '2025-03-26')), accept: 'text/event-stream' };
    const answer = await ask(listener.address, {
      headers: inside,
      body: [toolRequest('echo', 1), toolRequest('echo', 2)],
    });
    expect(messagesIn(answer.body).map(({ id }) => id)).toEqual([1, 2]);
  });

  it.each([
    ['notifications', [note, note]],
    ['responses', [response, { ...response, id: 2 }]],
  ])('of %s only is accepted and not answered', async (_, body) => {
    await using listener = await serve();
    const inside = await openSession(listener.address, '2025-03-26');
    expect(await ask(listener.address, { headers: inside, body })).toMatchObject({ status: 202, body: '' });
  });

  it('leaves out the reply to a request that it cancels', async () => {
    const aborted = Promise.withResolvers<void>();
    const wait = (call: Call): Promise<never> =>
      new Promise((_, reject) => {
        const end = (): void => (aborted.resolve(), reject(new Error('aborted')));
        if (call.signal.aborted) end();
        else call.signal.addEventListener('abort', end);
      });
    await using listener = await serve(serviceOf({ ...tools, wait }));
    const inside = await openSession(listener.address, '2025-03-26');
    const cancel = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } };
    const answer = await ask(listener.address, {
      headers: inside,
      body: [toolRequest('wait', 1), toolRequest('echo', 2), cancel],
    });
    await aborted.promise;
    expect(parsed(answer.body)).toMatchObject([{ id: 2 }]);
  });

  it.each<[string, unknown]>([
    ['that is empty', []],
    ['of requests and responses', [toolRequest('echo', 1), response]],
    ['of notifications and responses', [note, response]],
    [
      'with an id twice, whatever its spelling',
      '[{"jsonrpc":"2.0","id":"a","method":"ping"},{"jsonrpc":"2.0","id":"\\u0061","method":"ping"}]',
    ],
    ['with initialize', [toolRequest('echo', 1), { jsonrpc: '2.0', id: 2, method: 'initialize', params: {} }]],
    ['with something that is no message', [toolRequest('echo', 1), 7]],
    ['in a batch', [[toolRequest('echo', 1)]]],
    ['of more messages than the bound', Array.from({ length: 101 }, (_, at) => toolRequest('echo', at))],
    ['that is no JSON', '[{"jsonrpc":"2.0",'],
  ])('%s is refused, and nothing of it is run', async (_, body) => {
    let runs = 0;
    await using listener = await serve(serviceOf({ echo: () => ((runs += 1), textReply('x')) }));
    const inside = await openSession(listener.address, '2025-03-26');
    const answer = await ask(listener.address, { headers: inside, body });
    expect(answer.status).toBe(400);
    expect([-32600, -32700]).toContain(answer.json.error?.code);
    expect(runs).toBe(0);
  });

  it('may be as big as the bound', async () => {
    await using listener = await serve(undefined, { maxBatch: 3 });
    const inside = await openSession(listener.address, '2025-03-26');
    const batch = (size: number) => Array.from({ length: size }, (_, at) => toolRequest('echo', at));
    expect(parsed((await ask(listener.address, { headers: inside, body: batch(3) })).body)).toHaveLength(3);
    expect((await ask(listener.address, { headers: inside, body: batch(4) })).status).toBe(400);
  });
});

describe('a batch is refused', () => {
  it.each(['2024-11-05', '2025-06-18', '2025-11-25'])('in a session of %s', async (revision) => {
    await using listener = await serve();
    const inside = await openSession(listener.address, revision);
    const answer = await ask(listener.address, { headers: inside, body: [toolRequest('echo', 1)] });
    expect(answer).toMatchObject({ status: 400, json: { error: { code: -32600 } } });
  });

  it('without a session, also from a client of 2026-07-28', async () => {
    await using listener = await serve();
    for (const headers of [modernHeaders('tools/call'), { 'content-type': 'application/json' }])
      expect((await ask(listener.address, { headers, body: [toolRequest('echo', 1)] })).status).toBe(400);
  });
});
