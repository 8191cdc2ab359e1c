import type { ServerResponse } from 'node:http';
import type { Call, Connection, ConnectOptions } from '@toolyard/protocol';
import { RawJson, RawObject } from '@toolyard/protocol';
import { describe, expect, it } from 'vitest';
import { call, codeOf, collect, connectOptions, textOf, toolCall } from '../testing/calls.ts';
import { rawServer, type RawServer, type SeenRequest, sendJson } from '../testing/raw-http.ts';
import { httpTransport } from '../transport.ts';

/** All that can be declared, so that the first session takes its calls. */
const capabilities = RawObject.of({
  elicitation: { form: {}, url: {} },
  sampling: { tools: {} },
  roots: {},
});
const question =
  'data: {"jsonrpc":"2.0","id":"q","method":"elicitation/create","params":{"message":"Who?","requestedSchema":{}}}\n\n';

function initialized(id: unknown, protocolVersion = '2025-11-25'): unknown {
  const offered = { tools: { listChanged: true } };
  return {
    jsonrpc: '2.0',
    id,
    result: { protocolVersion, capabilities: offered, serverInfo: { name: 'old', version: '1' } },
  };
}

function askable(over: Partial<Call> = {}): Call {
  const plain = toolCall('a', {}, over);
  return { ...plain, caller: { ...plain.caller, capabilities } };
}

type Answer = (seen: SeenRequest, response: ServerResponse) => void;

/** A session of 2025-11-25; `answer` gets the requests in it, `get` the GETs. */
function session(
  answer: Answer,
  get: Answer = (_, response) => response.writeHead(405).end(),
  protocolVersion = '2025-11-25',
): Answer {
  return (seen, response) => {
    const { id, method } = seen.message;
    if (method === 'server/discover') response.writeHead(400).end();
    else if (method === 'initialize') {
      response.setHeader('mcp-session-id', 'session-1');
      sendJson(response, initialized(id, protocolVersion));
    } else if (seen.method === 'GET') get(seen, response);
    else if (seen.method === 'DELETE') response.writeHead(200).end();
    else if (id === undefined) response.writeHead(202).end();
    else answer(seen, response);
  };
}

function connect(server: RawServer, options: Partial<ConnectOptions> = {}): Promise<Connection> {
  return httpTransport().connect({ url: server.url }, { ...connectOptions, ...options });
}

function result(id: unknown, text: string): unknown {
  return { jsonrpc: '2.0', id, result: { content: [{ type: 'text', text }] } };
}

const echo: Answer = (seen, response) => sendJson(response, result(seen.message.id, 'x'));

const refusal = (id: unknown, code: number): unknown => ({ jsonrpc: '2.0', id, error: { code, message: 'no' } });

describe('a session', () => {
  it('names itself and its revision with every request after the handshake', async () => {
    await using server = await rawServer(session(echo));
    const connection = await connect(server);
    await connection.service(toolCall('a'));
    await connection.close();
    const handshakes = new Set(['server/discover', 'initialize']);
    const [, first] = server.requests;
    const rest = server.requests.filter((seen) => !handshakes.has(String(seen.message.method)));
    expect(first?.headers['mcp-session-id']).toBeUndefined();
    expect(rest.map((seen) => seen.message.method ?? seen.method)).toEqual(
      expect.arrayContaining(['notifications/initialized', 'GET', 'tools/call', 'DELETE']),
    );
    for (const { headers } of rest)
      expect(headers).toMatchObject({ 'mcp-session-id': 'session-1', 'mcp-protocol-version': '2025-11-25' });
  });

  it('does not wait long for a server that will not let go of it', async () => {
    const answer = session(echo);
    await using server = await rawServer((seen, response) =>
      seen.method === 'DELETE' ? undefined : answer(seen, response),
    );
    const connection = await connect(server);
    const startedMs = performance.now();
    await connection.close();
    expect(performance.now() - startedMs).toBeLessThan(5_000);
    await expect.poll(() => server.sockets()).toBe(0);
  });

  it.each<[string, Answer]>([
    ['nothing', (_, response) => response.writeHead(404).end()],
    ['an error for nobody', (_, response) => sendJson(response, refusal(null, -32_000), 404)],
    ['an error for the call', ({ message }, response) => sendJson(response, refusal(message.id, -32_000), 404)],
  ])(
    'that the server has forgotten, and says so with %s, is opened anew, and what was refused is called again',
    async (_, refuse) => {
      let forgets = true;
      const answer = session((seen, response) => (forgets ? refuse(seen, response) : echo(seen, response)));
      await using server = await rawServer((seen, response) => {
        const calls = server.requests.filter(({ message }) => message.method === 'tools/call').length;
        if (seen.message.method === 'initialize' && calls > 0) forgets = false;
        answer(seen, response);
      });
      await using connection = await connect(server);
      expect(textOf(await connection.service(toolCall('a')))).toBe('x');
      expect(server.requests.filter(({ message }) => message.method === 'tools/call')).toHaveLength(2);
    },
  );

  it('stays where a server says in this way that it does not know a method', async () => {
    const answer: Answer = ({ message }, response) => sendJson(response, refusal(message.id, -32_601), 404);
    await using server = await rawServer(session(answer));
    await using connection = await connect(server);
    expect(await codeOf(connection.service(toolCall('a')))).toBe('UPSTREAM_ERROR');
    expect(server.requests.filter(({ message }) => message.method === 'tools/call')).toHaveLength(1);
  });

  it('that the server forgets again and again fails its calls', async () => {
    await using server = await rawServer(session((_, response) => response.writeHead(404).end()));
    await using connection = await connect(server);
    expect(await codeOf(connection.service(toolCall('a')))).toBe('UPSTREAM_CLOSED');
    expect(server.requests.filter(({ message }) => message.method === 'tools/call')).toHaveLength(2);
  });

  it('ends when the server cannot be reached any more', async () => {
    const server = await rawServer(session(echo));
    await using connection = await connect(server);
    await server[Symbol.asyncDispose]();
    await codeOf(connection.service(toolCall('a')));
    expect(await connection.closed).toBeInstanceOf(Error);
  });

  it.each<[string, Answer, string]>([
    ['401', (_, response) => response.writeHead(401).end(), 'UPSTREAM_STATUS'],
    ['nothing', (_, response) => response.writeHead(202).end(), 'UPSTREAM_MALFORMED'],
    ['the reply to another request', (_, response) => sendJson(response, result(4711, 'x')), 'UPSTREAM_MALFORMED'],
    [
      'a stream that ends early',
      (_, response) => response.writeHead(200, { 'content-type': 'text/event-stream' }).end(),
      'UPSTREAM_CLOSED',
    ],
    ['no response', (_, response) => response.destroy(), 'UPSTREAM_CLOSED'],
    ['silence', () => {}, 'UPSTREAM_TIMEOUT'],
  ])('survives a call that is answered with %s', async (_, answer, code) => {
    let misbehaves = true;
    await using server = await rawServer(
      session((seen, response) => (misbehaves ? answer(seen, response) : echo(seen, response))),
    );
    await using connection = await connect(server, { timeoutMs: 200 });
    expect(await codeOf(connection.service(toolCall('a')))).toBe(code);
    misbehaves = false;
    expect(textOf(await connection.service(toolCall('a')))).toBe('x');
  });
});

describe('a cancelled call', () => {
  it('is told to the server in so many words, and its stream is closed', async () => {
    const started = Promise.withResolvers<unknown>();
    const closed = Promise.withResolvers<void>();
    await using server = await rawServer(
      session((seen, response) => {
        response.on('close', closed.resolve);
        response.writeHead(200, { 'content-type': 'text/event-stream' }).write(':\n\n');
        started.resolve(seen.message.id);
      }),
    );
    await using connection = await connect(server);
    const controller = new AbortController();
    const code = codeOf(connection.service(toolCall('a', {}, { signal: controller.signal })));
    const id = await started.promise;
    controller.abort();
    expect(await code).toBe('CANCELLED');
    await closed.promise;
    expect(
      server.requests.find(({ message }) => message.method === 'notifications/cancelled')?.message.params,
    ).toMatchObject({ requestId: id });
  });
});

describe('a response that ends early with an event id', () => {
  it('is gone on with where it ended', async () => {
    let callId: unknown;
    await using server = await rawServer(
      session(
        (seen, response) => {
          callId = seen.message.id;
          response.writeHead(200, { 'content-type': 'text/event-stream' }).end('id: e1\nretry: 10\ndata:\n\n');
        },
        (seen, response) => {
          if (seen.headers['last-event-id'] !== 'e1') return void response.writeHead(405).end();
          response
            .writeHead(200, { 'content-type': 'text/event-stream' })
            .end(`id: e2\ndata: ${JSON.stringify(result(callId, 'resumed'))}\n\n`);
        },
      ),
    );
    await using connection = await connect(server);
    expect(textOf(await connection.service(toolCall('a')))).toBe('resumed');
  });

  it('is given up where that brings nothing', async () => {
    let attempts = 0;
    await using server = await rawServer(
      session(
        (_, response) =>
          response.writeHead(200, { 'content-type': 'text/event-stream' }).end('id: e1\nretry: 1\ndata:\n\n'),
        (seen, response) => {
          if (seen.headers['last-event-id'] === undefined) return void response.writeHead(405).end();
          attempts += 1;
          response.writeHead(200, { 'content-type': 'text/event-stream' }).end(':\n\n');
        },
      ),
    );
    await using connection = await connect(server);
    expect(await codeOf(connection.service(toolCall('a')))).toBe('UPSTREAM_CLOSED');
    expect(attempts).toBe(5);
  });
});

describe('the stream for what belongs to no request', () => {
  it('feeds subscriptions, and is opened anew after a break, where it ended', async () => {
    const streams: ServerResponse[] = [];
    const opened: PromiseWithResolvers<SeenRequest>[] = [Promise.withResolvers(), Promise.withResolvers()];
    await using server = await rawServer(
      session(echo, (seen, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' }).write('retry: 10\n\n');
        streams.push(response);
        opened[streams.length - 1]?.resolve(seen);
      }),
    );
    await using connection = await connect(server);
    const changed = Promise.withResolvers<void>();
    const { notify, seen } = collect();
    const controller = new AbortController();
    const listen = codeOf(
      connection.service(
        call(
          'subscriptions/listen',
          { notifications: { toolsListChanged: true } },
          {
            signal: controller.signal,
            async notify(notification) {
              await notify(notification);
              if (notification.method === 'notifications/tools/list_changed') changed.resolve();
            },
          },
        ),
      ),
    );
    await opened[0]?.promise;
    streams[0]?.end('id: s1\ndata:\n\n');
    expect((await opened[1]?.promise)?.headers['last-event-id']).toBe('s1');
    streams[1]?.write('data: {"jsonrpc":"2.0","method":"notifications/tools/list_changed"}\n\n');
    await changed.promise;
    expect(seen.map(({ method }) => method)).toEqual([
      'notifications/subscriptions/acknowledged',
      'notifications/tools/list_changed',
    ]);
    controller.abort();
    expect(await listen).toBe('CANCELLED');
  });
});

describe('a new session', () => {
  it('waits for that stream: what the server asks there is not lost', async () => {
    const got = Promise.withResolvers<ServerResponse>();
    const called = Promise.withResolvers<void>();
    await using server = await rawServer(
      session(
        () => called.resolve(),
        (_, response) => got.resolve(response),
      ),
    );
    const connecting = connect(server);
    const stream = await got.promise;
    stream.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    await using connection = await connecting;
    const reply = connection.service(askable());
    await called.promise;
    stream.write(question);
    expect((await reply).result.string('resultType')).toBe('input_required');
  });

  it.each([405, 404, 400])('does without one where GET gets %d, and promises no changes then', async (status) => {
    await using server = await rawServer(session(echo, (_, response) => response.writeHead(status).end()));
    await using connection = await connect(server);
    const { result: discovery } = await connection.service(call('server/discover'));
    expect(discovery.object('capabilities')?.value).toEqual({ tools: {} });
    expect(textOf(await connection.service(askable()))).toBe('x');
    expect(server.requests.filter(({ message }) => message.method === 'initialize')).toHaveLength(1);
  });
});

describe('a server without sessions that asks back', () => {
  /** It takes answers, and cancellations, as `status` says. */
  function sessionless(status: number): Answer {
    const asks = session((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(question);
    });
    return (seen, response) => {
      const { result: answer, method } = seen.message;
      if (method === 'initialize') return sendJson(response, initialized(seen.message.id));
      if (answer === undefined && method !== 'notifications/cancelled') return asks(seen, response);
      response.writeHead(status).end();
    };
  }

  it.each([
    [400, 'UPSTREAM_STATUS'],
    [404, 'UPSTREAM_STATUS'],
    [202, 'UPSTREAM_TIMEOUT'],
  ])('and answers %d to the answer has its call fail with %s', async (status, code) => {
    await using server = await rawServer(sessionless(status));
    const connection = await connect(server, { timeoutMs: status === 202 ? 200 : 60_000 });
    const { result: asked } = await connection.service(askable());
    const params = askable()
      .params.with('requestState', RawJson.of(asked.string('requestState')))
      .with('inputResponses', RawJson.of({ q1: { action: 'accept', content: {} } }));
    expect(await codeOf(connection.service(askable({ params })))).toBe(code);
    await connection.close();
    await expect.poll(() => server.sockets()).toBe(0);
  });
});

describe('an answer in a batch', () => {
  const note = { jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: 'x' } };

  it.each<[string, Answer]>([
    ['JSON', (seen, response) => sendJson(response, [note, result(seen.message.id, 'together')])],
    [
      'an event',
      (seen, response) =>
        response
          .writeHead(200, { 'content-type': 'text/event-stream' })
          .end(`data: ${JSON.stringify([note, result(seen.message.id, 'together')])}\n\n`),
    ],
  ])('in %s is taken from a server of 2025-03-26', async (_, answer) => {
    await using server = await rawServer(session(answer, undefined, '2025-03-26'));
    await using connection = await connect(server);
    const { notify, seen } = collect();
    expect(textOf(await connection.service(toolCall('a', {}, { notify, logLevel: 'debug' })))).toBe('together');
    expect(seen.map(({ method }) => method)).toEqual(['notifications/message']);
  });

  it('is nothing that a server of another revision may give', async () => {
    await using server = await rawServer(
      session((seen, response) => sendJson(response, [result(seen.message.id, 'x')])),
    );
    await using connection = await connect(server);
    expect(await codeOf(connection.service(toolCall('a')))).toBe('UPSTREAM_MALFORMED');
  });
});

describe('a server that has its client poll', () => {
  it('may do so more often than a broken one is tried again', async () => {
    let callId: unknown;
    let polls = 0;
    await using server = await rawServer(
      session(
        (seen, response) => {
          callId = seen.message.id;
          response.writeHead(200, { 'content-type': 'text/event-stream' }).end('id: e0\nretry: 10\ndata:\n\n');
        },
        (seen, response) => {
          const last = seen.headers['last-event-id'];
          if (typeof last !== 'string') return void response.writeHead(405).end();
          polls += 1;
          const data = polls < 10 ? '' : JSON.stringify(result(callId, 'polled'));
          response.writeHead(200, { 'content-type': 'text/event-stream' }).end(`id: e${polls}\ndata: ${data}\n\n`);
        },
      ),
    );
    await using connection = await connect(server);
    expect(textOf(await connection.service(toolCall('a')))).toBe('polled');
    expect(polls).toBe(10);
  });
});
