import { ToolyardError } from '@toolyard/protocol';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { fakeServer, fakeTransport } from '../../testing/fake-server.ts';
import { connectTo, connectWithin, pickTransport } from './connect-within.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const options = {
  upstream: 'slow',
  clientInfo: { name: 'x', version: '0' },
  connectTimeoutMs: 10,
  signal: new AbortController().signal,
};

it('closes what a transport opens after it was given up', async () => {
  const slow = fakeServer();
  const transport = fakeTransport({ slow });
  const gate = Promise.withResolvers<void>();
  const late: typeof transport = {
    ...transport,
    async connect(target, given) {
      await gate.promise;
      return transport.connect(target, given);
    },
  };
  const left = vi.fn<(over: Promise<void>) => void>();
  const failed = connectWithin(connectTo({ url: 'fake:slow' }, [late], undefined), options, left).catch(
    (error: unknown) => error,
  );
  await vi.advanceTimersByTimeAsync(1010);
  expect(await failed).toMatchObject({
    code: 'UPSTREAM_TIMEOUT',
    facts: { upstream: 'slow', method: 'connect', afterMs: 10 },
  });
  gate.resolve();
  await left.mock.calls[0]?.[0];
  expect(slow.attempts).toHaveLength(1);
  expect(slow.open.size).toBe(0);
});

it('says what the transport says where that knows why it fails and has not closed all yet', async () => {
  const closed = Promise.withResolvers<never>();
  const why = new ToolyardError(
    'UPSTREAM_TIMEOUT',
    { upstream: 'slow', method: 'initialize', afterMs: 9 },
    'slow did not answer initialize within 9 ms.',
  );
  const left = vi.fn<(over: Promise<void>) => void>();
  const failed = connectWithin(
    ({ onFailing }) => {
      onFailing?.(why);
      return closed.promise;
    },
    options,
    left,
  ).catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(1009);
  expect(left).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(await failed).toBe(why);
  closed.reject(why);
  await left.mock.calls[0]?.[0];
});

it('leaves no timer behind once connected', async () => {
  const connection = await connectWithin(
    connectTo({ url: 'fake:slow' }, [fakeTransport({ slow: fakeServer() })], undefined),
    options,
    () => undefined,
  );
  expect(vi.getTimerCount()).toBe(0);
  await connection.close();
});

it('takes the first transport that accepts the target, or the one that is asked for', () => {
  const fake = fakeTransport({});
  const other = { ...fake, name: 'other' };
  expect(pickTransport([fake, other], { url: 'fake:x' }, undefined)).toBe(fake);
  expect(pickTransport([fake, other], { url: 'fake:x' }, 'other')).toBe(other);
});

it.each([
  [{ url: 'wss://host/?key=hunter2' }, undefined, 'wss: URLs'],
  [{ command: '/opt/hunter2' }, undefined, 'a command'],
  [{ url: 'fake:x' }, 'grpc', 'grpc'],
])('says what no transport takes, without what may be secret (%#)', (target, name, shown) => {
  expect(() => pickTransport([fakeTransport({})], target, name)).toThrow(
    expect.objectContaining({ code: 'TRANSPORT_UNKNOWN', facts: { target: shown, known: ['fake'] } }),
  );
});
