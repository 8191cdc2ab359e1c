import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { encodeUtf8 } from '../../../wire/text.ts';
import { httpClientPipe } from './http-client-pipe.ts';
import { playedExchange, type Sent } from './testing/played-exchange.ts';

/** A pipe over an endpoint that the test plays. */
function rig(): { readonly pipe: ReturnType<typeof httpClientPipe>; readonly posted: readonly Sent[] } {
  const { exchange, sent: posted } = playedExchange();
  const pipe = httpClientPipe(exchange, { upstream: 'old', headers: [], onLog: undefined });
  pipe.start({ message: () => undefined, closed: () => undefined });
  return { pipe, posted };
}

const call = '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{}}';
const cancelled = '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}}';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('the cancellation of a request', () => {
  const cancel = (): ReturnType<typeof rig> => {
    const made = rig();
    made.pipe.send(encodeUtf8(call)).catch(() => undefined);
    return made;
  };

  it('does not overtake it on another socket', () => {
    const { pipe, posted } = cancel();
    vi.advanceTimersByTime(20);
    void pipe.send(encodeUtf8(cancelled));
    vi.advanceTimersByTime(29);
    expect(posted.map(({ body, aborted }) => [body, aborted])).toEqual([[call, false]]);
    vi.advanceTimersByTime(1);
    expect(posted.map(({ body }) => body)).toEqual([call, cancelled]);
    posted[1]?.receiver.body(encodeUtf8(''), 202, {});
    expect(posted[0]?.aborted).toBe(true);
  });

  it('goes at once where the server has read it, or must have', () => {
    const begun = cancel();
    begun.posted[0]?.receiver.head?.(200, { 'content-type': 'text/event-stream' });
    vi.advanceTimersByTime(1);
    void begun.pipe.send(encodeUtf8(cancelled));
    expect(begun.posted).toHaveLength(2);
    const old = cancel();
    vi.advanceTimersByTime(50);
    void old.pipe.send(encodeUtf8(cancelled));
    expect(old.posted).toHaveLength(2);
  });

  it('is not sent after the end of the session, and nobody waits for it', async () => {
    const { pipe, posted } = cancel();
    const sent = pipe.send(encodeUtf8(cancelled));
    await pipe.close();
    vi.advanceTimersByTime(50);
    await sent;
    expect(posted.map(({ body }) => body)).toEqual([call]);
  });
});
