import { Duplex } from 'node:stream';
import { ToolyardError } from '@toolyard/protocol';
import { expect, it } from 'vitest';
import { GrpcPipe } from './grpc-pipe.ts';

/** The far end of a stream: takes a message when the test says so. */
class FakeStream extends Duplex {
  readonly written: Uint8Array[] = [];
  readonly #waiting: (() => void)[] = [];

  constructor() {
    super({ objectMode: true });
  }

  override _read(): void {
    // Messages are pushed by the test.
  }

  override _write(message: Uint8Array, _: string, taken: () => void): void {
    this.written.push(message);
    this.#waiting.push(taken);
  }

  drain(): void {
    this.#waiting.shift()?.();
  }
}

function rig(maxSentBytes?: number): {
  stream: FakeStream;
  pipe: GrpcPipe;
  seen: string[];
  over: Promise<Error | undefined>;
  released: () => number;
} {
  const stream = new FakeStream();
  let releases = 0;
  const pipe = new GrpcPipe(stream, {
    name: 'the far end',
    ...(maxSentBytes !== undefined && { maxSentBytes }),
    ended: () => pipe.fail(new Error('ended')),
    release: async () => void releases++,
  });
  const over = Promise.withResolvers<Error | undefined>();
  const seen: string[] = [];
  pipe.start({ message: (bytes) => void seen.push(Buffer.from(bytes).toString()), closed: over.resolve });
  return { stream, pipe, seen, over: over.promise, released: () => releases };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const state = (promise: Promise<unknown>): Promise<unknown> =>
  Promise.race([
    promise.then(
      () => 'resolved',
      () => 'rejected',
    ),
    turn().then(() => 'pending'),
  ]);

it('keeps what comes before start, and hands it over in order', async () => {
  const stream = new FakeStream();
  const pipe = new GrpcPipe(stream, { name: 'x', ended: () => {}, release: async () => {} });
  for (const text of ['a', 'b', 'c']) stream.push(Buffer.from(text));
  await turn();
  const seen: string[] = [];
  pipe.start({ message: (bytes) => void seen.push(Buffer.from(bytes).toString()), closed: () => {} });
  await turn();
  expect([seen, pipe.hasReceived]).toEqual([['a', 'b', 'c'], true]);
});

it('hands nothing over while the receiver is busy', async () => {
  const stream = new FakeStream();
  const pipe = new GrpcPipe(stream, { name: 'x', ended: () => {}, release: async () => {} });
  const gates: PromiseWithResolvers<void>[] = [];
  pipe.start({
    message: () => {
      const gate = Promise.withResolvers<void>();
      gates.push(gate);
      return gate.promise;
    },
    closed: () => {},
  });
  for (const text of ['a', 'b', 'c']) stream.push(Buffer.from(text));
  for (const count of [1, 2, 3]) {
    await turn();
    await turn();
    expect(gates).toHaveLength(count);
    gates[count - 1]?.resolve();
  }
});

it('lets a sender wait while more than 64 KiB have not left, and go on when they have', async () => {
  const { stream, pipe } = rig();
  const half = Buffer.alloc(40_000);
  expect(await state(pipe.send(half))).toBe('resolved');
  const second = pipe.send(half);
  expect(await state(second)).toBe('pending');
  stream.drain();
  await second;
  expect(stream.written).toEqual([half, half]);
});

it('refuses a message that is larger than may be sent, and nothing else happens', async () => {
  const { stream, pipe } = rig(10);
  await expect(pipe.send(Buffer.alloc(11))).rejects.toMatchObject({
    code: 'MESSAGE_TOO_LARGE',
    facts: { limitBytes: 10 },
  });
  await pipe.send(Buffer.alloc(10));
  expect(stream.written).toHaveLength(1);
});

it('rejects who waits and who sends once it is closed, and is released once', async () => {
  const { pipe, over, released } = rig();
  const waiting = pipe.send(Buffer.alloc(70_000));
  await Promise.all([pipe.close(), pipe.close()]);
  expect(await over).toBeUndefined();
  await expect(waiting).rejects.toMatchObject({ code: 'CLOSED', facts: { what: 'the far end' } });
  await expect(pipe.send(Buffer.alloc(1))).rejects.toBeInstanceOf(ToolyardError);
  expect(released()).toBe(1);
});

it('takes what the peer has written when the peer reads no more', async () => {
  const { stream, pipe, seen, over } = rig();
  pipe.deafen();
  await expect(pipe.send(Buffer.alloc(1))).rejects.toMatchObject({ code: 'CLOSED' });
  stream.push(Buffer.from('last'));
  stream.push(null);
  expect(await over).toEqual(new Error('ended'));
  expect(seen).toEqual(['last']);
});

it('is over with the reason when the receiver throws', async () => {
  const stream = new FakeStream();
  const pipe = new GrpcPipe(stream, { name: 'x', ended: () => {}, release: async () => {} });
  const over = new Promise<Error | undefined>((closed) => {
    pipe.start({
      message: () => {
        throw new Error('no');
      },
      closed,
    });
  });
  stream.push(Buffer.from('a'));
  expect(await over).toEqual(new Error('no'));
});
