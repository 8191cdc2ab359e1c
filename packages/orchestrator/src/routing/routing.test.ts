import { RawObject, ToolyardError } from '@toolyard/protocol';
import { describe, expect, it } from 'vitest';
import { fakeServer, tool } from '../testing/fake-server.ts';
import { ask, call, caller, names, oddResult, orchestrate, started } from '../testing/harness.ts';

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
      answers: { 'tools/call': () => RawObject.read(Buffer.from(oddResult)) },
    });
    await using fleet = await started({ files });
    const { result } = await fleet.service(call('tools/call', { name: 'files__read' }));
    expect(result.text).toBe(oddResult);
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
