import type { Caller, Notification } from '@toolyard/protocol';
import { RawObject } from '@toolyard/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FakeServer } from '../../testing/fake-server.ts';
import { fakeServer, tool } from '../../testing/fake-server.ts';
import { ask, call, caller, listen, started } from '../../testing/harness.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const tick = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const updated = (uri: string): Notification => ({
  method: 'notifications/resources/updated',
  params: RawObject.of({ uri }),
});
const withResources = (count = 5): FakeServer =>
  fakeServer({
    tools: [tool('one')],
    resources: Array.from({ length: count }, (_, i) => ({ uri: `a:${i}`, name: `${i}` })),
  });
const asks = (server: FakeServer): readonly { readonly caller: Caller; readonly text: string }[] =>
  server
    .called('subscriptions/listen')
    .map(({ caller: who, params }) => ({ caller: who, text: params.object('notifications')?.text ?? '' }))
    .filter(({ text }) => text.includes('resourceSubscriptions'));
const as = (principal: string, tenant = 'default'): { readonly caller: Caller } => ({
  caller: { ...caller, principal, tenant },
});

describe('subscriptions of several callers', () => {
  it('are one with the server, where 1,000 want one resource', async () => {
    const a = withResources();
    await using fleet = await started({ a });
    const all = Array.from({ length: 1000 }, () => listen(fleet, { resourceSubscriptions: ['a:1'] }));
    await tick(5000);
    expect(asks(a)).toHaveLength(1);
    await a.tell(updated('a:1'));
    expect(all.every(({ methods }) => methods.join() === 'subscriptions/acknowledged,resources/updated')).toBe(true);
    for (const { stop } of all) stop();
    await tick();
    // The one by which the server's list changes are heard.
    expect(a.listens.size).toBe(1);
  });

  it('hear of what each asked for', async () => {
    const a = withResources();
    await using fleet = await started({ a });
    const one = listen(fleet, { resourceSubscriptions: ['a:1', 'a:2'] });
    const two = listen(fleet, { resourceSubscriptions: ['a:2', 'a:3'] });
    await tick(1000);
    for (const uri of ['a:1', 'a:2', 'a:3']) await a.tell(updated(uri));
    expect(one.told.slice(1).map(({ params }) => params.string('uri'))).toEqual(['a:1', 'a:2']);
    expect(two.told.slice(1).map(({ params }) => params.string('uri'))).toEqual(['a:2', 'a:3']);
    expect(a.listens.size).toBe(2);
    one.stop();
    await tick(2000);
    expect(asks(a).map(({ text }) => text)).toEqual([
      '{"resourceSubscriptions":["a:1","a:2"]}',
      '{"resourceSubscriptions":["a:1","a:2","a:3"]}',
      '{"resourceSubscriptions":["a:2","a:3"]}',
    ]);
  });

  it('are not shared by different principals, or tenants, in whose name the server is asked', async () => {
    const a = withResources();
    await using fleet = await started({ a });
    for (const who of [as('me'), as('me'), as('you'), as('me', 'other')])
      listen(fleet, { resourceSubscriptions: ['a:1'] }, who);
    await tick();
    expect(asks(a).map(({ caller: { principal, tenant } }) => [principal, tenant])).toEqual([
      ['me', 'default'],
      ['you', 'default'],
      ['me', 'other'],
    ]);
  });

  it('are shared by all where the operator says so', async () => {
    const a = withResources();
    await using fleet = await started({ a }, { shareSubscriptions: 'server' });
    const all = [as('me'), as('you'), as('me', 'other')].map((who) =>
      listen(fleet, { resourceSubscriptions: ['a:1'] }, who),
    );
    await tick();
    expect(asks(a).map(({ caller: { principal } }) => principal)).toEqual(['toolyard']);
    await a.tell(updated('a:1'));
    expect(all.map(({ methods }) => methods.at(-1))).toEqual(Array.from({ length: 3 }, () => 'resources/updated'));
  });

  it('have the lists fetched again after a break, and their resources told as updated', async () => {
    const a = withResources();
    await using fleet = await started({ a });
    const one = listen(fleet, { toolsListChanged: true, resourceSubscriptions: ['a:1'] });
    const two = listen(fleet, { resourceSubscriptions: ['a:2'] });
    await tick(1000);
    a.tools = [tool('other')];
    a.crash();
    await tick(10_000);
    expect(one.methods).toEqual([
      'subscriptions/acknowledged',
      'tools/list_changed',
      'tools/list_changed',
      'resources/updated',
    ]);
    expect(two.told.slice(1).map(({ params }) => params.text)).toEqual(['{"uri":"a:2"}']);
    expect(await ask(fleet, 'tools/list')).toMatchObject({ tools: [{ name: 'a__other' }] });
    expect([...a.listens].map(({ filter }) => filter.text)).toContain('{"resourceSubscriptions":["a:1","a:2"]}');
  });

  it('do not wait for one who is slow to read', async () => {
    const a = withResources();
    await using fleet = await started({ a });
    const stuck: string[] = [];
    const gate = Promise.withResolvers<void>();
    const slow = listen(
      fleet,
      { resourceSubscriptions: ['a:1', 'a:2'] },
      {
        async notify({ method, params }) {
          stuck.push(params.string('uri') ?? method);
          if (stuck.length > 1) await gate.promise;
        },
      },
    );
    const quick = listen(fleet, { resourceSubscriptions: ['a:1', 'a:2'] });
    await tick();
    for (let i = 0; i < 10_000; i++) await a.tell(updated(i % 2 === 0 ? 'a:1' : `a:2/${i}`));
    expect(quick.told).toHaveLength(10_001);
    expect(stuck).toEqual(['notifications/subscriptions/acknowledged', 'a:1']);
    gate.resolve();
    await tick();
    // The bound was reached on the way: many parts were told as the whole that they are parts of.
    expect(stuck.slice(2)).toContain('a:1');
    expect(stuck.slice(2)).toContain('a:2');
    expect(stuck.length).toBeLessThan(3000);
    expect(slow.methods).toEqual([]);
  });

  it('end for one who reads so slowly that what cannot be said in fewer words piles up', async () => {
    const only = fakeServer();
    await using fleet = await started({ only }, { naming: 'flat', limits: { maxPendingEventBytes: 2000 } });
    const never = new Promise<void>(() => undefined);
    let told = 0;
    const notify = async (): Promise<void> => (told++ === 0 ? undefined : never);
    const slow = fleet
      .service(call('subscriptions/listen', { notifications: { 'x.y/z': true } }, { notify }))
      .catch((error: unknown) => error);
    const quick = listen(fleet, { 'x.y/z': true });
    await tick();
    for (let i = 0; i < 50; i++) {
      // One who takes no notice of back-pressure.
      void only.tell({ method: 'notifications/x.y/z', params: RawObject.of({ i }) });
      await tick();
    }
    expect(await slow).toMatchObject({ code: 'CALLER_TOO_SLOW', facts: { limitBytes: 2000 } });
    expect(quick.told).toHaveLength(51);
  });
});

it('leaves nothing behind when the orchestrator closes', async () => {
  const a = withResources();
  const fleet = await started({ a });
  const all = ['a:1', 'a:2'].map((uri) => listen(fleet, { resourceSubscriptions: [uri] }));
  await tick(50);
  await fleet.close();
  expect(await Promise.all(all.map(async ({ reply }) => (await reply).result.text))).toEqual([
    '{"resultType":"complete"}',
    '{"resultType":"complete"}',
  ]);
  await tick();
  expect([a.listens.size, vi.getTimerCount()]).toEqual([0, 0]);
});

describe('the bounds of subscriptions', () => {
  it('hold for each principal, who does not keep others from theirs', async () => {
    await using fleet = await started({ a: withResources() }, { limits: { maxListensPerPrincipal: 2 } });
    const mine = [1, 2].map(() => listen(fleet, {}, as('me')));
    await expect(ask(fleet, 'subscriptions/listen', { notifications: {} }, as('me'))).rejects.toMatchObject({
      code: 'TOO_MANY_CALLS',
      facts: { limit: 2 },
    });
    const others = [as('me', 'other'), as('you')].map((who) => listen(fleet, {}, who));
    await tick();
    expect(others.map(({ methods }) => methods.length)).toEqual([1, 1]);
    mine[0]?.stop();
    await tick();
    const again = listen(fleet, {}, as('me'));
    await tick();
    expect(again.methods).toHaveLength(1);
  });

  it('hold for each server: what goes beyond is not honoured, until there is room again', async () => {
    const a = withResources();
    await using fleet = await started({ a }, { limits: { maxServerTopics: 3 } });
    const one = listen(fleet, { resourceSubscriptions: ['a:1', 'a:2'] });
    const two = listen(fleet, { resourceSubscriptions: ['a:2', 'a:3', 'a:4'] });
    await tick(500);
    const honoured = ({ told }: typeof one): string | undefined => told[0]?.params.object('notifications')?.text;
    expect(honoured(two)).toBe('{"resourceSubscriptions":["a:2","a:3"]}');
    one.stop();
    await tick(500);
    const three = listen(fleet, { resourceSubscriptions: ['a:4', 'a:0'] });
    await tick(500);
    expect(honoured(three)).toBe('{"resourceSubscriptions":["a:4"]}');
    const four = listen(fleet, { resourceSubscriptions: ['a:0'] });
    await tick();
    expect(honoured(four)).toBe('{}');
  });
});
