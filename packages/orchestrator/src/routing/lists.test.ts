import { RawObject } from '@toolyard/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Orchestrator } from '../orchestrator.ts';
import { fakeServer, tool } from '../testing/fake-server.ts';
import { ask, call, names, started } from '../testing/harness.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const tick = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const tools = (...given: readonly string[]): readonly unknown[] => given.map((name) => tool(name));
const key = new Uint8Array(32);

async function page(
  fleet: Orchestrator,
  cursor?: string,
): Promise<{ readonly names: readonly unknown[]; readonly next: string | undefined; readonly ttlMs: unknown }> {
  const { result } = await fleet.service(call('tools/list', cursor === undefined ? {} : { cursor }));
  return {
    names: result.array('tools')?.map((entry) => RawObject.read(entry.bytes).string('name')) ?? [],
    next: result.string('nextCursor'),
    ttlMs: result.member('ttlMs')?.value,
  };
}

describe('an aggregated list', () => {
  it('is made of the bytes that the servers sent', async () => {
    await using fleet = await started({
      files: fakeServer({
        resources: [RawObject.read(Buffer.from('{"uri":"a:b" ,"name":"\\u0061","size":1.0,"x":1e400}'))],
      }),
    });
    const { result } = await fleet.service(call('resources/list'));
    expect(result.text).toBe(
      '{"resultType":"complete","resources":[{"uri":"a:b" ,"name":"\\u0061","size":1.0,"x":1e400}],"ttlMs":60000,"cacheScope":"public",' +
        '"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"toolyard-test","version":"0"}}}',
    );
  });

  it.each([
    ['prompts/list', { prompts: [{ name: 'p' }] }, { prompts: [{ name: 'a__p' }] }],
    ['resources/list', { resources: [{ uri: 'x:1', name: 'r' }] }, { resources: [{ uri: 'x:1', name: 'r' }] }],
    [
      'resources/templates/list',
      { templates: [{ uriTemplate: 'x:{y}', name: 't' }] },
      { resourceTemplates: [{ uriTemplate: 'x:{y}', name: 't' }] },
    ],
  ] as const)('answers %s', async (method, has, expected) => {
    await using fleet = await started({ a: fakeServer(has) });
    expect(await ask(fleet, method)).toMatchObject(expected);
  });

  it('keeps servers in the order of the configuration, and entries in that of the server', async () => {
    await using fleet = await started({
      z: fakeServer({ tools: tools('b', 'a') }),
      a: fakeServer({ tools: tools('c') }),
    });
    expect(await names(fleet)).toEqual(['z__b', 'z__a', 'a__c']);
  });

  it('says what is missing from it, and may not be kept while that is so', async () => {
    await using fleet = await started({
      dead: fakeServer({ connecting: 'refuse' }),
      half: fakeServer({ answers: { 'tools/list': () => Promise.reject(new Error('no')) } }),
      other: fakeServer({ capabilities: { prompts: {} } }),
    });
    expect(await ask(fleet, 'tools/list')).toEqual({
      resultType: 'complete',
      tools: [],
      ttlMs: 0,
      cacheScope: 'private',
      _meta: {
        'io.modelcontextprotocol/serverInfo': { name: 'toolyard-test', version: '0' },
        'io.github.toolyard/unavailable': [
          { server: 'dead', state: 'down' },
          { server: 'half', state: 'incomplete' },
        ],
      },
    });
  });
});

describe('paging', () => {
  const limits = { pageSize: 2 };
  const servers = () => ({
    a: fakeServer({ tools: tools('1', '2', '3') }),
    b: fakeServer(),
    c: fakeServer({ tools: tools('4', '5') }),
  });

  it('goes through all entries once', async () => {
    await using fleet = await started(servers(), { limits });
    const first = await page(fleet);
    const second = await page(fleet, first.next);
    const third = await page(fleet, second.next);
    expect([first.names, second.names, third.names, third.next]).toEqual([
      ['a__1', 'a__2'],
      ['a__3', 'c__4'],
      ['c__5'],
      undefined,
    ]);
  });

  it('has no empty page at the end', async () => {
    await using fleet = await started({ a: fakeServer({ tools: tools('1', '2') }) }, { limits });
    expect((await page(fleet)).next).toBeUndefined();
  });

  it('ends a page that grows too long, after one entry at least', async () => {
    await using fleet = await started(servers(), { limits: { maxPageBytes: 10 } });
    const first = await page(fleet);
    expect([first.names, (await page(fleet, first.next)).names]).toEqual([['a__1'], ['a__2']]);
  });

  it.each(['', 'x', 'AAAA', 'A'.repeat(42)])('refuses a cursor that it did not give out: %j', async (cursor) => {
    await using fleet = await started(servers(), { limits });
    await expect(page(fleet, cursor)).rejects.toMatchObject({ code: 'CURSOR_INVALID' });
  });

  it('refuses a cursor of another list or another process', async () => {
    await using fleet = await started(servers(), { limits });
    await using other = await started(servers(), { limits });
    const { next } = await page(fleet);
    await expect(ask(fleet, 'prompts/list', { cursor: next })).rejects.toMatchObject({ code: 'CURSOR_INVALID' });
    await expect(page(other, next)).rejects.toMatchObject({ code: 'CURSOR_INVALID' });
  });

  it('goes on in another process that shares the key', async () => {
    await using fleet = await started(servers(), { limits, cursorKey: key });
    await using other = await started(servers(), { limits, cursorKey: key });
    expect(await page(other, (await page(fleet)).next)).toMatchObject({ names: ['a__3', 'c__4'], ttlMs: 60_000 });
  });

  it('takes no cursor, null and nothing for the beginning, and refuses what is no string', async () => {
    await using fleet = await started(servers(), { limits });
    expect(await ask(fleet, 'tools/list', { cursor: null })).toMatchObject({
      tools: [{ name: 'a__1' }, { name: 'a__2' }],
    });
    await expect(ask(fleet, 'tools/list', { cursor: 7 })).rejects.toMatchObject({ code: 'INVALID_PARAMS' });
  });

  it('ends, and says that it may not be kept, when the list changes meanwhile', async () => {
    const { a, c } = { a: fakeServer({ tools: tools('1', '2', '3') }), c: fakeServer({ tools: tools('4', '5') }) };
    await using fleet = await started({ a, c }, { limits });
    const { next } = await page(fleet);
    a.connecting = 'refuse';
    a.crash();
    await tick();
    const second = await page(fleet, next);
    expect(second).toEqual({ names: ['c__4', 'c__5'], next: undefined, ttlMs: 0 });
  });

  it('survives that the server it stands in has fewer entries than before', async () => {
    const a = fakeServer({ tools: tools('1', '2', '3', '4', '5') });
    await using fleet = await started({ a }, { limits });
    const second = await page(fleet, (await page(fleet)).next);
    a.tools = tools('1');
    await a.tell({ method: 'notifications/tools/list_changed', params: RawObject.empty });
    await tick(100);
    expect(await page(fleet, second.next)).toEqual({ names: [], next: undefined, ttlMs: 0 });
  });
});

describe('what may be kept', () => {
  it('has the least time to live of its parts, and is private if one of them is', async () => {
    await using fleet = await started({
      a: fakeServer({ hints: { ttlMs: 9000, cacheScope: 'private' } }),
      b: fakeServer({ hints: { ttlMs: 300, cacheScope: 'public' } }),
    });
    expect(await ask(fleet, 'tools/list')).toMatchObject({ ttlMs: 300, cacheScope: 'private' });
  });

  it('lives as long as ever while its server tells of changes', async () => {
    const a = fakeServer({ hints: { ttlMs: 9000, cacheScope: 'public' } });
    await using fleet = await started({ a });
    await tick(20_000);
    expect(await ask(fleet, 'tools/list')).toMatchObject({ ttlMs: 9000 });
    expect(a.called('tools/list')).toHaveLength(1);
  });

  it('has what is left of its time where its server does not tell of changes', async () => {
    await using fleet = await started({
      a: fakeServer({ capabilities: { tools: {} }, hints: { ttlMs: 9000, cacheScope: 'public' } }),
    });
    await tick(4000);
    expect(await ask(fleet, 'tools/list')).toMatchObject({ ttlMs: 5000 });
  });

  it('is fetched again behind the back of who asks when its time is over', async () => {
    const a = fakeServer({
      capabilities: { tools: {} },
      hints: { ttlMs: 1000, cacheScope: 'public' },
      tools: tools('old'),
    });
    await using fleet = await started({ a });
    await tick(5000);
    expect(a.called('tools/list')).toHaveLength(1);
    a.tools = tools('new');
    expect(await names(fleet)).toEqual(['a__old']);
    await tick(100);
    expect(await names(fleet)).toEqual(['a__new']);
  });

  it('is fetched again twice a second at most, however often somebody asks', async () => {
    const a = fakeServer({ capabilities: { tools: {} }, hints: {} });
    await using fleet = await started({ a });
    for (let i = 0; i < 1000; i++) {
      await names(fleet);
      await tick(10);
    }
    expect(a.called('tools/list').length).toBeGreaterThan(10);
    expect(a.called('tools/list').length).toBeLessThan(23);
  });
});
