import type { Notification, Service } from '@toolyard/protocol';
import { RawObject } from '@toolyard/protocol';
import { expect } from 'vitest';
import type { Cases } from '../../contract.ts';
import { codedError, link, textOf, textReply, toolCall, within } from '../kit.ts';
import type { TransportRig } from '../rig.ts';

/** Reports progress as often as the tool's name says, then answers. */
const reporting: Service = async (call) => {
  const times = Number(call.params.string('name'));
  for (let progress = 1; progress <= times; progress++) {
    await call.notify({
      method: 'notifications/progress',
      params: RawObject.of({ progressToken: call.progressToken, progress, total: times }),
    });
  }
  return textReply('done');
};

/** Which message follows which, and which belongs to which call. */
export const order: Cases<TransportRig> = {
  'notifications of a call arrive in their order and before its reply': async (rig) => {
    await using linked = await link(rig, reporting);
    const events: unknown[] = [];
    const notify = async ({ params }: Notification): Promise<void> =>
      void events.push(params.member('progress')?.value);
    await linked.connection.service(toolCall('200', {}, { progressToken: 'token', notify }));
    expect(events).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
  },

  'progress carries the token that the caller gave, a string or a number, also when two callers give the same': async (
    rig,
  ) => {
    await using linked = await link(rig, reporting);
    const tokens: unknown[][] = [];
    const ask = async (progressToken: string | number): Promise<void> => {
      const seen: unknown[] = [];
      tokens.push(seen);
      const notify = async ({ params }: Notification): Promise<void> =>
        void seen.push(params.member('progressToken')?.value);
      await linked.connection.service(toolCall('2', {}, { progressToken, notify }));
    };
    await Promise.all([ask('same'), ask('same'), ask(7)]);
    expect(tokens).toEqual([
      ['same', 'same'],
      ['same', 'same'],
      [7, 7],
    ]);
  },

  'log messages reach the call that wants them': async (rig) => {
    await using linked = await link(rig, async (call) => {
      await call.notify({ method: 'notifications/message', params: RawObject.of({ level: 'error', data: { n: 1 } }) });
      return textReply('');
    });
    const events: Notification[] = [];
    const notify = async (notification: Notification): Promise<void> => void events.push(notification);
    await linked.connection.service(toolCall('x', {}, { logLevel: 'info', notify }));
    expect(events.map(({ method, params }) => [method, params.member('data')?.text])).toEqual([
      ['notifications/message', '{"n":1}'],
    ]);
  },

  'what a service says after its reply is dropped': async (rig) => {
    const said = Promise.withResolvers<void>();
    await using linked = await link(rig, async (call) => {
      setImmediate(() => {
        const params = RawObject.of({ progressToken: call.progressToken, progress: 1 });
        call.notify({ method: 'notifications/progress', params }).then(said.resolve, said.reject);
      });
      return textReply('');
    });
    let events = 0;
    const notify = async (): Promise<void> => void events++;
    await linked.connection.service(toolCall('x', {}, { progressToken: 1, notify }));
    await within(5_000, 'notify after the reply', said.promise);
    await linked.connection.service(toolCall('y'));
    expect(events).toBe(0);
  },

  'three hundred calls in flight, answered in another order, are not mixed up': async (rig) => {
    const total = 300;
    const answers: (() => void)[] = [];
    await using linked = await link(rig, async ({ params }) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      answers.push(resolve);
      if (answers.length === total) {
        // Odd ones backwards, then even ones forwards.
        for (let index = total - 1; index >= 0; index -= 2) answers[index]?.();
        for (let index = 0; index < total; index += 2) answers[index]?.();
      }
      await promise;
      return textReply(params.member('arguments')?.text ?? '');
    });
    const calls = Array.from({ length: total }, async (_, n) =>
      textOf((await linked.connection.service(toolCall('x', { n }))).result),
    );
    expect(await within(10_000, 'all answers', Promise.all(calls))).toEqual(
      Array.from({ length: total }, (_, n) => `{"n":${n}}`),
    );
  },

  'one call that takes long delays no other': async (rig) => {
    const slow = Promise.withResolvers<void>();
    await using linked = await link(rig, async ({ params }) => {
      if (params.string('name') === 'slow') await slow.promise;
      return textReply('');
    });
    const waiting = linked.connection.service(toolCall('slow'));
    await within(5_000, 'a call beside a slow one', linked.connection.service(toolCall('quick')));
    slow.resolve();
    await waiting;
  },

  'two connections to one server know nothing of each other': async (rig) => {
    await using first = await link(rig, async ({ params }) => textReply(params.member('arguments')?.text ?? ''));
    const other = await rig.transport.connect(first.served.target, {
      upstream: 'other',
      clientInfo: { name: 'other', version: '1' },
    });
    const [a, b] = await Promise.all([
      first.connection.service(toolCall('x', { n: 'a' })),
      other.service(toolCall('x', { n: 'b' })),
    ]);
    expect([textOf(a.result), textOf(b.result)]).toEqual(['{"n":"a"}', '{"n":"b"}']);
    await other.close();
    expect((await codedError(other.service(toolCall('x')))).code).toBe('CLOSED');
    expect(textOf((await first.connection.service(toolCall('x', { n: 'c' }))).result)).toBe('{"n":"c"}');
  },
};
