import type { Notification } from '@toolyard/protocol';
import { RawObject } from '@toolyard/protocol';
import { describe, expect, it, vi } from 'vitest';
import { ask, call, names } from '../testing/harness.ts';
import type { SearchModeOptions } from './search-mode.ts';
import { FakeView, rig, shown } from './testing/shown.ts';

const metaNames = ['find_tools', 'describe_tools', 'call_tool'];
const whole = { result: RawObject.of({ resultType: 'complete', tools: [{ name: 'read' }, { name: 'write' }] }) };
const answer = () => Promise.resolve(whole);
const wordy = (name: string, words: number) => shown(name, { description: 'word '.repeat(words) });

describe('search mode lists', () => {
  it('three meta-tools in place of the catalogue, and what is pinned beside them', async () => {
    const view = new FakeView(shown('read'), shown('write'));
    const { service } = rig(view);
    expect(await names({ service })).toEqual(metaNames);
    view.pinned = [shown('write', { description: 'Pinned.' })];
    expect(await ask({ service }, 'tools/list')).toMatchObject({
      resultType: 'complete',
      tools: [{}, {}, {}, { name: 'write', description: 'Pinned.' }],
      ttlMs: 0,
      cacheScope: 'private',
    });
  });

  it('everything, in pages as usual, for who asks for it', async () => {
    const { service, passed } = rig(new FakeView(shown('read')), { answer });
    const direct = { _meta: { 'io.github.toolyard/mode': 'direct' } };
    expect((await service(call('tools/list', direct))).result).toBe(whole.result);
    expect((await service(call('tools/list', { cursor: 'c' }))).result).toBe(whole.result);
    expect(passed.map(({ params }) => params.text)).toEqual([JSON.stringify(direct), '{"cursor":"c"}']);
  });

  it('what the whole list says of itself: which servers are missing from it', async () => {
    const _meta = { 'io.github.toolyard/unavailable': [{ server: 'mail', state: 'down' }] };
    const result = RawObject.of({ resultType: 'complete', tools: [], _meta });
    const { service } = rig(new FakeView(shown('read')), { answer: () => Promise.resolve({ result }) });
    expect(await ask({ service }, 'tools/list')).toMatchObject({ tools: [{}, {}, {}], _meta });
  });

  it('no tool twice where a pinned one has the name of a meta-tool, which call_tool still reaches', async () => {
    const own = shown('find_tools');
    const view = new FakeView(own);
    view.pinned = [own];
    const { service, tool, called } = rig(view);
    expect(await names({ service })).toEqual(metaNames);
    await tool('call_tool', { name: 'find_tools' });
    expect(called).toEqual(['find_tools']);
  });

  it('the same few tokens for 10,000 tools', async () => {
    const many = Array.from({ length: 10_000 }, (_, at) => shown(`tool_${at}`, { description: `Does ${at}.` }));
    const { service, tool, finder, called } = rig(new FakeView(...many));
    expect(await names({ service })).toEqual(metaNames);
    finder.finds = many.map(({ id }) => id);
    expect((await tool('find_tools', { query: 'anything' })).structuredContent['tools']).toHaveLength(8);
    expect(await tool('describe_tools', { names: ['tool_9999', 'tool_x'] })).toMatchObject({
      structuredContent: { tools: [{ name: 'tool_9999' }], unknown: [{ name: 'tool_x' }] },
    });
    await tool('call_tool', { name: 'tool_9999' });
    expect(called).toEqual(['tool_9999']);
  });
});

describe('auto', () => {
  it('turns to search above the budget, and back, as the catalogue changes', async () => {
    const view = new FakeView(wordy('read', 20), wordy('write', 20));
    const { service } = rig(view, { mode: 'auto', budgetTokens: 60, answer });
    expect(await names({ service })).toEqual(['read', 'write']);
    view.show(wordy('read', 20), wordy('write', 40));
    expect(await names({ service })).toEqual(metaNames);
    view.show(wordy('read', 50));
    expect(await names({ service })).toEqual(['read', 'write']);
  });

  it('counts once as long as nothing changes, and no further than the budget', async () => {
    const counted: string[] = [];
    const countTokens = (text: string): Promise<number> => {
      counted.push(text);
      return Promise.resolve(100);
    };
    const view = new FakeView(...Array.from({ length: 10_000 }, (_, at) => shown(`t${at}`)));
    const { service } = rig(view, { mode: 'auto', countTokens });
    await Promise.all([names({ service }), names({ service })]);
    // Default budget: 10,000.
    expect(counted).toHaveLength(101);
  });

  it('counts again after counting failed', async () => {
    const countTokens = vi.fn<SearchModeOptions['countTokens']>(() => Promise.resolve(100));
    countTokens.mockRejectedValueOnce(new Error('no tokenizer'));
    const { service } = rig(new FakeView(shown('read')), { mode: 'auto', budgetTokens: 60, countTokens });
    await expect(names({ service })).rejects.toThrow('no tokenizer');
    expect(await names({ service })).toEqual(metaNames);
  });

  it('answers the meta-tools also while tools are listed: a client may know them from before', async () => {
    const { tool, finder } = rig(new FakeView(shown('read')), { mode: 'auto' });
    finder.finds = ['files__read'];
    expect((await tool('find_tools', { query: 'x' })).content[0]?.text).toContain('read()');
  });

  it('leaves a name to the tool of the view that is listed under it', async () => {
    const { tool, passed } = rig(new FakeView(shown('find_tools')), { mode: 'auto' });
    await tool('find_tools', { anything: 1 });
    expect(passed).toHaveLength(1);
  });

  it('tells who listens what goes wrong with counting by telling too much', async () => {
    const view = new FakeView(shown('read'));
    const countTokens = (): Promise<number> => Promise.reject(new Error('no tokenizer'));
    const { told, tell } = await subscribed(view, { mode: 'auto', countTokens });
    await tell();
    expect(told).toEqual(['tools/list_changed']);
  });
});

describe('a subscription', () => {
  it('hears of changes of what is listed, and of nothing behind it', async () => {
    const view = new FakeView(shown('read'), shown('write'));
    const { told, tell } = await subscribed(view);
    view.show(shown('read'));
    await tell();
    expect(told).toEqual([]);
    view.pinned = [shown('read')];
    await Promise.all([tell(), tell()]);
    expect(told).toEqual(['tools/list_changed']);
    view.pinned = [shown('read', { description: 'Other words.' })];
    await tell();
    expect(told).toHaveLength(2);
    await tell('notifications/prompts/list_changed');
    expect(told).toEqual(['tools/list_changed', 'tools/list_changed', 'prompts/list_changed']);
  });

  it('hears of every change while tools are listed, and of the turn to search and back', async () => {
    const view = new FakeView(wordy('read', 10));
    const { told, tell } = await subscribed(view, { mode: 'auto', budgetTokens: 50 });
    for (const words of [11, 60, 70, 12]) {
      view.show(wordy('read', words));
      await tell();
    }
    expect(told).toHaveLength(3);
  });
});

async function subscribed(...[view, options]: Parameters<typeof rig>): Promise<{
  readonly told: readonly string[];
  readonly tell: (method?: string) => Promise<void>;
}> {
  const told: string[] = [];
  const { service, passed } = rig(view, options);
  const notify = async ({ method }: Notification): Promise<void> => void told.push(method.slice(14));
  await service(call('subscriptions/listen', {}, { notify }));
  const tell = async (method = 'notifications/tools/list_changed'): Promise<void> =>
    passed[0]?.notify({ method, params: RawObject.empty });
  return { told, tell };
}
