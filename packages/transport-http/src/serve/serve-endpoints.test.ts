import { memoryEventStore } from '@toolyard/protocol';
import { describe, expect, it } from 'vitest';
import { serviceOf, textReply } from '../testing/calls.ts';
import { events, openSession, toolRequest } from '../testing/legacy-session.ts';
import { serve } from '../testing/listeners.ts';
import { ask, modernRequest } from '../testing/raw-http.ts';

const named = (name: string) => serviceOf({ who: () => textReply(name) });
const who = modernRequest('tools/call', { name: 'who' });

async function serveBoth(more: Parameters<typeof serve>[1] = {}) {
  const listener = await serve(named('whole'), more);
  listener.mount({
    path: '/mcp/small',
    service: named('small'),
    sse: { path: '/mcp/small/sse', messagesPath: '/mcp/small/messages' },
  });
  return listener;
}

describe('several endpoints on one server', () => {
  it('answer each for its own service, and for no other path', async () => {
    await using listener = await serveBoth();
    const answers = await Promise.all(
      ['/mcp', '/mcp/small', '/mcp/small?x=1', '/mcp/other', '/mcp/small/'].map((path) =>
        ask(listener.address, { ...who, path }),
      ),
    );
    expect(answers.map(({ status, json }) => [status, json.result?.['content'] ?? json.error?.data])).toEqual([
      [200, [{ type: 'text', text: 'whole' }]],
      [200, [{ type: 'text', text: 'small' }]],
      [200, [{ type: 'text', text: 'small' }]],
      [404, { code: 'NOT_FOUND', path: '/mcp/other' }],
      [404, { code: 'NOT_FOUND', path: '/mcp/small/' }],
    ]);
  });

  it('leave to the one before the places that it has', async () => {
    await using listener = await serve(named('whole'));
    for (const path of ['/messages', '/mcp', '/mcp/small']) listener.mount({ path, service: named(path) });
    const answers = await Promise.all(
      ['/messages', '/mcp', '/mcp/small'].map((path) => ask(listener.address, { ...who, path })),
    );
    expect(answers.map(({ status, json }) => [status, json.result?.['content']])).toEqual([
      [404, undefined],
      [200, [{ type: 'text', text: 'whole' }]],
      [200, [{ type: 'text', text: '/mcp/small' }]],
    ]);
  });

  it('check each the headers of its own tools', async () => {
    const toolHeaders = () => [{ header: 'mcp-param-region', path: ['region'], type: 'string' as const }];
    await using listener = await serve(named('whole'), { toolHeaders });
    listener.mount({ path: '/mcp/small', service: named('small') });
    const request = modernRequest('tools/call', { name: 'who', arguments: { region: 'eu' } });
    const status = async (path: string) => (await ask(listener.address, { ...request, path })).status;
    expect([await status('/mcp'), await status('/mcp/small')]).toEqual([400, 200]);
  });

  it('keep sessions of their own', async () => {
    await using listener = await serveBoth();
    const headers = await openSession(listener.address);
    const inside = async (path: string) =>
      (await ask(listener.address, { path, headers, body: toolRequest('who') })).status;
    expect([await inside('/mcp'), await inside('/mcp/small')]).toEqual([200, 404]);
  });

  it('have places of their own for clients of HTTP+SSE, where they are given some', async () => {
    await using listener = await serveBoth();
    const endpointAt = async (path: string): Promise<string | undefined> => {
      const stream = await events(new URL(path, listener.address).href, { headers: {} });
      const first = await stream.next();
      stream.leave();
      return first?.data?.replace(/\?.*/, '');
    };
    expect([await endpointAt('/sse'), await endpointAt('/mcp/small/sse')]).toEqual([
      '/messages',
      '/mcp/small/messages',
    ]);
  });

  it('keep what clients may come back for in one store', async () => {
    const store = memoryEventStore();
    const opened: string[] = [];
    const eventStore = {
      ...store,
      open: (...given: Parameters<typeof store.open>) => (opened.push('open'), store.open(...given)),
    };
    await using listener = await serveBoth({ eventStore });
    await openSession(listener.address);
    await openSession(new URL('/mcp/small', listener.address).href);
    expect(opened).toHaveLength(2);
  });

  it('come and go while others are served, and may be followed by another at the same path', async () => {
    await using listener = await serve(named('whole'));
    const small = new URL('/mcp/small', listener.address).href;
    const answer = async () => (await ask(small, { ...who, path: '/mcp/small' })).json.result?.['content'];
    expect(await answer()).toBeUndefined();
    const done = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const slow = serviceOf({
      async who() {
        begun.resolve();
        await done.promise;
        return textReply('slow');
      },
    });
    const first = listener.mount({ path: '/mcp/small', service: slow });
    const waiting = answer();
    await begun.promise;
    const gone = first.close({ drainMs: 30_000 });
    listener.mount({ path: '/mcp/small', service: named('next') });
    expect(await answer()).toEqual([{ type: 'text', text: 'next' }]);
    done.resolve();
    expect(await waiting).toEqual([{ type: 'text', text: 'slow' }]);
    await gone;
  });

  it('may be mounted on a listener that is closed, where they answer nobody', async () => {
    const listener = await serve(named('whole'));
    await listener.close();
    await listener.mount({ path: '/mcp/small', service: named('small') }).close();
  });

  it('end together', async () => {
    const listener = await serveBoth();
    await listener.close();
    await expect(ask(listener.address, { ...who, path: '/mcp/small' })).rejects.toThrow();
  });
});
