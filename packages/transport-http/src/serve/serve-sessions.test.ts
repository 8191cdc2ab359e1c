import { RawObject } from '@toolyard/protocol';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { serviceOf, textReply } from '../testing/calls.ts';
import { initialize, openSession, stand, toolRequest } from '../testing/legacy-session.ts';
import { serve } from '../testing/listeners.ts';
import { ask, messagesIn } from '../testing/raw-http.ts';

describe('a session', () => {
  it('opens with initialize and has an id that cannot be guessed', async () => {
    await using listener = await serve();
    const [first, second] = [await initialize(listener.address), await initialize(listener.address)];
    expect(first.json.result).toMatchObject({
      protocolVersion: '2025-11-25',
      serverInfo: { name: 'server' },
      capabilities: { tools: {} },
    });
    expect(first.headers['mcp-session-id']).toMatch(/^[A-Za-z0-9_-]{32}$/);
    expect(second.headers['mcp-session-id']).not.toBe(first.headers['mcp-session-id']);
  });

  it('answers with JSON where there is nothing but the reply', async () => {
    await using listener = await serve();
    const inside = await openSession(listener.address);
    const answer = await ask(listener.address, { headers: inside, body: toolRequest('echo') });
    expect(answer.headers['content-type']).toBe('application/json');
    expect(answer.json).toMatchObject({ id: 2, result: { content: [{ type: 'text', text: 'hi' }] } });
    expect(answer.json.result).not.toHaveProperty('resultType');
  });

  it('answers with events where there is more, each call on its own response', async () => {
    await using listener = await serve(
      serviceOf({
        async steps(given) {
          await given.notify({
            method: 'notifications/progress',
            params: RawObject.of({ progressToken: given.progressToken, progress: 1 }),
          });
          return textReply('done');
        },
      }),
    );
    const inside = await openSession(listener.address);
    const answers = await Promise.all(
      [2, 3].map((id) =>
        ask(listener.address, {
          headers: inside,
          body: toolRequest('steps', id, { _meta: { progressToken: `t${id}` } }),
        }),
      ),
    );
    expect(answers.map(({ body }) => messagesIn(body))).toMatchObject(
      [2, 3].map((id) => [
        { method: 'notifications/progress', params: { progressToken: `t${id}`, progress: 1 } },
        { id, result: {} },
      ]),
    );
  });

  it('ends with DELETE; what comes after gets 404', async () => {
    await using listener = await serve();
    const inside = await openSession(listener.address);
    expect((await ask(listener.address, { method: 'DELETE', headers: inside })).status).toBe(200);
    expect((await ask(listener.address, { headers: inside, body: toolRequest('echo') })).status).toBe(404);
    expect(
      (await ask(listener.address, { method: 'GET', headers: { ...inside, accept: 'text/event-stream' } })).status,
    ).toBe(404);
    expect((await ask(listener.address, { method: 'DELETE', headers: inside })).status).toBe(404);
  });

  it('exists for its principal and tenant only', async () => {
    await using listener = await serve(undefined, {
      identify: (given) => ({ principal: String(given['x-who']), tenant: String(given['x-tenant']) }),
    });
    const inside = await openSession(listener.address, '2025-11-25', { 'x-who': 'ann', 'x-tenant': 'acme' });
    const as = async (more: Record<string, string>) =>
      (await ask(listener.address, { headers: { ...inside, ...more }, body: toolRequest('echo') })).status;
    expect(await as({})).toBe(200);
    expect(await as({ 'x-who': 'bob' })).toBe(404);
    expect(await as({ 'x-tenant': 'other' })).toBe(404);
    expect((await ask(listener.address, { method: 'DELETE', headers: { ...inside, 'x-who': 'bob' } })).status).toBe(
      404,
    );
    expect(await as({})).toBe(200);
  });

  it('is not opened twice, and outlives the attempt', async () => {
    await using listener = await serve();
    const inside = await openSession(listener.address);
    const again = await initialize(listener.address, inside);
    expect(again.json.error).toMatchObject({ code: -32600 });
    expect(again.headers['mcp-session-id']).toBeUndefined();
    expect((await ask(listener.address, { headers: inside, body: toolRequest('echo') })).status).toBe(200);
  });

  it('is not made where initialize fails', async () => {
    await using listener = await serve(() => Promise.reject(new Error('down')), { maxSessions: 1 });
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const answer = await initialize(listener.address);
      expect(answer.json.error).toMatchObject({ code: -32603 });
      expect(answer.headers['mcp-session-id']).toBeUndefined();
    }
  });

  it.each([
    ['without its id', { 'mcp-session-id': undefined }, 400],
    ['with an id that never was', { 'mcp-session-id': 'invented' }, 404],
    ['under a revision that is not spoken', { 'mcp-protocol-version': '1999-01-01' }, 400],
  ])('refuses a request %s', async (_, change, status) => {
    await using listener = await serve();
    const inside = await openSession(listener.address);
    const changed = Object.fromEntries(
      Object.entries({ ...inside, ...change }).filter((entry): entry is [string, string] => entry[1] !== undefined),
    );
    expect((await ask(listener.address, { headers: changed, body: toolRequest('echo') })).status).toBe(status);
  });

  it('refuses an id that is in flight', async () => {
    const started = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    await using listener = await serve(
      serviceOf({
        async slow() {
          started.resolve();
          await release.promise;
          return textReply('slow');
        },
      }),
    );
    const inside = await openSession(listener.address);
    const slow = ask(listener.address, { headers: inside, body: toolRequest('slow', 'a') });
    await started.promise;
    expect(
      (
        await ask(listener.address, {
          headers: inside,
          body: JSON.stringify(toolRequest('slow', 'a')).replace('"a"', '"\\u0061"'),
        })
      ).status,
    ).toBe(400);
    release.resolve();
    expect((await slow).status).toBe(200);
  });

  it('is bounded in number', async () => {
    await using listener = await serve(undefined, { maxSessions: 2 });
    const inside = await openSession(listener.address);
    await openSession(listener.address);
    expect((await initialize(listener.address)).status).toBe(429);
    await ask(listener.address, { method: 'DELETE', headers: inside });
    expect((await initialize(listener.address)).status).toBe(200);
  });

  it('makes room for a new one where it was idle for longest, and for a minute, and no stream is open', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    onTestFinished(() => void vi.useRealTimers());
    await using listener = await serve(undefined, { maxSessions: 3 });
    const streaming = await openSession(listener.address);
    const stream = await stand(listener.address, streaming);
    const idle = await openSession(listener.address);
    const used = await openSession(listener.address);
    vi.advanceTimersByTime(30_000);
    expect((await ask(listener.address, { headers: used, body: toolRequest('echo') })).status).toBe(200);
    vi.advanceTimersByTime(29_000);
    expect((await initialize(listener.address)).status).toBe(429);
    vi.advanceTimersByTime(2_000);
    expect((await initialize(listener.address)).status).toBe(200);
    expect((await initialize(listener.address)).status).toBe(429);
    expect((await ask(listener.address, { headers: idle, body: toolRequest('echo') })).status).toBe(404);
    expect((await ask(listener.address, { headers: used, body: toolRequest('echo') })).status).toBe(200);
    expect((await ask(listener.address, { headers: streaming, body: toolRequest('echo') })).status).toBe(200);
    stream.leave();
  });

  it('is forgotten after a time in which nothing happened, but not while a stream is open', async () => {
    await using listener = await serve(undefined, { sessionIdleMs: 100 });
    const idle = await openSession(listener.address);
    const busy = await openSession(listener.address);
    const stream = await stand(listener.address, busy);
    await expect
      .poll(
        async () =>
          (
            await ask(listener.address, {
              headers: { ...idle, 'mcp-protocol-version': '1999-01-01' },
              body: toolRequest('echo'),
            })
          ).status,
      )
      .toBe(404);
    expect((await ask(listener.address, { headers: busy, body: toolRequest('echo') })).status).toBe(200);
    stream.leave();
  });

  it('ends when the endpoint closes', async () => {
    const listener = await serve();
    const inside = await openSession(listener.address);
    const stream = await stand(listener.address, inside);
    await listener.close();
    expect(await stream.until('never')).toContain('<end>');
  });
});
