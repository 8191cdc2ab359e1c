import { describe, expect, it } from 'vitest';
import { call, codeOf, collect, connectOptions, errorOf, textOf, toolCall } from '../testing/calls.ts';
import { type Answer, connect, events, result, upstream } from '../testing/modern-upstream.ts';
import { sendJson } from '../testing/raw-http.ts';
import { httpTransport } from '../transport.ts';

describe('a call', () => {
  it('has the headers that the revision wants, and those of the target', async () => {
    await using server = await upstream((seen, response) => sendJson(response, result(seen.message.id, 'x')));
    await using connection = await connect(server, {}, { authorization: 'Bearer ours' });
    await connection.service(toolCall('größe', { a: 1 }));
    expect(server.requests[1]?.headers).toMatchObject({
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': '=?base64?Z3LDtsOfZQ==?=',
      authorization: 'Bearer ours',
    });
    expect(server.requests[1]?.headers['content-length']).toBe(
      String(Buffer.byteLength(server.requests[1]?.body ?? '')),
    );
    expect(server.requests[1]?.headers['accept-encoding']).toBeUndefined();
  });

  it('has the _meta of its caller, written anew for this hop', async () => {
    await using server = await upstream((seen, response) => sendJson(response, result(seen.message.id, 'x')));
    await using connection = await connect(server);
    await connection.service(toolCall('a', {}, { progressToken: 'theirs', logLevel: 'info' }));
    expect(server.requests[1]?.message.params?.['_meta']).toEqual({
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': {},
      'io.modelcontextprotocol/clientInfo': { name: 'tester', version: '1.0.0' },
      'io.modelcontextprotocol/logLevel': 'info',
      progressToken: server.requests[1]?.message.id,
    });
  });

  it('brings the result byte for byte, in JSON and in events', async () => {
    const odd =
      '{"resultType":"complete","content":[{"type":"x","big":9007199254740993,"f":1.0,"huge":1e400,"esc":"\\u00e9\\/","text":"ü\u2028"}]}';
    await using server = await upstream((seen, response) => {
      const body = `{"jsonrpc":"2.0","id":${String(seen.message.id)},"result":${odd}}`;
      if (seen.headers['mcp-name'] === 'json')
        response.writeHead(200, { 'content-type': 'application/json' }).end(body);
      else {
        events(response, body);
        response.end();
      }
    });
    await using connection = await connect(server);
    expect((await connection.service(toolCall('json'))).result.text).toBe(odd);
    expect((await connection.service(toolCall('events'))).result.text).toBe(odd);
  });

  it('takes a result without a type for a complete one', async () => {
    await using server = await upstream((seen, response) =>
      sendJson(response, { jsonrpc: '2.0', id: seen.message.id, result: { content: [] } }),
    );
    await using connection = await connect(server);
    expect((await connection.service(toolCall('a'))).result.text).toBe('{"resultType":"complete","content":[]}');
  });

  it('passes on what belongs to it, in order, each after the one before was taken', async () => {
    await using server = await upstream((seen, response) => {
      const progress = (step: number) => ({
        jsonrpc: '2.0',
        method: 'notifications/progress',
        params: { progressToken: seen.message.id, progress: step },
      });
      const log = { jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: 'x' } };
      events(response, progress(1), log, progress(2), progress(2), result(seen.message.id, 'done'));
      response.end();
    });
    await using connection = await connect(server);
    const seen: string[] = [];
    const reply = await connection.service(
      toolCall(
        'a',
        {},
        {
          progressToken: 'mine',
          logLevel: 'info',
          async notify({ method, params }) {
            seen.push(`< ${method} ${params.text}`);
            await new Promise(setImmediate);
            seen.push('>');
          },
        },
      ),
    );
    expect(textOf(reply)).toBe('done');
    expect(seen).toEqual([
      '< notifications/progress {"progressToken":"mine","progress":1}',
      '>',
      '< notifications/message {"level":"info","data":"x"}',
      '>',
      '< notifications/progress {"progressToken":"mine","progress":2}',
      '>',
    ]);
  });

  it('reads no further while its caller is busy', async () => {
    let written = 0;
    let blocked = 0;
    await using server = await upstream((seen, response) => {
      events(response);
      const frame = (step: number) =>
        `data: ${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: seen.message.id, progress: step, message: 'x'.repeat(60_000) } })}\n\n`;
      const more = (): void => {
        while (written < 300) {
          written += 1;
          if (!response.write(frame(written))) {
            blocked = written;
            return void response.once('drain', more);
          }
        }
        response.end(`data: ${JSON.stringify(result(seen.message.id, 'done'))}\n\n`);
      };
      more();
    });
    await using connection = await connect(server);
    const release = Promise.withResolvers<void>();
    let notified = 0;
    const reply = connection.service(
      toolCall(
        'a',
        {},
        {
          progressToken: 1,
          async notify() {
            notified += 1;
            if (notified === 1) await release.promise;
          },
        },
      ),
    );
    // The server has filled every buffer on the way when it has not moved for a while.
    const moved = async (before: number): Promise<boolean> => {
      for (let turn = 0; turn < 300; turn += 1) await new Promise(setImmediate);
      return blocked === 0 || before < written;
    };
    while (await moved(written));
    expect(notified).toBe(1);
    expect(written).toBeLessThan(300);
    release.resolve();
    await reply;
    expect(notified).toBe(300);
  });

  it('shows a JSON-RPC error of the server as it came', async () => {
    const error = { code: -32602, message: 'Unknown tool: a', data: { odd: [1] } };
    await using server = await upstream((seen, response) =>
      sendJson(response, { jsonrpc: '2.0', id: seen.message.id, error }, 400),
    );
    await using connection = await connect(server);
    expect(await errorOf(connection.service(toolCall('a')))).toMatchObject({
      code: 'UPSTREAM_ERROR',
      facts: { upstream: 'up', error: expect.objectContaining({ text: JSON.stringify(error) }) },
    });
  });

  it.each([401, 403, 429, 500, 503, 302])(
    'shows status %i where there is no JSON-RPC error, and keeps the connection',
    async (status) => {
      await using server = await upstream((_, response) =>
        response.writeHead(status, { location: '/elsewhere' }).end('no'),
      );
      await using connection = await connect(server, {}, { authorization: 'Bearer secret' });
      const error = await errorOf(connection.service(toolCall('a')));
      expect(error).toMatchObject({ code: 'UPSTREAM_STATUS', facts: { upstream: 'up', status } });
      expect(JSON.stringify(error.facts) + error.message).not.toContain('secret');
      expect(server.requests).toHaveLength(2);
      expect(await errorOf(connection.service(toolCall('a')))).toMatchObject({ code: 'UPSTREAM_STATUS' });
    },
  );
});

describe('patience', () => {
  it('is renewed by progress, up to a hard bound', async () => {
    await using server = await upstream((seen, response) => {
      events(response);
      let step = 0;
      const timer = setInterval(() => {
        step += 1;
        response.write(
          `data: ${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: seen.message.id, progress: step } })}\n\n`,
        );
      }, 20);
      response.on('close', () => clearInterval(timer));
    });
    await using connection = await connect(server, { timeoutMs: 150, maxTimeoutMs: 500 });
    const { notify, seen } = collect();
    const startedMs = performance.now();
    const error = await errorOf(connection.service(toolCall('a', {}, { progressToken: 1, notify })));
    expect(error).toMatchObject({ code: 'UPSTREAM_TIMEOUT', facts: { method: 'tools/call', afterMs: 500 } });
    expect(performance.now() - startedMs).toBeGreaterThan(450);
    expect(seen.length).toBeGreaterThan(5);
  });

  it('has no end for subscriptions', async () => {
    await using server = await upstream((seen, response) => {
      const _meta = { 'io.modelcontextprotocol/subscriptionId': seen.message.id };
      events(response, {
        jsonrpc: '2.0',
        method: 'notifications/subscriptions/acknowledged',
        params: { notifications: {}, _meta },
      });
      setTimeout(
        () =>
          response.end(
            `data: ${JSON.stringify({ jsonrpc: '2.0', id: seen.message.id, result: { resultType: 'complete', _meta } })}\n\n`,
          ),
        200,
      );
    });
    await using connection = await connect(server, { timeoutMs: 50, maxTimeoutMs: 60 });
    const { notify, seen } = collect();
    const reply = await connection.service(call('subscriptions/listen', { notifications: {} }, { notify }));
    expect(reply.result.text).toBe('{"resultType":"complete"}');
    expect(seen.map(({ method, params }) => `${method} ${params.text}`)).toEqual([
      'notifications/subscriptions/acknowledged {"notifications":{}}',
    ]);
  });
});

describe('a connection', () => {
  it('bounds its calls in flight', async () => {
    await using server = await upstream(() => {});
    await using connection = await connect(server, { maxInFlight: 2 });
    const first = codeOf(connection.service(toolCall('a')));
    const second = codeOf(connection.service(toolCall('b')));
    expect(await codeOf(connection.service(toolCall('c')))).toBe('UPSTREAM_BUSY');
    await connection.close();
    expect(await Promise.all([first, second])).toEqual(['CLOSED', 'CLOSED']);
  });

  it('cancels a call at the server by closing its stream', async () => {
    const started = Promise.withResolvers<void>();
    const closed = Promise.withResolvers<void>();
    await using server = await upstream((_, response) => {
      response.on('close', closed.resolve);
      started.resolve();
    });
    await using connection = await connect(server);
    const controller = new AbortController();
    const code = codeOf(connection.service(toolCall('a', {}, { signal: controller.signal })));
    await started.promise;
    controller.abort();
    expect(await code).toBe('CANCELLED');
    await closed.promise;
    expect(await codeOf(connection.service(toolCall('a', {}, { signal: controller.signal })))).toBe('CANCELLED');
  });

  it('is over when its server cannot be reached any more', async () => {
    const server = await upstream((seen, response) => sendJson(response, result(seen.message.id, 'x')));
    await using connection = await connect(server);
    await server[Symbol.asyncDispose]();
    await codeOf(connection.service(toolCall('a')));
    expect(await connection.closed).toMatchObject({ code: 'UPSTREAM_UNREACHABLE' });
    expect(await codeOf(connection.service(toolCall('a')))).toBe('UPSTREAM_CLOSED');
  });

  it('finds out that its server is gone when a stream breaks, without another call', async () => {
    const started = Promise.withResolvers<void>();
    const server = await upstream((_, response) => {
      events(response, '');
      started.resolve();
    });
    await using connection = await connect(server);
    const code = codeOf(connection.service(call('subscriptions/listen', { notifications: {} })));
    await started.promise;
    await server[Symbol.asyncDispose]();
    expect(await code).toBe('UPSTREAM_CLOSED');
    expect(await connection.closed).toMatchObject({ code: 'UPSTREAM_UNREACHABLE' });
  });

  it('leaves no socket behind', async () => {
    await using server = await upstream((seen, response) => {
      if (seen.headers['mcp-name'] === 'open') events(response, '');
      else sendJson(response, result(seen.message.id, 'x'));
    });
    const transport = httpTransport();
    const connections = await Promise.all([1, 2].map(() => transport.connect({ url: server.url }, connectOptions)));
    const calls = connections.flatMap((connection) => [
      codeOf(connection.service(toolCall('a'))),
      codeOf(connection.service(toolCall('open'))),
    ]);
    await Promise.all([calls[0], calls[2]]);
    await Promise.all(connections.map((connection) => connection.close()));
    expect(await Promise.all([calls[1], calls[3]])).toEqual(['CLOSED', 'CLOSED']);
    await expect.poll(() => server.sockets()).toBe(0);
  });
});

describe('Mcp-Param-*', () => {
  const annotated = (header: unknown) => ({
    type: 'object',
    properties: { region: { type: 'string', 'x-mcp-header': header } },
  });

  function lists(tools: () => readonly unknown[]): Answer {
    return (seen, response) => {
      if (seen.message.method === 'tools/list') {
        sendJson(response, {
          jsonrpc: '2.0',
          id: seen.message.id,
          result: { resultType: 'complete', tools: tools(), ttlMs: 0, cacheScope: 'public' },
        });
      } else if (seen.headers['mcp-param-region'] === 'eu' || seen.headers['mcp-param-area'] === 'eu') {
        sendJson(response, result(seen.message.id, 'x'));
      } else {
        sendJson(
          response,
          { jsonrpc: '2.0', id: seen.message.id, error: { code: -32020, message: 'Header mismatch' } },
          400,
        );
      }
    };
  }

  it('are learnt from the list that passed by', async () => {
    await using server = await upstream(lists(() => [{ name: 'where', inputSchema: annotated('Region') }]));
    await using connection = await connect(server);
    await connection.service(call('tools/list'));
    await connection.service(toolCall('where', { region: 'eu' }));
    expect(server.requests.map(({ message }) => message.method)).toEqual([
      'server/discover',
      'tools/list',
      'tools/call',
    ]);
  });

  it('are learnt when the server misses them, once', async () => {
    await using server = await upstream(lists(() => [{ name: 'where', inputSchema: annotated('Region') }]));
    await using connection = await connect(server);
    await connection.service(toolCall('where', { region: 'eu' }));
    expect(await codeOf(connection.service(toolCall('where', { region: 'us' })))).toBe('UPSTREAM_MALFORMED');
    expect(server.requests.map(({ message }) => message.method)).toEqual([
      'server/discover',
      'tools/call',
      'tools/list',
      'tools/call', // learnt
      'tools/call',
      'tools/list',
      'tools/call', // in vain
    ]);
  });

  it('that are wrong keep their tool off the list, which else stays as it is', async () => {
    const lines: string[] = [];
    const good = { name: 'good', inputSchema: annotated('Region'), odd: 1 };
    await using server = await upstream(
      lists(() => [{ name: 'bad', inputSchema: annotated('no token') }, good, { name: 'plain', inputSchema: {} }]),
    );
    await using connection = await connect(server, { onLog: (line) => lines.push(line) });
    const { result: list } = await connection.service(call('tools/list'));
    expect(list.text).toBe(
      `{"resultType":"complete","tools":[${JSON.stringify(good)},{"name":"plain","inputSchema":{}}],"ttlMs":0,"cacheScope":"public"}`,
    );
    expect(lines.join()).toContain('"bad" is left out');
  });
});
