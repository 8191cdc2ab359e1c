import { once } from 'node:events';
import { duplexPair, PassThrough, Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { PipeReceiver } from '@toolyard/protocol';
import { expect, test } from 'vitest';
import { streamPipe } from './stream-pipe.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);

function receiver(take: (text: string) => Promise<void> | void = () => undefined) {
  const messages: string[] = [];
  const closed: (Error | undefined)[] = [];
  const over = Promise.withResolvers<void>();
  const receiving: PipeReceiver = {
    message: (message) => {
      messages.push(Buffer.from(message).toString());
      return take(Buffer.from(message).toString());
    },
    closed: (reason) => {
      closed.push(reason);
      over.resolve();
    },
  };
  return { receiving, messages, closed, over: over.promise };
}

test('what came before start is kept', async () => {
  const input = new PassThrough();
  const pipe = streamPipe(input, new PassThrough(), { name: 'peer' });
  input.write('{"a":1}\n{"b":2}\n');
  await setImmediate();
  const { receiving, messages } = receiver();
  pipe.start(receiving);
  await setImmediate();
  expect(messages).toEqual(['{"a":1}', '{"b":2}']);
  await pipe.close();
});

test('reads no further while a message is being taken', async () => {
  const input = new PassThrough({ highWaterMark: 10 });
  const gate = Promise.withResolvers<void>();
  const { receiving, messages } = receiver((text) => (text === '1' ? gate.promise : undefined));
  const pipe = streamPipe(input, new PassThrough(), { name: 'peer' });
  pipe.start(receiving);
  input.write('1\n2\n3\n');
  await setImmediate();
  expect(messages).toEqual(['1']);
  expect(input.isPaused()).toBe(true);
  gate.resolve();
  await setImmediate();
  expect(messages).toEqual(['1', '2', '3']);
  expect(input.isPaused()).toBe(false);
  await pipe.close();
});

test('messages that are followed by the end are delivered before closed', async () => {
  const input = new PassThrough();
  const gate = Promise.withResolvers<void>();
  const { receiving, messages, closed, over } = receiver(() => gate.promise);
  streamPipe(input, new PassThrough(), { name: 'peer' }).start(receiving);
  input.end('1\n2\ncut of');
  await setImmediate();
  expect(closed).toEqual([]);
  gate.resolve();
  await over;
  expect(messages).toEqual(['1', '2']);
  expect(closed).toEqual([new Error('peer closed the stream')]);
});

test('messages sent in one turn leave in their order and in one write', async () => {
  const writes: string[] = [];
  const output = new Writable({
    writev: (chunks, done) => {
      writes.push(Buffer.concat(chunks.map(({ chunk }) => chunk)).toString());
      done();
    },
  });
  const pipe = streamPipe(new PassThrough(), output, { name: 'peer' });
  pipe.start(receiver().receiving);
  await Promise.all([pipe.send(bytes('1')), pipe.send(bytes('2')), pipe.send(bytes('3'))]);
  await pipe.close();
  expect(writes).toEqual(['1\n2\n3\n']);
});

test('send waits while the peer does not read', async () => {
  const [near, far] = duplexPair({ highWaterMark: 16 });
  const pipe = streamPipe(near, near, { name: 'peer' });
  pipe.start(receiver().receiving);
  let hasRoom = false;
  const sending = pipe.send(new Uint8Array(100).fill(0x20)).then(() => (hasRoom = true));
  await setImmediate();
  expect(hasRoom).toBe(false);
  far.resume();
  await sending;
  await pipe.close();
});

test('who waits for room when the pipe closes is told CLOSED, and so is who sends later', async () => {
  const [near] = duplexPair({ highWaterMark: 16 });
  const pipe = streamPipe(near, near, { name: 'peer', release: async () => void near.destroy() });
  pipe.start(receiver().receiving);
  const sending = pipe.send(new Uint8Array(100));
  const closing = pipe.close();
  await expect(sending).rejects.toMatchObject({ code: 'CLOSED' });
  await expect(pipe.send(bytes('{}'))).rejects.toMatchObject({ code: 'CLOSED' });
  await closing;
});

test('what was sent before close still leaves', async () => {
  const output = new PassThrough();
  const pipe = streamPipe(new PassThrough(), output, { name: 'peer' });
  pipe.start(receiver().receiving);
  void pipe.send(bytes('{"last":1}'));
  const ending = once(output, 'finish');
  void pipe.close();
  await ending;
  expect(output.read().toString()).toBe('{"last":1}\n');
});

test('closed is reported once, with no reason after close()', async () => {
  const input = new PassThrough();
  const { receiving, closed } = receiver();
  const pipe = streamPipe(input, new PassThrough(), { name: 'peer' });
  pipe.start(receiving);
  await Promise.all([pipe.close(), pipe.close()]);
  input.destroy(new Error('late'));
  await pipe.close();
  expect(closed).toEqual([undefined]);
});

test('a message over the bound is MESSAGE_TOO_LARGE, and nothing follows', async () => {
  const input = new PassThrough();
  const { receiving, messages, closed, over } = receiver();
  streamPipe(input, new PassThrough(), { name: 'peer', maxMessageBytes: 4 }).start(receiving);
  input.write('abcd\nabcde');
  input.write('f\nabcd\n');
  await over;
  expect(messages).toEqual(['abcd']);
  expect(closed).toMatchObject([{ code: 'MESSAGE_TOO_LARGE', facts: { limitBytes: 4 } }]);
});

test('a stream that fails, and a receiver that throws, end the pipe with the reason', async () => {
  const failure = new Error('boom');
  const broken = receiver();
  const input = new PassThrough();
  streamPipe(input, new PassThrough(), { name: 'peer' }).start(broken.receiving);
  input.destroy(failure);
  await broken.over;
  expect(broken.closed).toEqual([failure]);

  const throwing = receiver(() => {
    throw failure;
  });
  const other = new PassThrough();
  streamPipe(other, new PassThrough(), { name: 'peer' }).start(throwing.receiving);
  other.write('1\n');
  await throwing.over;
  expect(throwing.closed).toEqual([failure]);
});

test('no listener of the pipe stays on the streams', async () => {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const before = [input, output].map((stream) => stream.eventNames().map((name) => [name, stream.listenerCount(name)]));
  const pipe = streamPipe(input, output, { name: 'peer', release: async () => undefined });
  pipe.start(receiver().receiving);
  await pipe.send(bytes('1'));
  await pipe.close();
  expect(
    [input, output].map((stream) => stream.eventNames().map((name) => [name, stream.listenerCount(name)])),
  ).toEqual(before);
});
