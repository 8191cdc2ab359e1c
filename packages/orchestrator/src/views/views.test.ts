import { type Call, RawObject, ToolyardError } from '@toolyard/protocol';
import type { ProfileDefinition } from '@toolyard/registry';
import { describe, expect, it } from 'vitest';
import type { Orchestrator } from '../orchestrator.ts';
import { type FakeServer, fakeServer, rawItem, tool } from '../testing/fake-server.ts';
import { ask, call, caller, type FleetOptions, listen, names, orchestrate, started } from '../testing/harness.ts';
import type { ProfileView } from './view.ts';

type Profile = Omit<ProfileDefinition, 'name'>;

/** The servers behind the view `work`. */
async function fleetWith(
  servers: Readonly<Record<string, FakeServer>>,
  profile: Profile,
  options: FleetOptions = {},
): Promise<{ readonly fleet: Orchestrator; readonly work: ProfileView; [Symbol.asyncDispose](): Promise<void> }> {
  const fleet = await started(servers, { profiles: [{ name: 'work', ...profile }], ...options });
  return { fleet, work: viewOf(fleet, 'work'), [Symbol.asyncDispose]: () => fleet.close() };
}

function viewOf({ views }: Orchestrator, name: string): ProfileView {
  const view = views.get(name);
  if (view === undefined) throw new Error(`no view ${name}`);
  return view;
}

const code = (expected: string): unknown => expect.objectContaining({ code: expected });
const argumentsOf = ({ params }: Call): string => params.text;

describe('a view', () => {
  it('is made of the servers that its profile names, and of those that have its tags', async () => {
    const servers = { a: fakeServer(), b: fakeServer(), c: fakeServer(), d: fakeServer() };
    for (const server of Object.values(servers)) server.tools = [tool('t')];
    await using fleet = await started(servers, {
      entries: { b: { tags: ['x'] }, c: { tags: ['x', 'y'] } },
      profiles: [
        { name: 'all' },
        { name: 'ids', servers: ['d', 'a'] },
        { name: 'tags', tags: ['y'] },
        { name: 'both', servers: ['a'], tags: ['x'] },
      ],
    });
    const seen = await Promise.all([...fleet.views].map(async ([name, view]) => [name, await names(view)]));
    expect(Object.fromEntries(seen)).toEqual({
      all: ['a__t', 'b__t', 'c__t', 'd__t'],
      ids: ['a__t', 'd__t'],
      tags: ['c__t'],
      both: ['a__t', 'b__t', 'c__t'],
    });
    expect(await names(fleet)).toEqual(['a__t', 'b__t', 'c__t', 'd__t']);
  });

  it('shows the tools that are let in and not taken out', async () => {
    const a = fakeServer({ tools: ['read', 'read_all', 'write', 'list'].map((name) => tool(name)) });
    await using rig = await fleetWith({ a }, { tools: { include: ['a__read*', 'a__list'], exclude: ['*_all'] } });
    expect(await names(rig.work)).toEqual(['a__read', 'a__list']);
  });

  it('knows nothing of what it does not show, and suggests nothing of it', async () => {
    const a = fakeServer({ tools: [tool('read'), tool('reap')], prompts: [{ name: 'p' }] });
    const b = fakeServer({
      tools: [tool('read')],
      prompts: [{ name: 'p' }],
      resources: [{ uri: 'x:1', name: 'r' }],
      templates: [{ uriTemplate: 'x:{y}', name: 't' }],
    });
    const c = fakeServer({ resources: [{ uri: 'z:1', name: 'r' }] });
    await using rig = await fleetWith({ a, b, c }, { servers: ['a', 'c'], tools: { exclude: ['a__reap'] } });
    const { work } = rig;
    await expect(ask(work, 'tools/call', { name: 'a__reap' })).rejects.toMatchObject({
      code: 'TOOL_UNKNOWN',
      facts: { nearest: ['a__read'] },
    });
    await expect(ask(work, 'tools/call', { name: 'b__read' })).rejects.toMatchObject({
      facts: { nearest: ['a__read'] },
    });
    await expect(ask(work, 'prompts/get', { name: 'b__p' })).rejects.toMatchObject({
      code: 'PROMPT_UNKNOWN',
      facts: { nearest: ['a__p'] },
    });
    const argument = { name: 'y', value: '' };
    await expect(
      ask(work, 'completion/complete', { ref: { type: 'ref/prompt', name: 'b__p' }, argument }),
    ).rejects.toEqual(code('PROMPT_UNKNOWN'));
    await expect(ask(work, 'resources/read', { uri: 'x:1' })).rejects.toEqual(code('RESOURCE_UNKNOWN'));
    await expect(
      ask(work, 'completion/complete', { ref: { type: 'ref/resource', uri: 'x:{y}' }, argument }),
    ).rejects.toEqual(code('RESOURCE_UNKNOWN'));
    expect(await names(work, 'prompts/list')).toEqual(['a__p']);
    expect(await names(work, 'resources/list')).toEqual(['z:1']);
    expect(await names(work, 'resources/templates/list')).toEqual([]);
    expect(b.called('tools/call')).toEqual([]);
    await ask(work, 'tools/call', { name: 'a__read' });
    expect(a.called('tools/call').map(argumentsOf)).toEqual(['{"name":"read"}']);
  });

  it('gives a URI to the server that it shows, whoever has it elsewhere', async () => {
    const servers = {
      a: fakeServer({ resources: [{ uri: 'x:1', name: 'of a' }] }),
      b: fakeServer({ resources: [{ uri: 'x:1', name: 'of b' }] }),
    };
    await using rig = await fleetWith(servers, { servers: ['b'] });
    await ask(rig.work, 'resources/read', { uri: 'x:1' });
    await ask(rig.fleet, 'resources/read', { uri: 'x:1' });
    expect([servers.b, servers.a].map((server) => server.called('resources/read').length)).toEqual([1, 1]);
  });

  it('introduces its own servers only, and misses no others', async () => {
    const a = fakeServer({ instructions: 'About a.', capabilities: { tools: {} } });
    const b = fakeServer({ instructions: 'About b.' });
    const c = fakeServer({ connecting: 'refuse' });
    await using rig = await fleetWith({ a, b, c }, { servers: ['a'] });
    const told = await ask(rig.work, 'server/discover');
    expect(told).toMatchObject({ capabilities: { tools: { listChanged: true } } });
    expect(JSON.stringify(told)).toContain('About a.');
    expect(JSON.stringify(told)).not.toMatch(/About b|prompts|unavailable/);
    expect(JSON.stringify(await ask(rig.work, 'tools/list'))).not.toContain('unavailable');
    expect(JSON.stringify(await ask(rig.fleet, 'tools/list'))).toContain('unavailable');
  });

  it('is closed with everything', async () => {
    const { fleet, work } = await fleetWith({ a: fakeServer() }, {});
    await fleet.close();
    await expect(ask(work, 'tools/list')).rejects.toEqual(code('CLOSED'));
  });
});

describe('tools under other names and words', () => {
  const odd = rawItem(
    '{ "title":"T" ,"name":"read","x":1.0,"inputSchema":{"type":"object","properties":{"r":{"type":"string","x-mcp-header":"R"}}},"description":"\\u0061","big":9007199254740993}',
  );
  const profile: Profile = {
    rename: { a__read: 'open' },
    describe: { a__read: { title: 'Open', description: 'Reads “it”.' }, a__plain: { description: 'Now said.' } },
  };

  it('keep everything else byte for byte', async () => {
    await using rig = await fleetWith(
      { a: fakeServer({ tools: [odd, RawObject.of(tool('plain')), RawObject.of(tool('same'))] }) },
      profile,
    );
    const { result } = await rig.work.service(call('tools/list'));
    expect(result.array('tools')?.map(({ text }) => text)).toEqual([
      '{ "title":"Open" ,"name":"open","x":1.0,"inputSchema":{"type":"object","properties":{"r":{"type":"string","x-mcp-header":"R"}}},"description":"Reads “it”.","big":9007199254740993}',
      '{"name":"a__plain","inputSchema":{"type":"object"},"description":"Now said."}',
      '{"name":"a__same","inputSchema":{"type":"object"}}',
    ]);
  });

  it('reach their server under its own, with their headers, and under no other', async () => {
    const a = fakeServer({ tools: [odd] });
    await using rig = await fleetWith({ a }, profile);
    await rig.work.service(call('tools/call', rawItem('{"name":"open", "arguments":{"r":1.0}}')));
    expect(a.called('tools/call').map(argumentsOf)).toEqual(['{"name":"read", "arguments":{"r":1.0}}']);
    expect(rig.work.toolHeaders('open')).toMatchObject([{ header: 'mcp-param-r' }]);
    expect(rig.work.toolHeaders('a__read')).toBeUndefined();
    await expect(ask(rig.work, 'tools/call', { name: 'a__read' })).rejects.toEqual(code('TOOL_UNKNOWN'));
    expect(rig.fleet.toolHeaders('a__read')).toMatchObject([{ header: 'mcp-param-r' }]);
  });

  it('may take the name of another, which is then not shown, whether or not they are up', async () => {
    const a = fakeServer({ tools: [tool('x')] });
    const b = fakeServer({ tools: [tool('y')] });
    await using rig = await fleetWith({ a, b }, { rename: { b__y: 'a__x' } });
    expect([...rig.work.tools.values()].map(({ id, name, server }) => [id, name, server])).toEqual([
      ['b__y', 'a__x', 'b'],
    ]);
    expect(rig.work.problems()).toEqual([{ tool: 'a__x', reason: 'It is not shown: b__y has been given its name.' }]);
    b.connecting = 'refuse';
    b.crash();
    await expect.poll(() => names(rig.work)).toEqual([]);
    await expect(ask(rig.work, 'tools/call', { name: 'a__x' })).rejects.toEqual(code('UPSTREAM_UNREACHABLE'));
  });

  it('may swap names', async () => {
    const a = fakeServer({ tools: [tool('x'), tool('y')] });
    await using rig = await fleetWith({ a }, { rename: { a__x: 'a__y', a__y: 'a__x' } });
    await ask(rig.work, 'tools/call', { name: 'a__y' });
    expect(a.called('tools/call').map(argumentsOf)).toEqual(['{"name":"x"}']);
    expect(rig.work.problems()).toEqual([]);
  });

  it('of a server that never came up are missed under the names they would have, and no others', async () => {
    const a = fakeServer({ connecting: 'refuse' });
    await using rig = await fleetWith({ a }, { rename: { a__read: 'open' }, tools: { exclude: ['a__write'] } });
    const refusal = async (name: string): Promise<unknown> =>
      ask(rig.work, 'tools/call', { name }).catch((error: unknown) =>
        error instanceof ToolyardError ? error.code : error,
      );
    expect(await Promise.all(['open', 'a__any', 'a__read', 'a__write'].map(refusal))).toEqual([
      'UPSTREAM_UNREACHABLE',
      'UPSTREAM_UNREACHABLE',
      'TOOL_UNKNOWN',
      'TOOL_UNKNOWN',
    ]);
    expect(rig.work.problems()).toEqual([]);
  });

  it('are reported where there are none such', async () => {
    const a = fakeServer({ tools: [tool('read'), tool('write')] });
    await using rig = await fleetWith(
      { a, b: fakeServer({ tools: [tool('read')] }) },
      {
        servers: ['a'],
        tools: { exclude: ['a__write'] },
        rename: { a__raed: 'r' },
        describe: { b__read: { title: 'B' }, a__write: { title: 'W' } },
      },
    );
    expect(rig.work.problems()).toEqual([
      { tool: 'a__raed', reason: 'None of its servers has such a tool. Near: a__read.' },
      { tool: 'b__read', reason: 'None of its servers has such a tool. Near: a__read.' },
      { tool: 'a__write', reason: 'The profile does not show it.' },
    ]);
  });
});

describe('the tools of a view', () => {
  it('are the same object until one of them changes', async () => {
    const a = fakeServer({ tools: [tool('x'), tool('hidden')] });
    await using rig = await fleetWith(
      { a, b: fakeServer() },
      { tools: { exclude: ['*hidden'] }, pin: ['a__x', 'a__none'] },
    );
    const before = rig.work.tools;
    expect([...before.keys()]).toEqual(['a__x']);
    expect(rig.work.pinned.map(({ name }) => name)).toEqual(['a__x']);
    a.tools = [tool('x'), tool('hidden', { description: 'new' })];
    await a.tell({ method: 'notifications/tools/list_changed', params: RawObject.empty });
    await expect.poll(() => rig.fleet.tools.get('a__hidden')?.definition.string('description')).toBe('new');
    expect(rig.work.tools).toBe(before);
    a.tools = [tool('x', { description: 'new' })];
    await a.tell({ method: 'notifications/tools/list_changed', params: RawObject.empty });
    await expect
      .poll(() => rig.work.tools.get('a__x')?.definition.string('description'), { timeout: 5_000 })
      .toBe('new');
    expect(rig.work.tools).not.toBe(before);
  });

  it('have their user interfaces read from their own server, also where a hidden tool of another has the same', async () => {
    const show = tool('show', { _meta: { ui: { resourceUri: 'ui://view' } } });
    const a = fakeServer({ tools: [show] });
    const b = fakeServer({ tools: [show] });
    await using rig = await fleetWith({ a, b }, { tools: { exclude: ['a__*'] }, rename: { b__show: 'show' } });
    await ask(rig.work, 'resources/read', { uri: 'ui://view' });
    expect([a, b].map((server) => server.called('resources/read').length)).toEqual([0, 1]);
  });
});

describe('what is handed out by a view', () => {
  it('cursors: is good there only', async () => {
    const a = fakeServer({ tools: ['x', 'y', 'z'].map((name) => tool(name)) });
    const profiles = [{ name: 'one' }, { name: 'two' }];
    await using fleet = await started({ a }, { profiles, limits: { pageSize: 1 } });
    const [one, two] = ['one', 'two'].map((name) => viewOf(fleet, name));
    if (one === undefined || two === undefined) return;
    const { nextCursor: cursor } = (await ask(one, 'tools/list')) as { readonly nextCursor: string };
    expect(await ask(one, 'tools/list', { cursor })).toMatchObject({ tools: [{ name: 'a__y' }] });
    await expect(ask(two, 'tools/list', { cursor })).rejects.toEqual(code('CURSOR_INVALID'));
    await expect(ask(fleet, 'tools/list', { cursor })).rejects.toEqual(code('CURSOR_INVALID'));
  });

  it('tasks: is good wherever their server is seen', async () => {
    const extensions = { 'io.modelcontextprotocol/tasks': {} };
    const me = { ...caller, capabilities: RawObject.of({ extensions }) };
    const a = fakeServer({
      tools: [tool('slow')],
      capabilities: { tools: {}, extensions },
      answers: {
        'tools/call': () => ({ resultType: 'task', taskId: 't', status: 'working' }),
        'tasks/get': () => ({ resultType: 'complete', taskId: 't', status: 'working' }),
      },
    });
    const b = fakeServer({ capabilities: { tools: {}, extensions } });
    const profiles = [
      { name: 'with', servers: ['a'] },
      { name: 'without', servers: ['b'] },
    ];
    await using fleet = await started({ a, b }, { profiles });
    const { result } = await viewOf(fleet, 'with').service(call('tools/call', { name: 'a__slow' }, { caller: me }));
    const taskId = result.string('taskId');
    const get = (from: Pick<Orchestrator, 'service'>): Promise<unknown> =>
      ask(from, 'tasks/get', { taskId }, { caller: me });
    expect(await get(viewOf(fleet, 'with'))).toMatchObject({ taskId });
    expect(await get(fleet)).toMatchObject({ taskId });
    await expect(get(viewOf(fleet, 'without'))).rejects.toEqual(code('INVALID_PARAMS'));
    const listening = listen(viewOf(fleet, 'without'), { taskIds: [taskId] }, { caller: me });
    await expect.poll(() => listening.told[0]?.params.text).toBe('{"notifications":{}}');
    listening.stop();
  });
});

describe('listening through a view', () => {
  it('hears of changes of what it shows only', async () => {
    const a = fakeServer({ tools: [tool('x'), tool('hidden')] });
    const b = fakeServer({ tools: [tool('x')] });
    await using rig = await fleetWith({ a, b }, { servers: ['a'], tools: { exclude: ['*__hidden'] } });
    const listeners = [rig.work, rig.fleet].map((from) => listen(from, { toolsListChanged: true }));
    const heard = (): readonly number[] =>
      listeners.map(({ methods }) => methods.filter((one) => one === 'tools/list_changed').length);
    const change = async (
      server: FakeServer,
      tools: readonly unknown[],
      expected: readonly number[],
    ): Promise<void> => {
      server.tools = tools;
      await server.tell({ method: 'notifications/tools/list_changed', params: RawObject.empty });
      await expect.poll(heard, { timeout: 5_000 }).toEqual(expected);
    };
    await expect.poll(() => listeners.every(({ told }) => told.length === 1)).toBe(true);
    await change(b, [tool('y')], [0, 1]);
    await change(a, [tool('x'), tool('hidden', { title: 'T' })], [0, 2]);
    await change(a, [tool('x', { title: 'T' }), tool('hidden', { title: 'T' })], [1, 3]);
    for (const { stop } of listeners) stop();
  });

  it('shares one subscription with the server, and is told nothing of other servers', async () => {
    const resources = (uri: string): readonly unknown[] => [{ uri, name: 'r' }];
    const a = fakeServer({ resources: resources('a:1') });
    const b = fakeServer({ resources: resources('b:1') });
    const c = fakeServer({ resources: resources('c:1') });
    await using rig = await fleetWith({ a, b, c }, { servers: ['a', 'c'] });
    const listeners = [rig.work, rig.fleet].map((from) => listen(from, { resourceSubscriptions: ['a:1', 'b:1'] }));
    await expect
      .poll(() => listeners.map(({ told }) => told[0]?.params.text))
      .toEqual([
        '{"notifications":{"resourceSubscriptions":["a:1"]}}',
        '{"notifications":{"resourceSubscriptions":["a:1","b:1"]}}',
      ]);
    const streams = [...a.listens].filter(({ filter }) => filter.has('resourceSubscriptions'));
    expect(streams).toHaveLength(1);
    for (const [server, uri] of [
      [a, 'a:1'],
      [b, 'b:1'],
    ] as const)
      await server.tell({ method: 'notifications/resources/updated', params: RawObject.of({ uri }) });
    await expect
      .poll(() => listeners.map(({ told }) => told.slice(1).map(({ params }) => params.string('uri'))))
      .toEqual([['a:1'], ['a:1', 'b:1']]);
    for (const { stop } of listeners) stop();
  });

  it('counts towards the bound of all', async () => {
    await using rig = await fleetWith({ a: fakeServer() }, {}, { limits: { maxListens: 1 } });
    const first = listen(rig.work, { toolsListChanged: true });
    await expect(listen(rig.fleet, { toolsListChanged: true }).reply).rejects.toEqual(code('TOO_MANY_CALLS'));
    first.stop();
  });
});

describe('a profile that cannot be', () => {
  it.each([
    [{ servers: ['b'] }, 'profiles.work.servers[0]: there is no server "b"'],
    [{ tools: { include: ['('] } }, 'profiles.work.tools.include[0]: this is no pattern of names'],
    [{ rename: { a__x: 'y', a__z: 'y' } }, 'profiles.work.rename.a__z: this is already the new name of "a__x"'],
  ] satisfies [Profile, string][])('is refused: %j', (profile, message) => {
    expect(() => orchestrate({ a: fakeServer() }, { profiles: [{ name: 'work', ...profile }] })).toThrow(message);
  });

  it('is refused where names are flat', () => {
    expect(() => orchestrate({ a: fakeServer() }, { naming: 'flat', profiles: [{ name: 'work' }] })).toThrow(
      'naming: flat',
    );
  });
});
