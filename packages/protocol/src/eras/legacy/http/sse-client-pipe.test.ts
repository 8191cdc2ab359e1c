import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Pipe } from '../../../pipe.ts';
import { encodeUtf8 } from '../../../wire/text.ts';
import { openSseClient } from './sse-client-pipe.ts';
import { playedExchange, type Sent } from './testing/played-exchange.ts';

const call = (id: number): string => `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{}}`;
const cancelled = (id: number): string =>
  `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${id}}}`;
const reply = (id: number): string => `{"jsonrpc":"2.0","id":${id},"result":{}}`;

interface Rig {
  readonly pipe: Pipe;
  /** Bodies of what was posted. */
  readonly posts: () => readonly string[];
  readonly post: (body: string) => Sent | undefined;
  readonly accept: (body: string) => void;
  readonly say: (message: string) => void;
  readonly sent: readonly Sent[];
}

async function rig(): Promise<Rig> {
  const { exchange, sent } = playedExchange();
  const opening = openSseClient(exchange, {
    upstream: 'old',
    url: 'http://h/sse',
    headers: [],
    signal: new AbortController().signal,
  });
  const stream = sent[0]?.receiver;
  void stream?.event({ event: 'endpoint', data: '/messages' });
  const pipe = await opening;
  if (pipe === undefined) throw new Error('no stream');
  pipe.start({ message: () => undefined, closed: () => undefined });
  const post = (body: string): Sent | undefined => sent.find((one) => one.body === body);
  return {
    pipe,
    sent,
    post,
    posts: () => sent.slice(1).map(({ body }) => body),
    accept: (body) => post(body)?.receiver.body(encodeUtf8('Accepted'), 202, {}),
    say: (message) => void stream?.event({ event: 'message', data: message }),
  };
}

const send = ({ pipe }: Rig, message: string): Promise<void> => pipe.send(encodeUtf8(message));

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('the cancellation of a call to a server of 2024-11-05', () => {
  it('goes when its call was accepted, and only its own', async () => {
    const old = await rig();
    void send(old, call(7));
    void send(old, call(8));
    const told = send(old, cancelled(7));
    old.accept(call(8));
    await vi.advanceTimersByTimeAsync(0);
    void send(old, cancelled(8));
    expect(old.posts()).toEqual([call(7), call(8), cancelled(8)]);
    old.accept(call(7));
    await vi.advanceTimersByTimeAsync(0);
    expect(old.posts()).toEqual([call(7), call(8), cancelled(8), cancelled(7)]);
    old.accept(cancelled(7));
    await told;
    expect(vi.getTimerCount()).toBe(0);
  });

  it('goes when its call was refused, of which nobody knows what it means', async () => {
    const old = await rig();
    const calling = send(old, call(7)).catch((error: unknown) => error);
    void send(old, cancelled(7));
    old.post(call(7))?.receiver.body(encodeUtf8(''), 500, {});
    expect(await calling).toMatchObject({ code: 'UPSTREAM_STATUS' });
    await vi.advanceTimersByTimeAsync(0);
    expect(old.posts()).toEqual([call(7), cancelled(7)]);
  });

  it('is not sent any more once the reply has come, or the session is over', async () => {
    const old = await rig();
    void send(old, call(7));
    const late = send(old, cancelled(7));
    old.say(reply(8));
    old.say(reply(7));
    await late;
    void send(old, call(9)).catch(() => undefined);
    const last = send(old, cancelled(9));
    await old.pipe.close();
    await last;
    expect(old.posts()).toEqual([call(7), call(9)]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('waits for five seconds at most, and what nobody waits for is given up then', async () => {
    const old = await rig();
    const calling = send(old, call(7));
    void send(old, cancelled(7));
    await vi.advanceTimersByTimeAsync(4_999);
    expect(old.posts()).toEqual([call(7)]);
    await vi.advanceTimersByTimeAsync(1);
    expect(old.posts()).toEqual([call(7), cancelled(7)]);
    expect(old.post(call(7))?.aborted).toBe(true);
    await calling;
  });
});
