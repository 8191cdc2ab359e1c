import { afterEach, describe, expect, it, vi } from 'vitest';
import { createPipePair } from '../../../memory/pipe-pair.ts';
import { testCall } from '../../../testing/call.ts';
import { initializeResult } from '../../../testing/pipes.ts';
import { wireEnd, type WireEnd } from '../../../testing/wire-end.ts';
import type { Connection } from '../../../transport.ts';
import { connectLegacy } from './client.ts';
import type { SessionPipe } from './session-pipe.ts';

interface Opening {
  readonly connecting: Promise<Connection>;
  readonly end: WireEnd;
  /** The server has taken note that the session is open. */
  readonly noted: () => void;
}

/** A handshake up to `notifications/initialized`, of which the pipe is not rid yet. */
async function opening(hears: () => boolean = () => true, signal?: AbortSignal): Promise<Opening> {
  const [near, far] = createPipePair();
  const end = wireEnd(far);
  const { promise, resolve } = Promise.withResolvers<void>();
  const pipe: SessionPipe = {
    async send(bytes, about) {
      await near.send(bytes, about);
      if (new TextDecoder().decode(bytes).includes('notifications/initialized')) await promise;
    },
    start: (receiver) => near.start(receiver),
    close: () => near.close(),
    get hears() {
      return hears();
    },
  };
  const connecting = connectLegacy(pipe, {
    upstream: 'old',
    clientInfo: { name: 'toolyard', version: '1' },
    wire: 'memory',
    ...(signal && { signal }),
  });
  connecting.catch(() => {});
  const capabilities = '{"tools":{"listChanged":true},"resources":{"listChanged":true,"subscribe":true},"x":1}';
  await end.answer(initializeResult(capabilities));
  expect(await end.next()).toContain('notifications/initialized');
  return { connecting, end, noted: resolve };
}

afterEach(() => {
  vi.useRealTimers();
});

describe('a session that its server has not taken note of yet', () => {
  it('is waited for, and what the server asks meanwhile is heard', async () => {
    const { connecting, end, noted } = await opening();
    let open = false;
    void connecting.then(() => (open = true));
    end.send('{"jsonrpc":"2.0","id":"p","method":"ping"}');
    expect(await end.next()).toBe('{"jsonrpc":"2.0","id":"p","result":{}}');
    expect(open).toBe(false);
    noted();
    await (await connecting).close();
  });

  it('is waited for a second and no longer', async () => {
    vi.useFakeTimers();
    const { connecting } = await opening();
    let open = false;
    void connecting.then(() => (open = true));
    await vi.advanceTimersByTimeAsync(999);
    expect(open).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(open).toBe(true);
    await (await connecting).close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is not waited for by who has gone, nor after its end', async () => {
    vi.useFakeTimers();
    const controller = new AbortController();
    const left = await opening(undefined, controller.signal);
    controller.abort();
    await expect(left.connecting).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(left.end.closed).toBe(true);
    const ended = await opening();
    await ended.end.close();
    ended.noted();
    await expect(ended.connecting).rejects.toMatchObject({ code: 'UPSTREAM_UNREACHABLE' });
    expect(vi.getTimerCount()).toBe(0);
  });
});

it('promises no changes that there is no way to hear of', async () => {
  let hears = true;
  const { connecting, end, noted } = await opening(() => hears);
  hears = false;
  noted();
  await using connection = await connecting;
  const { result } = await connection.service(testCall('server/discover'));
  expect(result.object('capabilities')?.value).toEqual({ tools: {}, resources: {}, x: 1 });
  const wanted = { toolsListChanged: true, resourceSubscriptions: ['a:1'] };
  const listen = testCall('subscriptions/listen', { params: { notifications: wanted } });
  const listening = connection.service(listen).catch(() => {});
  // A resource that the server lets us subscribe to all the same: it may tell of it in its responses.
  expect(await end.answer('"result":{}')).toContain('"method":"resources/subscribe"');
  await vi.waitFor(() => expect(listen.notified).toHaveLength(1));
  expect(listen.notified[0]?.params).toEqual({ notifications: { resourceSubscriptions: ['a:1'] } });
  listen.abort();
  await listening;
});
