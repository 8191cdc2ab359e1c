import type { ProfileDefinition } from '@toolyard/registry';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { searchMode } from '../search-mode/search-mode.ts';
import { countWords, FakeFinder } from '../search-mode/testing/shown.ts';
import { fakeServer, tool } from '../testing/fake-server.ts';
import { ask, call, listen, names, started } from '../testing/harness.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const tick = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const allLists = { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true };

/** Two servers, and a profile over the first. */
async function rig(profile: Omit<ProfileDefinition, 'name'> = { servers: ['files'] }) {
  const done = Promise.withResolvers<Record<string, unknown>>();
  const files = fakeServer({
    tools: [tool('read'), tool('write')],
    resources: [{ uri: 'file:///a', name: 'a' }],
    answers: { 'tools/call': () => done.promise },
  });
  const notes = fakeServer({ tools: [tool('add')], prompts: [{ name: 'ask' }] });
  const yard = await started({ files, notes }, { profiles: [{ name: 'work', ...profile }] });
  const view = yard.views.get('work');
  if (view === undefined) throw new Error('there is no such view');
  return {
    yard,
    view,
    files,
    finish: () => done.resolve({ resultType: 'complete', content: [] }),
    change: async (next: Omit<ProfileDefinition, 'name'>) => {
      yard.setProfile({ name: 'work', ...next });
      await tick(100);
    },
    [Symbol.asyncDispose]: () => yard.close(),
  };
}

describe('a profile that is changed', () => {
  it('shows other tools under other names at once, and tells of the lists that differ and of no other', async () => {
    await using fleet = await rig();
    const { view, change } = fleet;
    const heard = listen(view, allLists);
    await tick();
    await change({ servers: ['files'], tools: { exclude: ['*write'] }, rename: { files__read: 'open' } });
    expect(await names(view)).toEqual(['open']);
    expect([...view.tools.values()]).toMatchObject([{ id: 'files__read', name: 'open', ownName: 'read' }]);
    await expect(ask(view, 'tools/call', { name: 'files__read' })).rejects.toMatchObject({ code: 'TOOL_UNKNOWN' });
    expect(heard.methods.slice(1)).toEqual(['tools/list_changed']);
    await change({ servers: ['notes'] });
    expect([await names(view), await names(view, 'prompts/list')]).toEqual([['notes__add'], ['notes__ask']]);
    expect(heard.methods.slice(2)).toEqual(['tools/list_changed', 'prompts/list_changed', 'resources/list_changed']);
    await change({ servers: ['notes'] });
    expect(heard.methods).toHaveLength(5);
    heard.stop();
  });

  it('lets calls under way end, of tools that it does not show any more too', async () => {
    await using fleet = await rig();
    const running = ask(fleet.view, 'tools/call', { name: 'files__read' });
    await tick();
    await fleet.change({ servers: ['notes'] });
    fleet.finish();
    expect(await running).toMatchObject({ content: [] });
  });

  it('does not tell of resources of a server that it does not show, and does again once it shows it', async () => {
    await using fleet = await rig();
    const { view, files, change } = fleet;
    const heard = listen(view, { resourceSubscriptions: ['file:///a'] });
    await tick(200);
    const update = async (): Promise<number> => {
      await files.tell({ method: 'notifications/resources/updated', params: call('x', { uri: 'file:///a' }).params });
      await tick();
      return heard.methods.length - 1;
    };
    expect(await update()).toBe(1);
    await change({ servers: ['notes'] });
    expect(await update()).toBe(1);
    await change({ servers: ['files'] });
    expect(await update()).toBe(2);
    heard.stop();
  });

  it('knows whose a name is now where the list looks the same as before', async () => {
    await using fleet = await rig({
      servers: ['files'],
      tools: { exclude: ['*write'] },
      rename: { files__read: 'it' },
    });
    const { view, change } = fleet;
    expect(view.tools.get('it')?.id).toBe('files__read');
    await change({ servers: ['files'], tools: { exclude: ['*read'] }, rename: { files__write: 'it' } });
    expect(view.tools.get('it')?.id).toBe('files__write');
  });

  it('tells those who listen when it lists its tools in another way', async () => {
    await using fleet = await rig();
    const { view, change } = fleet;
    const service = searchMode({
      view,
      finder: new FakeFinder(),
      countTokens: countWords,
      get mode() {
        return view.profile.mode ?? 'direct';
      },
    })(view.service);
    const meta = ['find_tools', 'describe_tools', 'call_tool'];
    const direct = ['files__read', 'files__write'];
    const heard = listen({ service }, { toolsListChanged: true });
    await tick();
    expect(await names({ service })).toEqual(direct);
    await change({ servers: ['files'], mode: 'search' });
    expect(await names({ service })).toEqual(meta);
    await change({ servers: ['files'], mode: 'search', pin: ['files__read'] });
    expect(await names({ service })).toEqual([...meta, 'files__read']);
    await change({ servers: ['files'] });
    expect(await names({ service })).toEqual(direct);
    expect(heard.methods.slice(1)).toEqual(Array(3).fill('tools/list_changed'));
    // Behind the meta-tools, tools come and go unseen.
    await change({ servers: ['files'], mode: 'search' });
    await change({ mode: 'search' });
    expect(heard.methods).toHaveLength(5);
    heard.stop();
  });

  it('answers through a meta-tool what was asked through it, though there are none any more', async () => {
    await using fleet = await rig({ servers: ['files'], mode: 'search' });
    const { view, files, change } = fleet;
    const finder = new FakeFinder();
    const service = searchMode({
      view,
      finder,
      countTokens: countWords,
      get mode() {
        return view.profile.mode ?? 'direct';
      },
    })(view.service);
    await change({ servers: ['files'] });
    fleet.finish();
    const retry = { name: 'call_tool', arguments: { name: 'files__read', arguments: {} }, requestState: 's' };
    await ask({ service }, 'tools/call', retry);
    expect(files.called('tools/call').map(({ params }) => params.string('name'))).toEqual(['read']);
    const fresh = ask({ service }, 'tools/call', { name: 'find_tools', arguments: { query: 'x' } });
    await expect(fresh).rejects.toMatchObject({ code: 'TOOL_UNKNOWN' });
  });
});

describe('profiles that come and go', () => {
  it('are views from then on, and none any more', async () => {
    await using fleet = await rig();
    const { yard, view } = fleet;
    const more = yard.setProfile({ name: 'more', servers: ['notes'] });
    expect([...yard.views.keys()]).toEqual(['work', 'more']);
    expect(await names(more)).toEqual(['notes__add']);
    const heard = listen(view, allLists);
    const running = ask(view, 'tools/call', { name: 'files__read' });
    await tick();
    yard.removeProfile('work');
    yard.removeProfile('work');
    expect((await heard.reply).result.value).toEqual({ resultType: 'complete' });
    fleet.finish();
    expect(await running).toMatchObject({ content: [] });
    await expect(ask(view, 'tools/list')).rejects.toMatchObject({ code: 'CLOSED', facts: { what: 'profile work' } });
    expect([...yard.views.keys()]).toEqual(['more']);
    expect(await names(yard.setProfile({ name: 'work' }))).toHaveLength(3);
  });

  it('may name servers that are deployed later', async () => {
    await using fleet = await rig();
    const view = fleet.yard.setProfile({ name: 'later', servers: ['late'] });
    expect(await names(view)).toEqual([]);
    const heard = listen(view, { toolsListChanged: true });
    await fleet.yard.deploy('late', {
      target: { service: (asked) => Promise.resolve({ result: listing(asked.method) }) },
    });
    await tick(100);
    expect(await names(view)).toEqual(['late__x']);
    expect(heard.methods.slice(1)).toEqual(['tools/list_changed']);
    heard.stop();
  });

  it.each<[string, ProfileDefinition]>([
    ['a pattern', { name: 'work', tools: { include: ['no pattern!'] } }],
    ['a name', { name: 'No Path' }],
    ['two new names that are one', { name: 'work', rename: { files__read: 'x', files__write: 'x' } }],
  ])('are refused for %s that cannot be, and everything stays as it was', async (_, profile) => {
    await using fleet = await rig();
    expect(() => fleet.yard.setProfile(profile)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
    expect([...fleet.yard.views.keys()]).toEqual(['work']);
    expect(await names(fleet.view)).toEqual(['files__read', 'files__write']);
  });

  it('are not for flat naming, nor for an orchestrator that is closed', async () => {
    const only = { a: fakeServer({ tools: [tool('x')] }) };
    const flat = await started(only, { naming: 'flat' });
    expect(() => flat.setProfile({ name: 'work' })).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
    await flat.close();
    expect(() => flat.setProfile({ name: 'work' })).toThrow(expect.objectContaining({ code: 'CLOSED' }));
  });

  it('are 1,024 at most', async () => {
    await using fleet = await rig();
    const { yard } = fleet;
    for (let at = 1; at < 1_024; at++) yard.setProfile({ name: `p${at}`, servers: ['files'] });
    expect(() => yard.setProfile({ name: 'one-more' })).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
    yard.removeProfile('p1');
    yard.setProfile({ name: 'one-more' });
    expect(yard.views.size).toBe(1_024);
  });

  it('end with the orchestrator, and leave no timer', async () => {
    const fleet = await rig();
    const view = fleet.yard.setProfile({ name: 'more' });
    const heard = listen(view, allLists);
    await fleet.yard.close();
    expect((await heard.reply).result.value).toEqual({ resultType: 'complete' });
    await expect(ask(view, 'tools/list')).rejects.toMatchObject({ code: 'CLOSED', facts: { what: 'orchestrator' } });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('leave nothing behind, however often they do', async () => {
    await using fleet = await rig();
    const { yard, files } = fleet;
    /** What a change of a server sets going: with each view that is open, something. */
    const timers = async (): Promise<number> => {
      await tick(2_000);
      await yard.deploy('notes', { target: { url: 'fake:notes' } });
      return vi.getTimerCount();
    };
    const before = await timers();
    const listens = files.listens.size;
    for (let round = 0; round < 200; round++) {
      const view = yard.setProfile({ name: 'passing', servers: ['files'] });
      const heard = listen(view, { ...allLists, resourceSubscriptions: ['file:///a'] });
      yard.setProfile({ name: 'passing', tools: { exclude: [`files__w${round}`] } });
      yard.setProfile({ name: 'work', servers: round % 2 === 0 ? ['notes'] : ['files'] });
      await tick(10);
      yard.removeProfile('passing');
      await heard.reply;
    }
    expect([...yard.views.keys()]).toEqual(['work']);
    expect(await timers()).toBe(before);
    expect(files.listens.size).toBe(listens);
  });
});

function listing(method: string) {
  const lists = method === 'tools/list' ? { tools: [tool('x')] } : {};
  const capabilities = method === 'server/discover' ? { capabilities: { tools: {} } } : {};
  return call('x', { resultType: 'complete', ...lists, ...capabilities }).params;
}
