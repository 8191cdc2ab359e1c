import type { Call, Connection, Service, Transport } from '@toolyard/protocol';
import { RawObject } from '@toolyard/protocol';
import { describe, expect, test } from 'vitest';
import { registerContract } from '../contract.ts';
import { memoryRig } from '../testing/memory-rig.ts';
import type { TransportRig } from './rig.ts';
import { transportCases } from './transport-contract.ts';

async function run(title: string, rig: TransportRig): Promise<void> {
  const check = transportCases[title];
  if (check === undefined) throw new Error(`there is no case "${title}"`);
  await using using = rig;
  await check(using);
}

/** A memory transport whose connections are altered. */
function altered(alter: (connection: Connection) => Connection): TransportRig {
  const rig = memoryRig();
  const transport: Transport = {
    ...rig.transport,
    connect: async (target, options) => alter(await rig.transport.connect(target, options)),
  };
  return { ...rig, transport };
}

/** Altered in what passes through it only. */
const passing = (wrap: (service: Service) => Service): TransportRig =>
  altered((connection) => ({
    ...connection,
    service: wrap(connection.service),
    [Symbol.asyncDispose]: () => connection.close(),
  }));

const withCall = (change: (call: Call) => Partial<Call>): TransportRig =>
  passing((service) => (call) => service({ ...call, ...change(call) }));

const sabotages: readonly [how: string, rig: () => TransportRig, title: string][] = [
  [
    'rebuilds results',
    () =>
      passing((service) => async (call) => ({ result: RawObject.of(JSON.parse((await service(call)).result.text)) })),
    'a result reaches the caller byte for byte',
  ],
  [
    'rebuilds params',
    () => withCall(({ params }) => ({ params: RawObject.of(JSON.parse(params.text)) })),
    'arguments reach the service byte for byte, with what it does not know in params and _meta',
  ],
  [
    'throws errors without a code',
    () =>
      passing(
        (service) => (call) =>
          service(call).catch((error: unknown) => {
            throw new Error(String(error));
          }),
      ),
    'an error of a server reaches the caller byte for byte',
  ],
  [
    'forgets who calls',
    () => withCall(({ caller }) => ({ caller: { ...caller, clientInfo: undefined } })),
    'who calls, with what capabilities and what wish for logs, reaches the service',
  ],
  [
    'delivers notifications backwards',
    () =>
      passing((service) => async (call) => {
        const held: Parameters<Call['notify']>[0][] = [];
        const reply = await service({ ...call, notify: async (notification) => void held.unshift(notification) });
        for (const notification of held) await call.notify(notification);
        return reply;
      }),
    'notifications of a call arrive in their order and before its reply',
  ],
  [
    'shows tokens of its own',
    () =>
      withCall(({ notify }) => ({
        notify: ({ method, params }) =>
          notify({ method, params: RawObject.of({ ...(params.value as object), progressToken: 1 }) }),
      })),
    'progress carries the token that the caller gave, a string or a number, also when two callers give the same',
  ],
  [
    'answers calls with the reply of another',
    () => {
      let previous: ReturnType<Service> | undefined;
      return passing((service) => (call) => {
        const mine = service(call);
        const theirs = previous ?? mine;
        previous = mine;
        return theirs;
      });
    },
    'three hundred calls in flight, answered in another order, are not mixed up',
  ],
  [
    'takes one call after the other',
    () => {
      let last: Promise<unknown> = Promise.resolve();
      return passing((service) => (call) => {
        const reply = last.then(() => service(call));
        last = reply.catch(() => undefined);
        return reply;
      });
    },
    'one call that takes long delays no other',
  ],
  [
    'tells the server nothing of a cancellation',
    () =>
      passing((service) => (call) => {
        const cancelled = new Promise<never>((_, reject) =>
          call.signal.addEventListener('abort', () => reject(call.signal.reason)),
        );
        return Promise.race([service({ ...call, signal: new AbortController().signal }), cancelled]);
      }),
    'a call that is cancelled fails at once, and the service sees it within a second',
  ],
  [
    'leaves listeners on signals',
    () =>
      withCall(({ signal }) => {
        signal.addEventListener('abort', () => undefined);
        return {};
      }),
    'a signal that serves a thousand calls keeps nothing of them',
  ],
  [
    'knows no deadline',
    () => withCall(() => ({ deadlineMs: undefined })),
    'a call fails with UPSTREAM_TIMEOUT at its deadline, and the service sees it',
  ],
  [
    'checks on whatever happens',
    () =>
      altered((connection) => {
        const check = connection.check?.bind(connection);
        return Object.assign(connection, { check: async () => check?.(new AbortController().signal) });
      }),
    'a check that an older server leaves unanswered ends with CANCELLED as soon as its signal aborts',
  ],
  [
    'never says that it is over',
    () => altered((connection) => ({ ...connection, closed: new Promise(() => {}) })),
    'closed resolves with the reason when the server is gone, and later calls fail with UPSTREAM_CLOSED',
  ],
  [
    'cannot be closed twice',
    () =>
      altered((connection) => {
        let closes = 0;
        return {
          ...connection,
          close: () => (++closes > 1 ? Promise.reject(new Error('closed already')) : connection.close()),
        };
      }),
    'closing a connection twice, at once and later, is one close',
  ],
  [
    'leaves a timer behind',
    () =>
      altered((connection) => {
        setTimeout(() => undefined, 20_000);
        return connection;
      }),
    'after everything is closed no handle, no timer and no listener is left',
  ],
  [
    'leaves a listener behind',
    () =>
      altered((connection) => {
        process.on('beforeExit', leftListener);
        return connection;
      }),
    'after everything is closed no handle, no timer and no listener is left',
  ],
  [
    'has no bound on calls in flight',
    () => {
      const rig = memoryRig();
      return {
        ...rig,
        transport: {
          ...rig.transport,
          connect: (target, { maxInFlight: _, ...options }) => rig.transport.connect(target, options),
        },
      };
    },
    'one call more than a connection allows fails with UPSTREAM_BUSY, and room comes back',
  ],
  [
    'serves messages of any size',
    () => {
      const rig = memoryRig();
      return { ...rig, listen: (service, { maxMessageBytes: _, ...options }) => rig.listen(service, options) };
    },
    'a request over the bound of the server fails with a coded error, and the service never sees it',
  ],
  [
    'aborts calls when it should drain',
    () => {
      const rig = memoryRig();
      return {
        ...rig,
        listen: async (service, options) => {
          const served = await rig.listen(service, options);
          return { ...served, close: () => served.close() };
        },
      };
    },
    'a server that drains lets calls in flight finish, and takes no new ones',
  ],
];

const leftListener = (): void => undefined;

describe('the transport suite fails a transport that', () => {
  test.each(sabotages)('%s', { timeout: 20_000 }, async (_, rig, title) => {
    await expect(run(title, rig())).rejects.toThrow();
    process.off('beforeExit', leftListener);
  });
});

test('a declared gap that is no case is an error', () => {
  expect(() => registerContract('x', transportCases, memoryRig, { 'no such case': 'because' })).toThrow(
    'x declares gaps that are no cases: no such case',
  );
});
