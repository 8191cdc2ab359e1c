import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  type Call,
  connectHttp,
  EraMemory,
  type Listener,
  memoryEventStore,
  RawObject,
  type Reply,
  type Service,
} from '@toolyard/protocol';
import { describe, expect, it } from 'vitest';
import type { HttpServeOptions } from '../options.ts';
import { Pools } from '../connect/pools.ts';
import { connectOptions, discovery, serverInfo, serviceOf, textOf, textReply, toolCall } from '../testing/calls.ts';
import {
  cuttingProxy,
  type Events,
  events,
  openSession,
  posted,
  resumed,
  type SeenEvent,
  toolRequest,
} from '../testing/legacy-session.ts';
import { ask } from '../testing/raw-http.ts';
import { httpTransport } from '../transport.ts';
import { undiciExchange } from '../connect/undici-exchange.ts';

function serve(service: Service, options: Partial<HttpServeOptions> = {}): Promise<Listener> {
  return httpTransport().serve(service, { serverInfo, primeMs: 5, retryMs: 10, ...options });
}

/** A tool `slow` that goes on when it is told to. */
function slow() {
  const started = Promise.withResolvers<Call>();
  const released = Promise.withResolvers<void>();
  const run = async (call: Call): Promise<Reply> => {
    started.resolve(call);
    await released.promise;
    return textReply(call.signal.aborted ? 'aborted' : 'slow');
  };
  const echo = (call: Call): Reply => textReply(call.params.object('arguments')?.string('text') ?? '');
  return { service: serviceOf({ slow: run, echo }), started: started.promise, release: released.resolve };
}

/** Puts a question to whoever calls, once it may, and thanks for the answer. */
function asking(mayAsk: () => Promise<void>): Service {
  return async (call) => {
    if (call.method === 'server/discover') return { result: discovery };
    if (call.params.has('inputResponses')) return textReply('thanks');
    await mayAsk();
    const request = {
      method: 'elicitation/create',
      params: { mode: 'form', message: 'who?', requestedSchema: { type: 'object', properties: {} } },
    };
    return { result: RawObject.of({ resultType: 'input_required', inputRequests: { q: request }, requestState: 's' }) };
  };
}

/** An answer to the question that comes next. */
async function answerTo(stream: Events): Promise<Readonly<Record<string, unknown>>> {
  let event = await stream.next();
  while (event !== undefined && !isMessage(event)) event = await stream.next();
  const question = read(event) as { id: unknown; method: string };
  expect(question.method).toBe('elicitation/create');
  return { jsonrpc: '2.0', id: question.id, result: { action: 'accept', content: {} } };
}

function progress(call: Call, value: number, message = ''): Promise<void> {
  const params = RawObject.of({ progressToken: call.progressToken, progress: value, message });
  return call.notify({ method: 'notifications/progress', params });
}

const inStream = toolRequest('slow', 7, { _meta: { progressToken: 'p' } });
const isMessage = ({ data }: SeenEvent): boolean => data !== undefined && data !== '';
const read = (event: SeenEvent | undefined): unknown => JSON.parse(event?.data ?? 'null');
const replied = { id: 7, result: { content: [{ type: 'text', text: 'slow' }] } };

describe('the response to a call that takes its time', () => {
  it('begins with an event that has an id and no message, and says when to come back', async () => {
    const { service, started, release } = slow();
    await using listener = await serve(service);
    const inside = await openSession(listener.address);
    const response = await events(listener.address, posted(inside, inStream));
    expect(await response.next()).toEqual({ id: expect.stringMatching(/^\w{8}-1-\d+$/), retry: '10', data: '' });
    await started;
    release();
    const [reply, ...more] = await response.rest();
    expect(reply?.id).toMatch(/^\w{8}-1-\d+$/);
    expect(read(reply)).toMatchObject(replied);
    expect(more).toEqual([]);
  });

  it.each(['2025-03-26', '2025-06-18'])(
    'does not begin so for a client of %s, which gets ids all the same',
    async (revision) => {
      const { service, started, release } = slow();
      await using listener = await serve(service, { keepAliveMs: 20 });
      const inside = await openSession(listener.address, revision);
      const response = await events(listener.address, posted(inside, inStream));
      await progress(await started, 1);
      const first = await response.next();
      expect(read(first)).toMatchObject({ method: 'notifications/progress' });
      response.leave();
      release();
      const [reply] = await (await events(listener.address, resumed(inside, first?.id))).rest();
      expect(read(reply)).toMatchObject(replied);
    },
  );

  it('is JSON where it is quick', async () => {
    const { service } = slow();
    await using listener = await serve(service, { primeMs: 60_000 });
    const answer = await ask(listener.address, {
      headers: await openSession(listener.address),
      body: toolRequest('echo'),
    });
    expect(answer.headers['content-type']).toBe('application/json');
  });
});

describe('a client that lost the response to its call', () => {
  it('finds the reply waiting, as often as it asks', async () => {
    const { service, started, release } = slow();
    await using listener = await serve(service);
    const inside = await openSession(listener.address);
    const response = await events(listener.address, posted(inside, inStream));
    const primer = await response.next();
    response.leave();
    expect((await started).signal.aborted).toBe(false);
    release();
    for (const _ of ['once', 'twice']) {
      const again = await events(listener.address, resumed(inside, primer?.id));
      const all = (await again.rest()).filter(isMessage);
      expect(all.map(read)).toMatchObject([replied]);
      const whole = await ask(listener.address, {
        method: 'GET',
        headers: { ...resumed(inside, all[0]?.id).headers, accept: 'text/event-stream' },
      });
      expect(whole.status).toBe(405);
    }
  });

  it('goes on where it was, with each message once', async () => {
    const { service, started, release } = slow();
    await using listener = await serve(service);
    const inside = await openSession(listener.address);
    const response = await events(listener.address, posted(inside, inStream));
    await response.next();
    const call = await started;
    for (const step of [1, 2]) await progress(call, step);
    const seen = await response.next();
    response.leave();
    await progress(call, 3);
    const again = await events(listener.address, resumed(inside, seen?.id));
    await progress(call, 4);
    release();
    const all = (await again.rest()).filter(isMessage).map(read);
    expect(all).toMatchObject(
      [2, 3, 4].map((step) => ({ params: { progressToken: 'p', progress: step } })).concat([replied as never]),
    );
  });

  it('takes over from its own old connection', async () => {
    const { service, started, release } = slow();
    await using listener = await serve(service);
    const inside = await openSession(listener.address);
    const response = await events(listener.address, posted(inside, inStream));
    const primer = await response.next();
    await started;
    const again = await events(listener.address, resumed(inside, primer?.id));
    expect(await response.next()).toBeUndefined();
    release();
    expect((await again.rest()).filter(isMessage).map(read)).toMatchObject([replied]);
  });

  it('finds the question that was put to it meanwhile, and can answer it', async () => {
    const started = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    await using listener = await serve(
      asking(() => {
        started.resolve();
        return released.promise;
      }),
    );
    const inside = await openSession(listener.address, '2025-11-25', {}, { elicitation: {} });
    const response = await events(listener.address, posted(inside, inStream));
    const primer = await response.next();
    await started.promise;
    response.leave();
    released.resolve();
    const again = await events(listener.address, resumed(inside, primer?.id));
    const answer = await answerTo(again);
    expect((await ask(listener.address, { headers: inside, body: answer })).status).toBe(202);
    expect((await again.rest()).filter(isMessage).map(read)).toMatchObject([
      { id: 7, result: { content: [{ text: 'thanks' }] } },
    ]);
  });

  it('may answer, and finds its reply, while the endpoint closes; other sessions get nothing new', async () => {
    const listener = await serve(asking(() => Promise.resolve()));
    const inside = await openSession(listener.address, '2025-11-25', {}, { elicitation: {} });
    const response = await events(listener.address, posted(inside, inStream));
    const primer = await response.next();
    const answer = await answerTo(response);
    const closed = listener.close({ drainMs: 60_000 });
    expect((await ask(listener.address, { headers: inside, body: toolRequest('echo') })).status).toBe(503);
    response.leave();
    const again = await events(listener.address, resumed(inside, primer?.id));
    expect((await ask(listener.address, { headers: inside, body: answer })).status).toBe(202);
    expect((await again.rest()).filter(isMessage).map(read).at(-1)).toMatchObject({
      id: 7,
      result: { content: [{ text: 'thanks' }] },
    });
    await closed;
  });

  it('keeps the reply however much is said on other streams, and loses notifications beyond the bound', async () => {
    const { service, started, release } = slow();
    await using listener = await serve(service, { eventStore: memoryEventStore({ maxSessionEvents: 3 }) });
    const inside = await openSession(listener.address);
    const response = await events(listener.address, posted(inside, inStream));
    const primer = await response.next();
    const call = await started;
    response.leave();
    for (let step = 1; step <= 50; step += 1) await progress(call, step);
    release();
    const again = await events(listener.address, resumed(inside, primer?.id));
    const all = (await again.rest()).filter(isMessage).map(read);
    expect(all).toMatchObject([{ params: { progress: 49 } }, { params: { progress: 50 } }, replied]);
  });

  it.each([
    ['that was never given out', () => 'nonsense'],
    ['of another session', (_own: string, other: string) => other],
    ['of a stream that never was', (own: string) => own.replace(/-1-/, '-99-')],
    ['of an event that is still to come', (own: string) => own.replace(/\d+$/, '999999')],
  ])('is refused with an id %s', async (_, forge) => {
    const { service, release } = slow();
    await using listener = await serve(service);
    const [inside, elsewhere] = [await openSession(listener.address), await openSession(listener.address)];
    const primers = await Promise.all(
      [inside, elsewhere].map(
        async (session) => (await (await events(listener.address, posted(session, inStream))).next())?.id ?? '',
      ),
    );
    const forged = await ask(listener.address, {
      method: 'GET',
      headers: { ...inside, accept: 'text/event-stream', 'last-event-id': forge(primers[0] ?? '', primers[1] ?? '') },
    });
    expect(forged.status).toBe(400);
    release();
  });

  it('finds nothing as somebody else', async () => {
    const { service, release } = slow();
    await using listener = await serve(service, { identify: (headers) => ({ principal: String(headers['x-who']) }) });
    const inside = await openSession(listener.address, '2025-11-25', { 'x-who': 'ann' });
    const primer = await (await events(listener.address, posted(inside, inStream))).next();
    expect((await events(listener.address, resumed({ ...inside, 'x-who': 'bob' }, primer?.id))).status).toBe(404);
    release();
  });
});

describe('the stream for what belongs to no request', () => {
  it('goes on with what was missed', async () => {
    let notify: Call['notify'] = async () => {};
    const listening = Promise.withResolvers<void>();
    await using listener = await serve(async (call) => {
      if (call.method !== 'subscriptions/listen') return { result: discovery };
      await call.notify({
        method: 'notifications/subscriptions/acknowledged',
        params: RawObject.of({ notifications: { toolsListChanged: true } }),
      });
      notify = (notification) => call.notify(notification);
      listening.resolve();
      return new Promise((_, reject) => call.signal.addEventListener('abort', () => reject(new Error('aborted'))));
    });
    const change = (n: number): Promise<void> =>
      notify({ method: 'notifications/tools/list_changed', params: RawObject.of({ _meta: { n } }) });
    const inside = await openSession(listener.address);
    await listening.promise;
    const first = await events(listener.address, { headers: inside });
    const primer = await first.next();
    await change(1);
    expect(read(await first.next())).toMatchObject({ params: { _meta: { n: 1 } } });
    first.leave();
    await change(2);
    const second = await events(listener.address, resumed(inside, primer?.id));
    expect([read(await second.next()), read(await second.next())]).toMatchObject(
      [1, 2].map((n) => ({ params: { _meta: { n } } })),
    );
    second.leave();
  });
});

describe('a stream that is ended after a time', () => {
  it('has a client of 2025-11-25 come back for the rest', async () => {
    const { service, started, release } = slow();
    await using listener = await serve(service, { maxStreamMs: 20 });
    const inside = await openSession(listener.address);
    const response = await events(listener.address, posted(inside, inStream));
    const [primer, ...more] = await response.rest();
    expect(more).toEqual([]);
    await started;
    release();
    expect(
      (await (await events(listener.address, resumed(inside, primer?.id))).rest()).filter(isMessage).map(read),
    ).toMatchObject([replied]);
  });
});

describe('a connection that breaks in the middle of a call', () => {
  it('is not noticed by a caller of ours', async () => {
    const { service, started, release } = slow();
    await using listener = await serve(service);
    await using proxy = await cuttingProxy(listener.address);
    const eras = new EraMemory();
    eras.remember(proxy.address, 'legacy');
    const { origin } = new URL(proxy.address);
    const pools = new Pools({ maxSockets: 10, connectTimeoutMs: 1_000 });
    const open = () =>
      undiciExchange({
        dispatchers: pools.acquire(origin),
        path: '/mcp',
        maxMessageBytes: 1_000_000,
        release: () => pools.release(origin),
      });
    await using connection = await connectHttp(open, { ...connectOptions, endpoint: proxy.address, eras });
    expect(connection.peer.revision).toBe('2025-11-25');
    const primed = Promise.withResolvers<void>();
    const reply = connection.service(
      toolCall('slow', {}, { progressToken: 'mine', notify: async () => primed.resolve() }),
    );
    await progress(await started, 1);
    await primed.promise;
    proxy.cut();
    release();
    expect(textOf(await reply)).toBe('slow');
  });

  async function officialClient(address: string): Promise<Client> {
    const client = new Client({ name: 'tester', version: '1.0.0' });
    const reconnectionOptions = {
      initialReconnectionDelay: 10,
      maxReconnectionDelay: 50,
      reconnectionDelayGrowFactor: 1,
      maxRetries: 5,
    };
    await client.connect(new StreamableHTTPClientTransport(new URL(address), { reconnectionOptions }));
    return client;
  }

  it('is not noticed by a caller of the official client', async () => {
    const { service, started, release } = slow();
    await using listener = await serve(service);
    await using proxy = await cuttingProxy(listener.address);
    const client = await officialClient(proxy.address);
    const primed = Promise.withResolvers<void>();
    const reply = client.callTool({ name: 'slow', arguments: {} }, undefined, { onprogress: () => primed.resolve() });
    await progress(await started, 1);
    await primed.promise;
    proxy.cut();
    release();
    expect((await reply).content).toEqual([{ type: 'text', text: 'slow' }]);
    await client.close();
  });

  it('nor is one that we end ourselves, time and again', async () => {
    const { service, started, release } = slow();
    await using listener = await serve(service, { maxStreamMs: 10, retryMs: 5 });
    const client = await officialClient(listener.address);
    const steps: number[] = [];
    const third = Promise.withResolvers<void>();
    const onprogress = ({ progress: step }: { progress: number }): void => {
      steps.push(step);
      if (step === 3) third.resolve();
    };
    const reply = client.callTool({ name: 'slow', arguments: {} }, undefined, { onprogress });
    const call = await started;
    for (const step of [1, 2, 3]) {
      await new Promise((resolve) => setTimeout(resolve, 30));
      await progress(call, step);
    }
    await third.promise;
    release();
    expect((await reply).content).toEqual([{ type: 'text', text: 'slow' }]);
    expect(steps).toEqual([1, 2, 3]);
    await client.close();
  });
});
