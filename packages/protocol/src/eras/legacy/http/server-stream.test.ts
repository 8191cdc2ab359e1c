import { describe, expect, it } from 'vitest';
import { decodeUtf8, encodeUtf8 } from '../../../wire/text.ts';
import type { HttpOutgoing, HttpOutgoingListener } from '../../http/http-incoming.ts';
import { createEventLog } from './events/event-log.ts';
import { memoryEventStore } from './events/memory-event-store.ts';
import { ServerStream } from './server-stream.ts';

interface FakeResponse extends HttpOutgoing {
  readonly written: string[];
  readonly state: 'new' | 'open' | 'ended' | 'destroyed';
  /** The client goes away. */
  leave(): void;
}

function response(writable = true): FakeResponse {
  let listener: HttpOutgoingListener | undefined;
  let state: FakeResponse['state'] = 'new';
  let there = writable;
  const written: string[] = [];
  return {
    written,
    get state() {
      return state;
    },
    get writable() {
      return there && state !== 'ended' && state !== 'destroyed';
    },
    pendingBytes: 0,
    respond: () => {},
    open: () => void (state = 'open'),
    write(chunk) {
      written.push(decodeUtf8(chunk).trim().replaceAll('\n', '|'));
      return true;
    },
    drained: () => Promise.resolve(),
    end: () => void (state = 'ended'),
    destroy: () => void (state = 'destroyed'),
    attach: (given) => void (listener = given),
    leave() {
      there = false;
      listener?.gone();
    },
  };
}

function streamOf(primes = false) {
  const log = createEventLog(memoryEventStore().open('t'), 't');
  let ended = 0;
  const stream = new ServerStream({
    log,
    primes: () => primes,
    retryMs: 5,
    maxStreamMs: undefined,
    moved: () => {},
    ended: () => void (ended += 1),
  });
  const say = (text: string): void => void stream.write(encodeUtf8(`"${text}"`), false);
  return { log, stream, say, ended: () => ended };
}

describe('a stream of a session', () => {
  it('is carried by one response after the other, each event by one of them', () => {
    const { stream, say } = streamOf();
    say('before');
    const first = response();
    stream.carry(first);
    say('a');
    first.leave();
    say('b');
    say('c');
    const second = response();
    stream.carry(second);
    say('d');
    expect(first.written).toEqual(['id: t-0-1|event: message|data: "before"', 'id: t-0-2|event: message|data: "a"']);
    expect(second.written.map((frame) => frame.slice(-3))).toEqual(['"b"', '"c"', '"d"']);
  });

  it('gives all after a place again to a client that names it', () => {
    const { stream, say } = streamOf();
    const first = response();
    stream.carry(first);
    for (const text of ['a', 'b', 'c']) say(text);
    first.leave();
    const second = response();
    stream.carry(second, undefined, 1);
    expect(second.written.map((frame) => frame.slice(-3))).toEqual(['"b"', '"c"']);
  });

  it('ends the response that it leaves, whose client then does not matter', () => {
    const { stream, say } = streamOf();
    const [first, second] = [response(), response()];
    stream.carry(first);
    stream.carry(second);
    expect(first.state).toBe('ended');
    first.leave();
    say('a');
    expect(second.written).toHaveLength(1);
  });

  it('is not carried by a response whose client has gone', () => {
    const { stream, say } = streamOf();
    stream.carry(response(false));
    expect(stream.carried).toBe(false);
    say('a');
    const next = response();
    stream.carry(next);
    expect(next.written).toHaveLength(1);
  });

  it('tells a client that can poll where it is, after what it missed', () => {
    const { stream, say } = streamOf(true);
    say('a');
    const first = response();
    stream.carry(first);
    expect(first.written).toEqual(['id: t-0-1|event: message|data: "a"', 'id: t-0-2|retry: 5|data:']);
  });

  it('cuts off a client, and is there for it when it comes back', () => {
    const { stream, say } = streamOf();
    const first = response();
    stream.carry(first);
    stream.cut();
    expect(first.state).toBe('destroyed');
    say('a');
    const second = response();
    stream.carry(second);
    expect(second.written).toHaveLength(1);
  });

  it('is kept for a while when it has ended', () => {
    const { log, stream, say, ended } = streamOf();
    const first = response();
    stream.carry(first);
    say('a');
    stream.end();
    expect(first.state).toBe('ended');
    expect(ended()).toBe(1);
    expect(log.after({ stream: 0, at: 0 })?.frames).toHaveLength(1);
  });
});
