import { describe, expect, it } from 'vitest';
import { codeOf, textOf, toolCall } from '../testing/calls.ts';
import { type Answer, connect, events, result, upstream } from '../testing/modern-upstream.ts';
import { sendJson } from '../testing/raw-http.ts';

describe('a server that misbehaves', () => {
  const cases: readonly [string, Answer, string][] = [
    [
      'truncated JSON',
      (seen, response) =>
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify(result(seen.message.id, 'x')).slice(0, -2)),
      'UPSTREAM_MALFORMED',
    ],
    [
      'two replies in one body',
      (seen, response) =>
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify(result(seen.message.id, 'x')).repeat(2)),
      'UPSTREAM_MALFORMED',
    ],
    ['a batch', (seen, response) => sendJson(response, [result(seen.message.id, 'x')]), 'UPSTREAM_MALFORMED'],
    ['the reply to another request', (_, response) => sendJson(response, result(4711, 'x')), 'UPSTREAM_MALFORMED'],
    [
      'its id as a string',
      (seen, response) => sendJson(response, result(String(seen.message.id), 'x')),
      'UPSTREAM_MALFORMED',
    ],
    [
      'a request in the body',
      (_, response) => sendJson(response, { jsonrpc: '2.0', id: 1, method: 'ping' }),
      'UPSTREAM_MALFORMED',
    ],
    [
      'a request on the stream',
      (_, response) => events(response, { jsonrpc: '2.0', id: 1, method: 'ping' }),
      'UPSTREAM_MALFORMED',
    ],
    [
      'an empty body',
      (_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(),
      'UPSTREAM_MALFORMED',
    ],
    ['202', (_, response) => response.writeHead(202).end(), 'UPSTREAM_STATUS'],
    [
      'a page',
      (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
      'UPSTREAM_MALFORMED',
    ],
    [
      'text that is not UTF-8',
      (_, response) =>
        response.writeHead(200, { 'content-type': 'application/json' }).end(Buffer.from([0x7b, 0xff, 0x7d])),
      'UPSTREAM_MALFORMED',
    ],
    [
      'an event that is not UTF-8',
      (_, response) =>
        response.writeHead(200, { 'content-type': 'text/event-stream' }).end(Buffer.from('data: \xff\n\n', 'latin1')),
      'UPSTREAM_MALFORMED',
    ],
    ['an event that is not JSON', (_, response) => events(response, '{"jsonrpc"'), 'UPSTREAM_MALFORMED'],
    [
      'members that stand twice',
      (seen, response) =>
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(`{"jsonrpc":"2.0","id":${String(seen.message.id)},"result":{"a":1,"a":2}}`),
      'UPSTREAM_MALFORMED',
    ],
    ['a stream that ends without the reply', (_, response) => (events(response), response.end()), 'UPSTREAM_CLOSED'],
    [
      'a stream that breaks',
      (_, response) => (events(response, ''), setImmediate(() => response.destroy())),
      'UPSTREAM_CLOSED',
    ],
    ['no response at all', (_, response) => response.destroy(), 'UPSTREAM_CLOSED'],
    [
      'less than it promised',
      (_, response) => (
        response.writeHead(200, { 'content-length': '100' }),
        response.write('{'),
        setImmediate(() => response.destroy())
      ),
      'UPSTREAM_CLOSED',
    ],
    [
      'what is not HTTP',
      (_, response) => (response.socket?.write('SMTP ready\r\n\r\n'), undefined),
      'UPSTREAM_MALFORMED',
    ],
    [
      'a compressed body',
      (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('x'),
      'UPSTREAM_MALFORMED',
    ],
    [
      'a body that is too large',
      (seen, response) => sendJson(response, result(seen.message.id, 'x'.repeat(20_000))),
      'UPSTREAM_MALFORMED',
    ],
    [
      'a body that is too large and has no length',
      (_, response) => (response.writeHead(200), response.write('x'.repeat(20_000)), undefined),
      'UPSTREAM_MALFORMED',
    ],
    ['an event that is too large', (_, response) => events(response, 'x'.repeat(20_000)), 'UPSTREAM_MALFORMED'],
    [
      'an event that never ends',
      (_, response) => (
        response.writeHead(200, { 'content-type': 'text/event-stream' }),
        response.write(`data: ${'x'.repeat(20_000)}`),
        undefined
      ),
      'UPSTREAM_MALFORMED',
    ],
    ['silence', () => {}, 'UPSTREAM_TIMEOUT'],
    [
      'a body that stalls',
      (_, response) => (response.writeHead(200), response.write('{'), undefined),
      'UPSTREAM_TIMEOUT',
    ],
  ];

  it.each(cases)('by answering with %s', async (_, answer, code) => {
    await using server = await upstream(answer);
    await using connection = await connect(server, { timeoutMs: 300, maxMessageBytes: 10_000 });
    expect(await codeOf(connection.service(toolCall('a')))).toBe(code);
  });

  it('by sending a second reply is ignored from there on', async () => {
    await using server = await upstream((seen, response) => {
      events(response, result(seen.message.id, 'first'), result(seen.message.id, 'second'));
      response.end();
    });
    await using connection = await connect(server);
    expect(textOf(await connection.service(toolCall('a')))).toBe('first');
  });

  it('by leaving the stream open after the reply does not keep the socket', async () => {
    const closed = Promise.withResolvers<void>();
    await using server = await upstream((seen, response) => {
      response.on('close', closed.resolve);
      events(response, result(seen.message.id, 'x'));
    });
    await using connection = await connect(server);
    await connection.service(toolCall('a'));
    await closed.promise;
  });
});
