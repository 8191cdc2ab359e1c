import { RawObject, ToolyardError } from '@toolyard/protocol';
import { describe, expect, it } from 'vitest';
import { fakeServer, rawItem, tool } from '../testing/fake-server.ts';
import { ask, call, caller, names, orchestrate, started } from '../testing/harness.ts';

const odd =
  '{"resultType":"complete" , "content":[{"type":"x-odd","n":9007199254740993,"f":1.0,"e":1e400,"\\u0061":"\\u00e9"}],"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"theirs","version":"1"}},"more":{}}';

describe('tools/call', () => {
  it('puts back the name that the server knows and touches nothing else', async () => {
    const files = fakeServer({ tools: [tool('read.file')] });
    await using fleet = await started({ files });
    const [name] = await names(fleet);
    await ask(
      fleet,
      'tools/call',
      RawObject.read(
        Buffer.from(`{"x":1.0, "name":"${name}" ,"arguments":{"n":9007199254740993},"_meta":{"a.b/c":1}}`),
      ),
    );
    expect(files.called('tools/call')[0]?.params.text).toBe(
      '{"x":1.0, "name":"read.file" ,"arguments":{"n":9007199254740993},"_meta":{"a.b/c":1}}',
    );
  });

  it('gives back the result byte for byte', async () => {
    const files = fakeServer({
      tools: [tool('read')],
      answers: { 'tools/call': () => RawObject.read(Buffer.from(odd)) },
    });
    await using fleet = await started({ files });
    const { result } = await fleet.service(call('tools/call', { name: 'files__read' }));
    expect(result.text).toBe(odd);
  });

  it('passes on questions, states and answers untouched', async () => {
    const question =
      '{"resultType":"input_required","inputRequests":{"a":{"method":"elicitation/create","params":{}}},"requestState":"s=="}';
    const files = fakeServer({
      tools: [tool('read')],
      answers: { 'tools/call': () => RawObject.read(Buffer.from(question)) },
    });
    await using fleet = await started({ files });
    const { result } = await fleet.service(
      call(
        'tools/call',
        RawObject.read(
          Buffer.from('{"name":"files__read","inputResponses":{"a":{"action":"accept"}},"requestState":"s=="}'),
        ),
      ),
    );
    expect(result.text).toBe(question);
    expect(files.called('tools/call')[0]?.params.text).toBe(
      '{"name":"read","inputResponses":{"a":{"action":"accept"}},"requestState":"s=="}',
    );
  });

  it('lets progress and log messages through to the caller, before the reply', async () => {
    const files = fakeServer({
      tools: [tool('read')],
      answers: {
        'tools/call': async ({ progressToken, ...asked }) => {
          await asked.notify({
            method: 'notifications/progress',
            params: RawObject.of({ progressToken, progress: 1 }),
          });
          await asked.notify({ method: 'notifications/message', params: RawObject.of({ level: 'info', data: 'x' }) });
          return { resultType: 'complete', content: [] };
        },
      },
    });
    await using fleet = await started({ files });
    const told: string[] = [];
    await ask(
      fleet,
      'tools/call',
      { name: 'files__read' },
      {
        progressToken: 'mine',
        logLevel: 'info',
        notify: async ({ method, params }) => void told.push(`${method} ${params.text}`),
      },
    );
    expect(told).toEqual([
      'notifications/progress {"progressToken":"mine","progress":1}',
      'notifications/message {"level":"info","data":"x"}',
    ]);
    expect(files.called('tools/call')[0]).toMatchObject({ progressToken: 'mine', logLevel: 'info' });
  });

  it('lets the server see that the caller cancelled', async () => {
    const seen = Promise.withResolvers<unknown>();
    const files = fakeServer({
      tools: [tool('read')],
      answers: {
        'tools/call': ({ signal }) =>
          new Promise((_, reject) => {
            signal.addEventListener('abort', () => {
              seen.resolve(signal.reason);
              reject(signal.reason);
            });
          }),
      },
    });
    await using fleet = await started({ files });
    const controller = new AbortController();
    const failed = ask(fleet, 'tools/call', { name: 'files__read' }, { signal: controller.signal }).catch(
      (error: unknown) => error,
    );
    controller.abort(new ToolyardError('CANCELLED', { reason: 'enough' }, 'enough'));
    expect(await failed).toMatchObject({ code: 'CANCELLED' });
    expect(await seen.promise).toMatchObject({ code: 'CANCELLED', facts: { reason: 'enough' } });
  });

  it('passes on the deadline and who asks', async () => {
    const files = fakeServer({ tools: [tool('read')] });
    await using fleet = await started({ files });
    const me = { ...caller, principal: 'me', capabilities: RawObject.of({ elicitation: {} }) };
    await ask(fleet, 'tools/call', { name: 'files__read' }, { deadlineMs: 5, caller: me });
    const [seen] = files.called('tools/call');
    expect(seen?.deadlineMs).toBe(5);
    expect(seen?.caller).toBe(me);
  });

  it('names the nearest tools when there is none of the name', async () => {
    await using fleet = await started({ files: fakeServer({ tools: [tool('read_file')] }) });
    await expect(ask(fleet, 'tools/call', { name: 'files__raed_file' })).rejects.toMatchObject({
      code: 'TOOL_UNKNOWN',
      facts: { tool: 'files__raed_file', nearest: ['files__read_file'] },
    });
  });

  it('refuses the name under which the server itself knows the tool', async () => {
    await using fleet = await started({ files: fakeServer({ tools: [tool('read')] }) });
    await expect(ask(fleet, 'tools/call', { name: 'read' })).rejects.toMatchObject({
      code: 'TOOL_UNKNOWN',
      facts: { nearest: ['files__read'] },
    });
  });

  it('says that a server is absent, rather than that its tools are unknown, before it was ever up', async () => {
    await using fleet = await started({ files: fakeServer({ connecting: 'refuse' }), memory: fakeServer() });
    await expect(ask(fleet, 'tools/call', { name: 'files__read' })).rejects.toMatchObject({
      code: 'UPSTREAM_UNREACHABLE',
      facts: { upstream: 'files' },
    });
  });

  it.each([{}, { name: 7 }, { name: null }])('needs a name: %j', async (params) => {
    await using fleet = await started({ files: fakeServer() });
    await expect(ask(fleet, 'tools/call', params)).rejects.toMatchObject({ code: 'INVALID_PARAMS' });
  });

  it('refuses a name that stands twice, as readers disagree on which counts', async () => {
    await using fleet = await started({ files: fakeServer({ tools: [tool('a'), tool('b')] }) });
    const params = RawObject.read(Buffer.from('{"name":"files__a","name":"files__b"}'));
    await expect(ask(fleet, 'tools/call', params)).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
  });

  it('answers before any server was started', async () => {
    await using fleet = orchestrate({ files: fakeServer({ tools: [tool('read')] }) });
    expect(await ask(fleet, 'tools/list')).toMatchObject({ tools: [], ttlMs: 0, cacheScope: 'private' });
    await expect(ask(fleet, 'tools/call', { name: 'files__read' })).rejects.toMatchObject({
      code: 'UPSTREAM_UNREACHABLE',
    });
  });
});

describe('prompts/get', () => {
  it('puts back the name that the server knows', async () => {
    const files = fakeServer({ prompts: [{ name: 'sum up' }] });
    await using fleet = await started({ files });
    const [name] = await names(fleet, 'prompts/list');
    expect(name).toMatch(/^files__sum_up_[0-9a-f]{12}$/);
    await ask(fleet, 'prompts/get', { name, arguments: { a: 'b' } });
    expect(files.called('prompts/get')[0]?.params.text).toBe('{"name":"sum up","arguments":{"a":"b"}}');
  });

  it('names the nearest prompts when there is none of the name', async () => {
    await using fleet = await started({ files: fakeServer({ prompts: [{ name: 'review' }] }) });
    await expect(ask(fleet, 'prompts/get', { name: 'review' })).rejects.toMatchObject({
      code: 'PROMPT_UNKNOWN',
      facts: { prompt: 'review', nearest: ['files__review'] },
    });
  });
});

describe('resources/read', () => {
  const read = (fleet: Parameters<typeof ask>[0], uri: string): Promise<unknown> =>
    ask(fleet, 'resources/read', { uri });

  it('goes to the server that lists the URI', async () => {
    const a = fakeServer({ resources: [{ uri: 'file:///a', name: 'a' }] });
    const b = fakeServer({ resources: [{ uri: 'file:///b', name: 'b' }] });
    await using fleet = await started({ a, b });
    await read(fleet, 'file:///b');
    expect([a.called('resources/read').length, b.called('resources/read').length]).toEqual([0, 1]);
    expect(b.called('resources/read')[0]?.params.text).toBe('{"uri":"file:///b"}');
  });

  it('goes to the server whose template the URI fits, after those that list it', async () => {
    const a = fakeServer({
      templates: [{ uriTemplate: 'test://{id}/data', name: 't' }],
      resources: [{ uri: 'x://1', name: 'x' }],
    });
    const b = fakeServer({ resources: [{ uri: 'test://7/data', name: 'seven' }] });
    await using fleet = await started({ a, b });
    await read(fleet, 'test://7/data');
    await read(fleet, 'test://8/data');
    expect(a.called('resources/read').map(({ params }) => params.string('uri'))).toEqual(['test://8/data']);
    expect(b.called('resources/read').map(({ params }) => params.string('uri'))).toEqual(['test://7/data']);
  });

  it('goes to the server of the tool whose user interface it is, listed or not', async () => {
    const a = fakeServer({ resources: [{ uri: 'ui://a', name: 'a' }] });
    const b = fakeServer({ tools: [tool('show', { _meta: { ui: { resourceUri: 'ui://b/view' } } })] });
    await using fleet = await started({ a, b });
    await read(fleet, 'ui://b/view');
    expect(b.called('resources/read')).toHaveLength(1);
    expect(await ask(fleet, 'tools/list')).toMatchObject({
      tools: [{ name: 'b__show', _meta: { ui: { resourceUri: 'ui://b/view' } } }],
    });
  });

  it('goes to the only server with resources when nobody lists the URI', async () => {
    const a = fakeServer({ capabilities: { tools: {} } });
    const b = fakeServer();
    await using fleet = await started({ a, b });
    await read(fleet, 'any://thing');
    expect(b.called('resources/read')).toHaveLength(1);
  });

  it('goes to the only server that lists anything under the scheme', async () => {
    const a = fakeServer({ resources: [{ uri: 'file:///a', name: 'a' }] });
    const b = fakeServer({ resources: [{ uri: 'memo://1', name: 'one' }] });
    await using fleet = await started({ a, b });
    await read(fleet, 'memo://2');
    expect(b.called('resources/read')).toHaveLength(1);
  });

  it('asks nobody on suspicion', async () => {
    const a = fakeServer({ resources: [{ uri: 'file:///a', name: 'a' }] });
    const b = fakeServer({ resources: [{ uri: 'file:///b', name: 'b' }] });
    await using fleet = await started({ a, b });
    for (const uri of ['file:///c', 'other://x', 'no scheme']) {
      await expect(read(fleet, uri)).rejects.toMatchObject({ code: 'RESOURCE_UNKNOWN', facts: { uri } });
    }
    expect(a.called('resources/read').length + b.called('resources/read').length).toBe(0);
  });

  it.each([
    [{}, 'a'],
    [{ b: { priority: 5 } }, 'b'],
    [{ a: { priority: -1 } }, 'b'],
  ] as const)(
    'goes to the server of higher priority, then the first by id, where two list the URI: %j',
    async (entries, winner) => {
      const servers = {
        b: fakeServer({ resources: [{ uri: 'x://1', name: 'of b' }] }),
        a: fakeServer({ resources: [{ uri: 'x://1', name: 'of a' }] }),
      };
      await using fleet = await started(servers, { entries });
      await read(fleet, 'x://1');
      expect(servers[winner].called('resources/read')).toHaveLength(1);
      expect(await ask(fleet, 'resources/list')).toMatchObject({ resources: [{ name: `of ${winner}` }] });
      const loser = winner === 'a' ? 'b' : 'a';
      expect(fleet.servers().find(({ id }) => id === loser)).toMatchObject({
        leftOut: [
          { kind: 'resources', entry: 'x://1', reason: `The server ${winner} has the same URI and goes first.` },
        ],
        leftOutCount: 1,
      });
    },
  );

  it('does not hand a URI to another server because its own is down', async () => {
    const a = fakeServer({ resources: [{ uri: 'x://1', name: 'of a' }] });
    const b = fakeServer({ resources: [{ uri: 'x://1', name: 'of b' }] });
    await using fleet = await started({ a, b });
    a.connecting = 'hang';
    a.crash();
    await Promise.resolve();
    await expect(read(fleet, 'x://1')).rejects.toMatchObject({
      code: 'UPSTREAM_UNREACHABLE',
      facts: { upstream: 'a' },
    });
    expect(await names(fleet, 'resources/list')).toEqual([]);
  });
});

describe('completion/complete', () => {
  it('puts back the name of the prompt', async () => {
    const files = fakeServer({ prompts: [{ name: 'review' }] });
    await using fleet = await started({ files });
    await ask(fleet, 'completion/complete', {
      ref: { type: 'ref/prompt', name: 'files__review' },
      argument: { name: 'a', value: 'b' },
    });
    expect(files.called('completion/complete')[0]?.params.text).toBe(
      '{"ref":{"type":"ref/prompt","name":"review"},"argument":{"name":"a","value":"b"}}',
    );
  });

  it('goes to the server of the template', async () => {
    const a = fakeServer({ resources: [{ uri: 'test://a', name: 'a' }] });
    const b = fakeServer({ templates: [{ uriTemplate: 'test://{id}', name: 't' }] });
    await using fleet = await started({ a, b });
    await ask(fleet, 'completion/complete', {
      ref: { type: 'ref/resource', uri: 'test://{id}' },
      argument: { name: 'id', value: '1' },
    });
    expect([a.called('completion/complete').length, b.called('completion/complete').length]).toEqual([0, 1]);
  });

  it.each([
    [{ type: 'ref/prompt', name: 'nobody' }, 'PROMPT_UNKNOWN'],
    [{ type: 'ref/resource', uri: 'nobody://x' }, 'RESOURCE_UNKNOWN'],
    [{ type: 'ref/other' }, 'INVALID_PARAMS'],
    [undefined, 'INVALID_PARAMS'],
  ])('refuses %j', async (ref, code) => {
    const servers = { a: fakeServer({ resources: [{ uri: 'a://a', name: 'a' }] }), b: fakeServer() };
    await using fleet = await started(servers);
    await expect(ask(fleet, 'completion/complete', { ref })).rejects.toMatchObject({ code });
  });
});

describe('methods that no server is named in', () => {
  it.each(['tasks/get', 'tasks/list', 'x/y', 'initialize'])('are unknown among several: %s', async (method) => {
    await using fleet = await started({ files: fakeServer() });
    await expect(ask(fleet, method)).rejects.toMatchObject({ code: 'METHOD_UNKNOWN', facts: { method } });
  });
});

describe('flat naming', () => {
  it('lists and calls the tools under the names that the server gave them, bytes untouched', async () => {
    const odd = '{ "name":"read.file","inputSchema":{"type":"object","x":1.0} }';
    const only = fakeServer({ tools: [rawItem(odd)] });
    await using fleet = await started({ only }, { naming: 'flat' });
    const { result } = await fleet.service(call('tools/list'));
    expect(result.array('tools')?.[0]?.text).toBe(odd);
    const params = RawObject.of({ name: 'read.file' });
    await ask(fleet, 'tools/call', params);
    expect(only.called('tools/call')[0]?.params).toBe(params);
  });

  it.each(['tasks/get', 'x/y', 'tools/call', 'prompts/get', 'resources/read', 'completion/complete'])(
    'relays %s whole, whatever it names',
    async (method) => {
      const only = fakeServer();
      await using fleet = await started({ only }, { naming: 'flat' });
      const capabilities = RawObject.of({ extensions: { 'io.modelcontextprotocol/tasks': {} } });
      const params = RawObject.of({ name: 'unlisted', taskId: '1' });
      await ask(fleet, method, params, { caller: { ...caller, capabilities } });
      expect(only.called(method)[0]?.params).toBe(params);
      expect(only.called(method)[0]?.caller.capabilities).toBe(capabilities);
    },
  );

  it('relays what nobody here has heard of: params, extensions declared, result and what is told meanwhile, byte for byte', async () => {
    const only = fakeServer({
      answers: {
        'x.y/do': async ({ notify }) => {
          await notify({ method: 'notifications/x.y/half', params: RawObject.read(Buffer.from('{"n": 1.0}')) });
          return RawObject.read(Buffer.from(odd));
        },
      },
    });
    await using fleet = await started({ only }, { naming: 'flat' });
    const params = RawObject.read(Buffer.from('{"big":9007199254740993, "_meta":{"x.y/z":1.0}}'));
    const capabilities = RawObject.read(Buffer.from('{"extensions":{"x.y/z":{"n":1.0}},"experimental":{}}'));
    const told: string[] = [];
    const { result } = await fleet.service(
      call('x.y/do', params, {
        caller: { ...caller, capabilities },
        notify: async ({ method, params: said }) => void told.push(`${method} ${said.text}`),
      }),
    );
    expect(result.text).toBe(odd);
    expect(told).toEqual(['notifications/x.y/half {"n": 1.0}']);
    expect(only.called('x.y/do')[0]?.params).toBe(params);
    expect(only.called('x.y/do')[0]?.caller.capabilities).toBe(capabilities);
  });

  it('relays the error of a method that the server does not know either', async () => {
    const error = RawObject.read(Buffer.from('{"code":-32601,"message":"nope","data":{"n":1.0}}'));
    const refusal = new ToolyardError('UPSTREAM_ERROR', { upstream: 'only', error }, 'nope');
    const only = fakeServer({ answers: { 'x.y/do': () => Promise.reject(refusal) } });
    await using fleet = await started({ only }, { naming: 'flat' });
    await expect(ask(fleet, 'x.y/do')).rejects.toBe(refusal);
  });

  it('says that the server is absent while it is', async () => {
    await using fleet = await started({ only: fakeServer({ connecting: 'refuse' }) }, { naming: 'flat' });
    await expect(ask(fleet, 'tools/call', { name: 'x' })).rejects.toMatchObject({ code: 'UPSTREAM_UNREACHABLE' });
  });

  it('is for one server', () => {
    expect(() => orchestrate({ a: fakeServer(), b: fakeServer() }, { naming: 'flat' })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    );
  });
});
