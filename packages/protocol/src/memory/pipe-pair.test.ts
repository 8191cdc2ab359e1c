import { describe, expect, it, type Mock, vi } from 'vitest';
import type { PipeReceiver } from '../pipe.ts';
import { wireEnd } from '../testing/wire-end.ts';
import { createPipePair } from './pipe-pair.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
interface TestReceiver {
  readonly message: Mock<PipeReceiver['message']>;
  readonly closed: Mock<PipeReceiver['closed']>;
}

const receiver = (): TestReceiver => ({
  message: vi.fn<PipeReceiver['message']>(),
  closed: vi.fn<PipeReceiver['closed']>(),
});

describe('a pair of pipes', () => {
  it('carries messages both ways, in order, with their lane', async () => {
    const [left, right] = createPipePair();
    const [a, b] = [wireEnd(left), wireEnd(right)];
    a.send('1', '"x"');
    a.send('2');
    b.send('3');
    expect([await b.next(), await b.next(), await a.next()]).toEqual(['1', '2', '3']);
    expect(b.lanes).toEqual(['"x"', undefined]);
  });

  it('keeps what comes before anybody listens, and delivers nothing within send', async () => {
    const [left, right] = createPipePair();
    await left.send(bytes('early'));
    const listener = receiver();
    right.start(listener);
    expect(listener.message).not.toHaveBeenCalled();
    await vi.waitFor(() => expect(listener.message).toHaveBeenCalledOnce());
  });

  it('makes the sender wait while too much is unread', async () => {
    const [left, right] = createPipePair({ highWaterBytes: 3 });
    await left.send(bytes('123'));
    let room = false;
    const waiting = left.send(bytes('4')).then(() => (room = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(room).toBe(false);
    right.start(receiver());
    await waiting;
  });

  it('reads no further while a message is being taken', async () => {
    const [left, right] = createPipePair();
    const taken = Promise.withResolvers<void>();
    const seen: number[] = [];
    right.start({
      message(message) {
        seen.push(message.byteLength);
        return taken.promise;
      },
      closed() {},
    });
    await left.send(bytes('1'));
    await left.send(bytes('22'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toEqual([1]);
    taken.resolve();
    await vi.waitFor(() => expect(seen).toEqual([1, 2]));
  });

  it('delivers what was sent before it was closed, then says so once on each side', async () => {
    const [left, right] = createPipePair();
    const [near, far] = [receiver(), receiver()];
    left.start(near);
    right.start(far);
    await left.send(bytes('last'));
    await Promise.all([left.close(), left.close()]);
    await vi.waitFor(() => expect(far.closed).toHaveBeenCalledOnce());
    expect(far.message).toHaveBeenCalledOnce();
    expect(far.closed).toHaveBeenCalledWith(expect.objectContaining({ code: 'CLOSED' }));
    expect(near.closed).toHaveBeenCalledExactlyOnceWith(undefined);
    await right.close();
    expect(far.closed).toHaveBeenCalledOnce();
    await expect(left.send(bytes('x'))).rejects.toMatchObject({ code: 'CLOSED', facts: { what: 'pipe' } });
    await expect(right.send(bytes('x'))).rejects.toMatchObject({ code: 'CLOSED' });
  });

  it('frees a sender that waits for room when it is closed', async () => {
    const [left, right] = createPipePair({ highWaterBytes: 1 });
    const waiting = left.send(bytes('123'));
    await right.close();
    await waiting;
  });

  it('is started once', () => {
    const [left] = createPipePair();
    left.start(receiver());
    expect(() => left.start(receiver())).toThrow(TypeError);
  });
});
