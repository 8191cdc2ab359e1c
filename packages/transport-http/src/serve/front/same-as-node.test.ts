import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Listener } from '@toolyard/protocol';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Endpoint } from '../endpoint.ts';
import { Mounts } from '../mounts.ts';
import { nodeListener } from '../node-listener.ts';
import type { HttpServeOptions, Principal } from '../../options.ts';
import { serverInfo, serviceOf, textReply } from '../../testing/calls.ts';
import { converse, nodeRequests, requestText } from '../../testing/conversation.ts';
import { serve } from '../../testing/listeners.ts';
import { modernRequest } from '../../testing/raw-http.ts';
import { readRequestHead } from './request-head.ts';

/** Answers at once with all that was understood of a request: the headers as `identify` has them, and the argument. */
const service = serviceOf({
  seen: (call) => textReply(`${call.caller.principal} ${call.params.object('arguments')?.string('text')}`),
});
const ordinary = requestText(modernRequest('tools/call', { name: 'seen', arguments: { text: 'one' } }));
const last = requestText(
  modernRequest('tools/call', { name: 'seen', arguments: { text: 'last' } }, { connection: 'close' }),
);

const options: Partial<HttpServeOptions> = {
  identify: (headers): Principal => ({ principal: JSON.stringify(headers) }),
  allowedOrigins: ['https://app.example'],
  fallback: (_, response) => response.writeHead(418, { connection: 'close' }).end(),
};

describe('a server with a front answers as node:http alone does', () => {
  let front: Listener;
  const endpoint = new Endpoint(service, { serverInfo, sse: true, ...options });
  const mounts = new Mounts();
  mounts.add(endpoint);
  const plain = createServer({ maxHeaderSize: 32_768 }, nodeListener(mounts, options));
  let frontPort = 0;
  let plainPort = 0;
  beforeAll(async () => {
    front = await serve(service, options);
    frontPort = Number(new URL(front.address).port);
    plain.listen(0, '127.0.0.1');
    await once(plain, 'listening');
    const address = plain.address();
    plainPort = typeof address === 'object' && address !== null ? address.port : 0;
  });
  afterAll(async () => {
    await front.close();
    plain.closeAllConnections();
    await new Promise((resolve) => plain.close(resolve));
    await endpoint.close();
  });

  /**
   * Node drops the answers that it owes when nonsense comes behind their requests, and the front does not. So it is sent the ordinary requests one by one here, cut as the
   * front cuts them: should it see their ends elsewhere, it answers otherwise or not at all.
   */
  const same = async (text: string): Promise<void> => {
    const pieces = cut(text);
    const [ours, theirs] = await Promise.all([converse(frontPort, [text]), converse(plainPort, pieces, 'answer')]);
    expect(answers(ours)).toBe(answers(theirs));
    expect(theirs).not.toBe('');
  };

  it('to an ordinary request, in as many bytes, without node:http having seen it', async () => {
    const expected = await converse(plainPort, [ordinary]);
    expect(expected).toMatch(/^HTTP\/1.1 200 OK\r\n[^]*\r\n\r\n\{"jsonrpc":"2.0"/);
    using seen = nodeRequests();
    expect(await converse(frontPort, [ordinary])).toBe(expected);
    expect(seen.count).toBe(0);
  });

  it('to requests cut in two at any byte', async () => {
    const text = ordinary + last;
    const expected = await converse(plainPort, [text]);
    using seen = nodeRequests();
    for (let at = 1; at < text.length; at += 1)
      expect(await converse(frontPort, [text.slice(0, at), text.slice(at)]), `cut at ${at}`).toBe(expected);
    expect(seen.count).toBe(0);
  });

  it('to requests that come byte by byte', async () => {
    expect(await converse(frontPort, [...(ordinary + last)])).toBe(await converse(plainPort, [ordinary + last]));
  });

  it.each([
    ['refused for its host', requestText({ headers: { host: 'evil.example.com' }, body: '{}' })],
    ['refused for its origin', requestText({ headers: { origin: 'https://evil.example' }, body: '{}' })],
    [
      'of a page of another site',
      requestText(modernRequest('tools/call', { name: 'seen' }, { origin: 'https://app.example' })),
    ],
    ['refused for its type', requestText({ headers: { 'content-type': 'text/plain' }, body: '{}' })],
    ['without a body', requestText({ headers: { 'content-type': 'application/json' } })],
    [
      'of a session',
      requestText({ headers: { 'content-type': 'application/json', 'mcp-session-id': 'x' }, body: '{}' }),
    ],
    ['to be answered with events', ordinary.replace('application/json, text', 'text')],
    ['that goes to another place', ordinary.replace('/mcp', '/else')],
    ['that goes to the place of messages', ordinary.replace('/mcp', '/messages?sessionId=x')],
    ['with a query', ordinary.replace('/mcp', '/mcp?a=b')],
    ['of another method', ordinary.replace('POST', 'PUT')],
    [
      'with a body in chunks',
      ordinary.replace(/content-length: \d+/, 'transfer-encoding: chunked').replace(/\{.*/s, '2\r\n{}\r\n0\r\n\r\n'),
    ],
    ['with a length and chunks', ordinary.replace('host', 'transfer-encoding: chunked\r\nhost')],
    ['with a length that is too short', ordinary.replace(/(content-length: )\d+/, '$110')],
    ['that ends too soon', ordinary.slice(0, -1)],
    ['that ends in its head', ordinary.slice(0, 40)],
    ['that waits to be told to go on', ordinary.replace('host', 'expect: 100-continue\r\nhost')],
    ['that would be another protocol', ordinary.replace('host', 'connection: upgrade\r\nupgrade: websocket\r\nhost')],
    ['with the same header twice', ordinary.replace('host', 'x-a: 1\r\nx-a: 2\r\ncookie: a\r\nCookie: b\r\nhost')],
    ['with two hosts', ordinary.replace('host', 'host: localhost\r\nHost')],
    [
      'with two hosts, for another place',
      ordinary.replace('/mcp', '/else').replace('host', 'HOST: evil.example\r\nhost'),
    ],
    ['with a long head', ordinary.replace('host', `x-a: ${'y'.repeat(20_000)}\r\nhost`)],
    ['which is none', 'what is this?\r\n\r\n'],
  ])('to a request %s, alone and before another', async (_, text) => {
    await same(text);
    await same(text + last);
    await same(ordinary + text + last);
  });

  it('to whatever else comes', async () => {
    const characters = fc.constantFrom(...'\r\n\t \0:;,-_09azAZ/%"{}\x7f\x80\xff');
    const insertion = fc.oneof(
      characters,
      fc.constantFrom(
        ...[
          '\r\n',
          '\r\n\r\n',
          '\r\n ',
          'content-length: 5\r\n',
          'transfer-encoding: chunked\r\n',
          '0\r\n\r\n',
          'x: y\r\n',
        ],
      ),
    );
    const edit = fc.record({ at: fc.nat(ordinary.length), removed: fc.nat(3), insertion });
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 3 }), async (edits) => {
        let text = ordinary;
        for (const { at, removed, insertion } of edits) text = text.slice(0, at) + insertion + text.slice(at + removed);
        await same(text + last);
      }),
      { numRuns: 400 },
    );
  });
});

/** Whether node still says 400 to nonsense behind a request that it has just answered depends on how it came by the bytes. */
function answers(text: string): string {
  return text.replace(/(?<=.)HTTP\/1\.1 400 Bad Request\r\nConnection: close\r\n\r\n$/s, '');
}

/** Each ordinary request, and then the rest. */
function cut(text: string): string[] {
  const pieces: string[] = [];
  let rest = text;
  for (;;) {
    const head = readRequestHead(rest);
    const end =
      typeof head === 'string' || head.path !== '/mcp' ? Number.POSITIVE_INFINITY : head.bodyAt + head.bodyBytes;
    pieces.push(rest.slice(0, end));
    if (rest.length <= end) return pieces;
    rest = rest.slice(end);
  }
}
