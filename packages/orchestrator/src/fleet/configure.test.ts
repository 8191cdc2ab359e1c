import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { fakeServer, tool } from '../testing/fake-server.ts';
import { ask, names, orchestrate, started } from '../testing/harness.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const tick = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

it('pages hold as many entries as is said now, also in the middle of a list', async () => {
  const files = fakeServer({ tools: ['a', 'b', 'c', 'd'].map((name) => tool(name)) });
  await using yard = await started({ files }, { profiles: [{ name: 'work' }], limits: { pageSize: 1 } });
  const { nextCursor } = (await ask(yard, 'tools/list')) as { nextCursor: string };
  yard.configure({ limits: { pageSize: 2 } });
  expect(await ask(yard, 'tools/list', { cursor: nextCursor })).toMatchObject({
    tools: [{ name: 'files__b' }, { name: 'files__c' }],
    nextCursor: expect.any(String) as unknown,
  });
  yard.configure({});
  expect(await names({ service: yard.setProfile({ name: 'work' }).service })).toHaveLength(4);
});

it('connections that are made from then on have other bounds, but where a server has its own', async () => {
  const servers = { files: fakeServer(), notes: fakeServer() };
  const entries = { notes: { timeoutMs: 7, connectTimeoutMs: 8, maxTimeoutMs: 9 } };
  await using yard = await started(servers, { entries, timeoutMs: 1, connectTimeoutMs: 2, maxTimeoutMs: 3 });
  yard.configure({ timeoutMs: 4, connectTimeoutMs: 5 });
  const bounds = ({ attempts }: (typeof servers)['files']) =>
    attempts.map(({ timeoutMs, connectTimeoutMs, maxTimeoutMs }) => [timeoutMs, connectTimeoutMs, maxTimeoutMs]);
  expect(bounds(servers.files)).toEqual([[1, 2, 3]]);
  await Promise.all([yard.restart('files'), yard.restart('notes')]);
  expect(bounds(servers.files)).toEqual([
    [1, 2, 3],
    [4, 5, undefined],
  ]);
  expect(bounds(servers.notes)).toEqual([
    [7, 8, 9],
    [7, 8, 9],
  ]);
});

it('those who wait for their turn to connect come in when more may', async () => {
  const servers = { a: fakeServer(), b: fakeServer(), c: fakeServer() };
  for (const server of Object.values(servers)) server.connecting = 'hang';
  await using yard = orchestrate(servers, { startConcurrency: 1, startHoldMs: 60_000 });
  void yard.start();
  await tick();
  const attempts = () => Object.values(servers).map((server) => server.attempts.length);
  expect(attempts()).toEqual([1, 0, 0]);
  yard.configure({ startConcurrency: 2 });
  await tick();
  expect(attempts()).toEqual([1, 1, 0]);
});

it('a server that is down is tried again at other intervals, and as often as is said now', async () => {
  const files = fakeServer({ connecting: 'refuse' });
  await using yard = orchestrate({ files }, { backoff: { initialMs: 1_000, maxMs: 1_000 }, random: () => 0.999 });
  await yard.start();
  const pause = () => yard.servers()[0]?.nextAttemptInMs;
  expect(pause()).toBe(999);
  yard.configure({ backoff: { initialMs: 50, maxMs: 50 }, maxRetries: 2 });
  await tick(999);
  expect(pause()).toBe(49);
  await tick(50);
  expect([pause(), files.attempts.length]).toEqual([undefined, 3]);
});
