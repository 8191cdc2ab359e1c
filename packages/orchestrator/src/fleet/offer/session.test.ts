import type { Call, Service } from '@toolyard/protocol';
import { RawObject } from '@toolyard/protocol';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Offer } from '../../catalogue/upstream.ts';
import { defaultLimits } from '../../limits.ts';
import { tool } from '../../testing/fake-server.ts';
import { caller } from '../../testing/harness.ts';
import { asker } from './own-calls.ts';
import type { Session } from './session.ts';
import { beginSession } from './session.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const tick = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

interface Rig {
  readonly session: Session;
  readonly lists: () => number;
  readonly offers: readonly Offer[];
  readonly end: () => void;
}

/** A session with a server that has tools, tells of changes, and hears a subscription as it is told here. */
async function session(
  listen: (call: Call) => Promise<unknown>,
  tools: () => readonly unknown[] = () => [],
): Promise<Rig> {
  let lists = 0;
  const offers: Offer[] = [];
  const ending = new AbortController();
  const service: Service = async (call) => {
    if (call.method === 'server/discover')
      return { result: RawObject.of({ capabilities: { tools: { listChanged: true } } }) };
    if (call.method === 'subscriptions/listen') return { result: RawObject.of({ answer: await listen(call) }) };
    lists++;
    return { result: RawObject.of({ tools: tools() }) };
  };
  const begun = beginSession(
    { service },
    {
      upstream: 'a',
      caller,
      limits: defaultLimits,
      nameOf: (_, key) => key,
      listTimeoutMs: 1000,
      ackTimeoutMs: 2000,
      refresh: { delayMs: 50, gapMs: 1000 },
      delays: { firstDelayMs: 1000, maxDelayMs: 60_000 },
      now: () => performance.now(),
      random: () => 0.5,
      onOffer: (offer) => void offers.push(offer),
      signal: ending.signal,
    },
  );
  await tick(2000);
  return { session: await begun, lists: () => lists, offers, end: () => ending.abort(new Error('over')) };
}

const acknowledge = (call: Call): Promise<void> =>
  call.notify({
    method: 'notifications/subscriptions/acknowledged',
    params: RawObject.of({ notifications: { toolsListChanged: true } }),
  });
const untilOver = ({ signal }: Call): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('over'))));

it('fetches once where the server acknowledges in time that it will tell of changes', async () => {
  const {
    session: begun,
    lists,
    end,
  } = await session(async (call) => {
    await acknowledge(call);
    return untilOver(call);
  });
  await tick(60_000);
  expect(lists()).toBe(1);
  expect(begun.tells('toolsListChanged')).toBe(true);
  expect(begun.tells('promptsListChanged')).toBe(false);
  end();
});

it('fetches again where the server acknowledges late, for what changed in between', async () => {
  const late = Promise.withResolvers<void>();
  const { lists, end } = await session(async (call) => {
    await late.promise;
    await acknowledge(call);
    return untilOver(call);
  });
  expect(lists()).toBe(1);
  late.resolve();
  await tick(50);
  expect(lists()).toBe(2);
  end();
});

it('does not count on a server whose subscription ended, and fetches again when it goes on', async () => {
  let over = Promise.withResolvers<void>();
  const {
    session: begun,
    lists,
    end,
  } = await session(async (call) => {
    await acknowledge(call);
    await over.promise;
  });
  expect(begun.tells('toolsListChanged')).toBe(true);
  over.resolve();
  over = Promise.withResolvers();
  await tick(499);
  expect([begun.tells('toolsListChanged'), lists()]).toEqual([false, 1]);
  await tick(100);
  expect([begun.tells('toolsListChanged'), lists()]).toEqual([true, 2]);
  end();
});

it('keeps a list that could not be fetched again', async () => {
  let tools: () => readonly unknown[] = () => [tool('one')];
  const {
    session: begun,
    offers,
    end,
  } = await session(
    (call) => acknowledge(call).then(() => untilOver(call)),
    () => tools(),
  );
  tools = () => {
    throw new Error('no');
  };
  begun.revalidate('tools');
  await tick(50);
  expect(offers.map(({ lists, failed }) => [lists.tools?.entries.map(({ key }) => key), failed])).toEqual([
    [['one'], ['tools']],
  ]);
  end();
});

it('tells nothing once it is over', async () => {
  const { session: begun, offers, end } = await session(untilOver, () => [tool('one')]);
  begun.revalidate('tools');
  end();
  await tick(60_000);
  expect([offers.length, vi.getTimerCount()]).toEqual([0, 0]);
});

it('does not wait for a service that takes no notice of its signal', async () => {
  const controller = new AbortController();
  const asked = asker(() => new Promise(() => undefined), { caller, signal: controller.signal })('x', RawObject.empty);
  const failed = asked.catch((error: unknown) => error);
  controller.abort(new Error('enough'));
  expect(await failed).toMatchObject({ message: 'enough' });
});
