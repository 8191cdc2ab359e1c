import type { ServerResponse } from 'node:http';
import { createCall, RawObject } from '@toolyard/protocol';
import { describe, expect, it } from 'vitest';
import { Pools } from './pools.ts';
import { codeOf, connectOptions, toolCall } from '../testing/calls.ts';
import { modernAnswers, rawServer, sendJson } from '../testing/raw-http.ts';
import { httpTransport } from '../transport.ts';

describe('pools', () => {
  it('are shared by the users of one origin, and end with the last', async () => {
    const pools = new Pools({ maxSockets: 1, connectTimeoutMs: 1_000 });
    const first = pools.acquire('http://127.0.0.1:1');
    expect(pools.acquire('http://127.0.0.1:1')).toBe(first);
    expect(pools.acquire('http://127.0.0.1:2')).not.toBe(first);
    await pools.release('http://127.0.0.1:1');
    expect(first.calls.destroyed).toBe(false);
    await pools.release('http://127.0.0.1:1');
    expect([first.calls.destroyed, first.aside.destroyed]).toEqual([true, true]);
    expect(pools.size).toBe(1);
    await pools.release('http://127.0.0.1:2');
    await pools.release('http://127.0.0.1:2');
    expect(pools.size).toBe(0);
  });

  it('open no more sockets than they may; calls beyond wait', async () => {
    let most = 0;
    const waiting: (() => void)[] = [];
    await using server = await rawServer(
      modernAnswers((seen, response) => {
        waiting.push(() =>
          sendJson(response, { jsonrpc: '2.0', id: seen.message.id, result: { resultType: 'complete', content: [] } }),
        );
      }),
    );
    await using connection = await httpTransport({ maxSockets: 2 }).connect({ url: server.url }, connectOptions);
    const calls = Array.from({ length: 6 }, (_, at) => connection.service(toolCall(`t${at}`)));
    for (let answered = 0; answered < 6; answered += 1) {
      await expect.poll(() => waiting.length).toBeGreaterThan(0);
      most = Math.max(most, await server.sockets());
      waiting.shift()?.();
    }
    await Promise.all(calls);
    expect(most).toBe(2);
  });

  it('keep sockets aside, so that an answer that a call waits for does not wait for the call', async () => {
    let asking: { readonly id: unknown; readonly response: ServerResponse } | undefined;
    await using server = await rawServer((seen, response) => {
      const { id, method } = seen.message;
      const say = (result: unknown): void => sendJson(response, { jsonrpc: '2.0', id, result });
      if (method === 'initialize') {
        const serverInfo = { name: 'old', version: '1' };
        say({ protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo });
      } else if (method === 'tools/call') {
        asking = { id, response };
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        const params = { message: '?', requestedSchema: { type: 'object', properties: {} } };
        response.write(
          `data: ${JSON.stringify({ jsonrpc: '2.0', id: 'q', method: 'elicitation/create', params })}\n\n`,
        );
      } else if (method === undefined && seen.message.id === 'q') {
        response.writeHead(202).end();
        const result = { content: [{ type: 'text', text: JSON.stringify(seen.message.result) }] };
        asking?.response.end(`data: ${JSON.stringify({ jsonrpc: '2.0', id: asking.id, result })}\n\n`);
      } else response.writeHead(method === 'notifications/initialized' ? 202 : 405).end();
    });
    await using connection = await httpTransport({ maxSockets: 1 }).connect({ url: server.url }, connectOptions);
    const caller = { capabilities: RawObject.of({ elicitation: {} }) };
    const asked = await connection.service(createCall('tools/call', { params: RawObject.of({ name: 'a' }), caller }));
    const requestState = asked.result.string('requestState');
    const [question = ''] = asked.result.object('inputRequests')?.keys() ?? [];
    const params = RawObject.of({ name: 'a', requestState, inputResponses: { [question]: { action: 'decline' } } });
    const reply = await connection.service(createCall('tools/call', { params, caller }));
    expect(reply.result.member('content')?.value).toEqual([{ type: 'text', text: '{"action":"decline"}' }]);
  });
});

describe('the transport', () => {
  it('accepts URLs of HTTP and nothing else', () => {
    const transport = httpTransport();
    expect(
      ['http://a', 'https://a/mcp', 'ws://a', 'httpx://a', 'file:///a'].map((url) => transport.accepts({ url })),
    ).toEqual([true, true, false, false, false]);
    expect(transport.accepts({ command: 'node' })).toBe(false);
    expect(transport.accepts({ url: 'http://a', start: { command: 'node' } })).toBe(false);
  });

  it('says so where it cannot reach a target', async () => {
    expect(await codeOf(httpTransport().connect({ command: 'node' }, connectOptions))).toBe('TRANSPORT_UNKNOWN');
    expect(await codeOf(httpTransport().connect({ url: 'http://' }, connectOptions))).toBe('UPSTREAM_UNREACHABLE');
  });

  it('lets nobody set the headers that the protocol decides', async () => {
    await using server = await rawServer(modernAnswers(() => {}));
    const lines: string[] = [];
    const headers = { 'Mcp-Method': 'x', Host: 'evil', 'Content-Type': 'x', 'Mcp-Session-Id': 'x', 'X-Mine': 'y' };
    await using _ = await httpTransport().connect(
      { url: server.url, headers },
      { ...connectOptions, onLog: (line) => lines.push(line) },
    );
    expect(server.requests[0]?.headers).toMatchObject({
      'mcp-method': 'server/discover',
      'content-type': 'application/json',
      'x-mine': 'y',
      host: `127.0.0.1:${server.port}`,
    });
    expect(server.requests[0]?.headers['mcp-session-id']).toBeUndefined();
    expect(lines).toHaveLength(4);
  });
});
