import type { ProfileDefinition } from '@toolyard/registry';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Orchestrator } from '../orchestrator.ts';
import { type FakeServer, fakeServer, tool } from '../testing/fake-server.ts';
import { ask, listen, names, started } from '../testing/harness.ts';
import type { ProfileView } from './view.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const tick = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const at = (id: string) => ({ target: { url: `fake:${id}` } });

interface Rig extends AsyncDisposable {
  readonly yard: Orchestrator;
  readonly work: ProfileView;
}

async function rig(
  servers: Readonly<Record<string, FakeServer>>,
  profile: Omit<ProfileDefinition, 'name'>,
  tags: Readonly<Record<string, readonly string[]>> = {},
): Promise<Rig> {
  const entries = Object.fromEntries(Object.entries(tags).map(([id, own]) => [id, { tags: own }]));
  const yard = await started(servers, { entries, profiles: [{ name: 'work', ...profile }] });
  const work = yard.views.get('work');
  if (work === undefined) throw new Error('there is no such view');
  return { yard, work, [Symbol.asyncDispose]: () => yard.close() };
}

describe('a profile', () => {
  it('loses a server that is undeployed, and has it back with its names, words and pins', async () => {
    const files = fakeServer({ tools: [tool('read'), tool('write')] });
    const profile = {
      servers: ['files'],
      tools: { exclude: ['*__write'] },
      rename: { files__read: 'open' },
      describe: { files__read: { description: 'Opens.' } },
      pin: ['files__read'],
    };
    await using fleet = await rig({ files, other: fakeServer({ tools: [tool('x')] }) }, profile);
    const { yard, work } = fleet;
    const heard = listen(work, { toolsListChanged: true });
    await tick();
    await yard.undeploy('files');
    await tick(100);
    expect([await names(work), work.pinned]).toEqual([[], []]);
    await expect(ask(work, 'tools/call', { name: 'open' })).rejects.toMatchObject({ code: 'TOOL_UNKNOWN' });
    await yard.deploy('files', at('files'));
    await tick(100);
    expect(await ask(work, 'tools/list')).toMatchObject({ tools: [{ name: 'open', description: 'Opens.' }] });
    expect(work.pinned.map(({ name }) => name)).toEqual(['open']);
    expect(work.problems()).toEqual([]);
    await ask(work, 'tools/call', { name: 'open' });
    expect(files.called('tools/call').map(({ params }) => params.text)).toEqual(['{"name":"read"}']);
    expect(heard.methods.slice(1)).toEqual(['tools/list_changed', 'tools/list_changed']);
    heard.stop();
  });

  it('shows a server that comes later with its tag, and not one without', async () => {
    const servers = {
      files: fakeServer(),
      more: fakeServer({ tools: [tool('x')] }),
      none: fakeServer({ tools: [tool('y')] }),
    };
    await using fleet = await rig(servers, { tags: ['red'] }, { files: ['red'] });
    const { yard, work } = fleet;
    for (const id of ['more', 'none']) await yard.undeploy(id);
    await yard.deploy('more', { ...at('more'), tags: ['red'] });
    await yard.deploy('none', at('none'));
    await tick(100);
    expect(await names(work)).toEqual(['more__x']);
    expect(await names(yard)).toEqual(['more__x', 'none__y']);
  });

  it.each([
    ['it is looked at in the moment of the change', false],
    ['another change of the server is under way', true],
  ])('takes in a server that has its tag now, also where %s', async (_, busy) => {
    const calls = Promise.withResolvers<Record<string, unknown>>();
    const files = fakeServer({ tools: [tool('wait')], answers: { 'tools/call': () => calls.promise } });
    await using fleet = await rig({ files, other: fakeServer() }, { tags: ['red'] }, { other: ['red'] });
    const { yard, work } = fleet;
    const running = busy ? ask(yard, 'tools/call', { name: 'files__wait' }) : undefined;
    const restarting = busy ? yard.restart('files') : undefined;
    await tick();
    const deploying = yard.deploy('files', { ...at('files'), tags: ['red'] });
    expect(await names(work)).toEqual([]);
    await tick(100);
    calls.resolve({ content: [] });
    await Promise.all([running, restarting, deploying]);
    await tick(100);
    expect(await names(work)).toEqual(['files__wait']);
  });
});
