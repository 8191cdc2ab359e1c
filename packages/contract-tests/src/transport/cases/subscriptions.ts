import type { Call, Notification, Service } from '@toolyard/protocol';
import { RawObject } from '@toolyard/protocol';
import { expect } from 'vitest';
import type { Cases } from '../../contract.ts';
import { aborted, codedError, link, makeCall, within } from '../kit.ts';
import type { Link } from '../kit.ts';
import type { TransportRig } from '../rig.ts';

const filter = { notifications: { toolsListChanged: true } };

interface Subscription {
  readonly events: Notification[];
  readonly over: Promise<RawObject>;
  readonly acknowledged: Promise<void>;
}

function listen({ connection }: Link, signal: AbortSignal = new AbortController().signal): Subscription {
  const events: Notification[] = [];
  const acknowledged = Promise.withResolvers<void>();
  const notify = async (notification: Notification): Promise<void> => {
    events.push(notification);
    acknowledged.resolve();
  };
  const over = connection
    .service(makeCall('subscriptions/listen', RawObject.of(filter), { signal, notify }))
    .then(({ result }) => result);
  over.catch(() => undefined);
  return { events, over, acknowledged: within(5_000, 'the acknowledgement', acknowledged.promise) };
}

/** Acknowledges, then lets the case tell of changes and end it. */
function source(): { service: Service; opened: Promise<Call>; end: () => void } {
  const opened = Promise.withResolvers<Call>();
  const ended = Promise.withResolvers<void>();
  return {
    opened: within(5_000, 'the subscription', opened.promise),
    end: ended.resolve,
    service: async (call) => {
      await call.notify({ method: 'notifications/subscriptions/acknowledged', params: RawObject.of(filter) });
      opened.resolve(call);
      await Promise.race([ended.promise, aborted(call.signal)]);
      return { result: RawObject.of({ resultType: 'complete' }) };
    },
  };
}

const changed: Notification = { method: 'notifications/tools/list_changed', params: RawObject.of({}) };

/** `subscriptions/listen` is a call that stays open. */
export const subscriptions: Cases<TransportRig> = {
  'a subscription is acknowledged first, brings its events in order, and ends with a result': async (rig) => {
    const { service, opened, end } = source();
    await using linked = await link(rig, service);
    const subscription = listen(linked);
    const call = await opened;
    for (let n = 0; n < 3; n++) await call.notify({ method: changed.method, params: RawObject.of({ n }) });
    end();
    const result = await within(5_000, 'the end of the subscription', subscription.over);
    expect(result.string('resultType')).toBe('complete');
    expect(subscription.events.map(({ method, params }) => [method, params.member('n')?.value])).toEqual([
      ['notifications/subscriptions/acknowledged', undefined],
      ['notifications/tools/list_changed', 0],
      ['notifications/tools/list_changed', 1],
      ['notifications/tools/list_changed', 2],
    ]);
  },

  'events and result carry no subscription id of the hop': async (rig) => {
    const { service, opened, end } = source();
    await using linked = await link(rig, service);
    const subscription = listen(linked);
    await (await opened).notify(changed);
    end();
    const result = await within(5_000, 'the end of the subscription', subscription.over);
    for (const text of [result.text, ...subscription.events.map(({ params }) => params.text)]) {
      expect(text).not.toContain('subscriptionId');
    }
  },

  'a subscription outlives the bounds on silence and on the whole of a call': async (rig) => {
    const { service, opened, end } = source();
    await using linked = await link(rig, service, { connect: { timeoutMs: 100, maxTimeoutMs: 200 } });
    const subscription = listen(linked);
    const call = await opened;
    // A call beside it that does time out measures the time.
    const patient = linked.connection.service(
      makeCall('subscriptions/listen', RawObject.of(filter), { deadlineMs: performance.now() + 600 }),
    );
    expect((await codedError(patient)).code).toBe('UPSTREAM_TIMEOUT');
    await call.notify(changed);
    end();
    await within(5_000, 'the end of the subscription', subscription.over);
    expect(subscription.events).toHaveLength(2);
  },

  'cancelling a subscription ends it at the service within a second': async (rig) => {
    const { service, opened } = source();
    await using linked = await link(rig, service);
    const cancel = new AbortController();
    const subscription = listen(linked, cancel.signal);
    const call = await opened;
    await subscription.acknowledged;
    cancel.abort();
    expect((await codedError(subscription.over)).code).toBe('CANCELLED');
    await within(1_000, 'the abort of the signal', aborted(call.signal));
  },

  'two subscriptions on one connection get their own events only': async (rig) => {
    const calls: Call[] = [];
    const both = Promise.withResolvers<void>();
    await using linked = await link(rig, async (call) => {
      await call.notify({ method: 'notifications/subscriptions/acknowledged', params: RawObject.of(filter) });
      calls.push(call);
      if (calls.length === 2) both.resolve();
      await aborted(call.signal);
      throw call.signal.reason;
    });
    const subscriptions = [listen(linked), listen(linked)];
    await within(5_000, 'both subscriptions', both.promise);
    for (const [n, call] of calls.entries()) await call.notify({ method: changed.method, params: RawObject.of({ n }) });
    await within(
      5_000,
      'both events',
      Promise.all(
        subscriptions.map(async ({ events }) => {
          while (events.length < 2) await new Promise(setImmediate);
        }),
      ),
    );
    const seen = subscriptions.map(({ events }) => events[1]?.params.member('n')?.value);
    expect(new Set(seen)).toEqual(new Set([0, 1]));
    expect(subscriptions.map(({ events }) => events.length)).toEqual([2, 2]);
  },

  'a server that closes ends its subscriptions with a result': async (rig) => {
    const { service, opened } = source();
    await using linked = await link(rig, service);
    const subscription = listen(linked);
    await opened;
    await subscription.acknowledged;
    const closing = linked.served.close();
    const result = await within(5_000, 'the end of the subscription', subscription.over);
    expect(result.string('resultType')).toBe('complete');
    await within(5_000, 'the close', closing);
  },
};
