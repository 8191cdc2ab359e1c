import { once } from 'node:events';
import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { type HttpHandler, httpHandler } from './handler.ts';
import { converse, requestText } from '../testing/conversation.ts';
import { serverInfo, serviceOf, textReply } from '../testing/calls.ts';
import { ask, modernRequest } from '../testing/raw-http.ts';

describe('a handler on a server of somebody else', () => {
  async function mount() {
    const service = (name: string) => serviceOf({ who: () => textReply(name) });
    const handlers = ['/mcp', '/mcp/small'].map((path) => httpHandler(service(path), { serverInfo, path }));
    const server = createServer((request, response) => {
      if (!handlers.some((handler) => handler.handle(request, response))) response.writeHead(418).end('mine');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (typeof address !== 'object' || address === null) throw new Error('no address');
    return {
      address: `http://127.0.0.1:${address.port}/`,
      handlers,
      async [Symbol.asyncDispose]() {
        await Promise.all(handlers.map((handler) => handler.close()));
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      },
    };
  }

  it('answers on its path, with any query, and leaves the rest alone', async () => {
    await using mounted = await mount();
    const status = async (path: string) =>
      (await ask(mounted.address, { ...modernRequest('tools/call', { name: 'who' }), path })).status;
    expect(
      await Promise.all(['/mcp', '/mcp?x=1', '/mcp/small', '/mcp/', '/mcpx', '/', '/mcp/small/er'].map(status)),
    ).toEqual([200, 200, 200, 418, 418, 418, 418]);
  });

  it('refuses what names two hosts', async () => {
    await using mounted = await mount();
    const text = requestText({ headers: { Host: 'localhost' }, body: {} });
    expect(await converse(Number(new URL(mounted.address).port), [text])).toMatch(
      /^HTTP\/1\.1 400 [^]*HEADER_MISMATCH/,
    );
  });

  it('answers for its own service', async () => {
    await using mounted = await mount();
    const answer = await ask(mounted.address, { ...modernRequest('tools/call', { name: 'who' }), path: '/mcp/small' });
    expect(answer.json.result).toMatchObject({ content: [{ text: '/mcp/small' }] });
  });

  it('takes no places beside its path, unless it is told to', async () => {
    const handlers = [false, true].map((sse) => httpHandler(serviceOf(), { serverInfo, sse }));
    const byDefault = httpHandler(serviceOf(), { serverInfo });
    const takes = (handler: HttpHandler, url: string): boolean => {
      const request = new IncomingMessage(new Socket());
      request.url = url;
      request.method = 'PUT';
      return handler.handle(request, new ServerResponse(request));
    };
    const places = ['/mcp', '/sse', '/messages?sessionId=x'];
    expect([byDefault, ...handlers].map((handler) => places.map((url) => takes(handler, url)))).toEqual([
      [true, false, false],
      [true, false, false],
      [true, true, true],
    ]);
    await Promise.all([byDefault, ...handlers].map((handler) => handler.close()));
  });

  it('says after close that it is closed, and the others go on', async () => {
    await using mounted = await mount();
    await mounted.handlers[0]?.close();
    const status = async (path: string) =>
      (await ask(mounted.address, { ...modernRequest('tools/call', { name: 'who' }), path })).status;
    expect(await status('/mcp')).toBe(503);
    expect(await status('/mcp/small')).toBe(200);
  });
});
