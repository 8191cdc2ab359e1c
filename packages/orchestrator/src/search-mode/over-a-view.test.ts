import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { fakeServer, type FakeServer, tool } from '../testing/fake-server.ts';
import { ask, started } from '../testing/harness.ts';
import { searchMode } from './search-mode.ts';
import { countWords, FakeFinder } from './testing/shown.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const tick = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

/** Search mode over a view of real parts. `finds` answers what the finder's ids come to. */
async function searching(servers: Readonly<Record<string, FakeServer>>, ids: readonly string[]) {
  const fleet = await started(servers, { profiles: [{ name: 'work', mode: 'search' }] });
  const view = fleet.views.get('work');
  if (view === undefined) throw new Error('no view');
  const finder = new FakeFinder();
  finder.finds = ids;
  const service = searchMode({ view, finder, countTokens: countWords, mode: 'search' })(view.service);
  const answered = (name: string, args: object) => ask({ service }, 'tools/call', { name, arguments: args });
  return {
    list: () => ask({ service }, 'tools/list'),
    find: async () => {
      const { structuredContent } = (await answered('find_tools', { query: 'x' })) as {
        structuredContent: { tools: readonly { name: string }[]; unavailable?: readonly string[] };
      };
      const { tools, unavailable } = structuredContent;
      return { names: tools.map(({ name }) => name), unavailable };
    },
    [Symbol.asyncDispose]: () => fleet.close(),
  };
}

it('finds what a server has that does not tell of changes, once its list is stale', async () => {
  const a = fakeServer({ capabilities: { tools: {} }, hints: { ttlMs: 2_000 }, tools: [tool('old')] });
  await using search = await searching({ a }, ['a__old', 'a__new']);
  a.tools = [tool('new')];
  expect((await search.find()).names).toEqual(['a__old']);
  await tick(1_000);
  expect(a.called('tools/list')).toHaveLength(1);
  await tick(1_500);
  await search.find();
  await tick(100);
  expect((await search.find()).names).toEqual(['a__new']);
  a.tools = [tool('old')];
  await tick(2_500);
  await search.list();
  await tick(100);
  expect((await search.find()).names).toEqual(['a__old']);
});

it('does not find tools of a server that is down, and names it; finds them when it is back', async () => {
  const a = fakeServer({ tools: [tool('here')] });
  const b = fakeServer({ tools: [tool('away')] });
  await using search = await searching({ a, b }, ['a__here', 'b__away']);
  expect(await search.find()).toEqual({ names: ['a__here', 'b__away'], unavailable: undefined });
  b.connecting = 'refuse';
  b.crash();
  await tick();
  expect(await search.find()).toEqual({ names: ['a__here'], unavailable: ['b'] });
  expect(await search.list()).toMatchObject({
    _meta: { 'io.github.toolyard/unavailable': [{ server: 'b', state: 'down' }] },
  });
  b.connecting = 'ok';
  await tick(60_000);
  expect(await search.find()).toEqual({ names: ['a__here', 'b__away'], unavailable: undefined });
});
