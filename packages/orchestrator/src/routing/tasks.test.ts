import { RawObject, standardHeaders, toWireError } from '@toolyard/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FakeServer } from '../testing/fake-server.ts';
import { fakeServer, tool } from '../testing/fake-server.ts';
import { ask, call, caller, listen, started } from '../testing/harness.ts';

const extensions = { 'io.modelcontextprotocol/tasks': {} };
const me = { ...caller, principal: 'me', capabilities: RawObject.of({ extensions }) };
const you = { ...me, principal: 'you' };
const raw = (json: string): RawObject => RawObject.read(Buffer.from(json));

/** A server whose tool is answered with a task, and that knows the one task `t`. */
function taskServer(taskId = 't'): FakeServer {
  return fakeServer({
    tools: [tool('slow')],
    capabilities: { tools: {}, extensions },
    answers: {
      'tools/call': () =>
        raw(`{ "resultType":"task","x":1.0,"taskId": ${JSON.stringify(taskId)} ,"status":"working","ttlMs":null}`),
      'tasks/get': ({ params }) =>
        raw(
          `{"resultType":"complete","taskId":${params.member('taskId')?.text},"n":9007199254740993, "status":"working"}`,
        ),
      'tasks/update': () => ({ resultType: 'complete' }),
      'tasks/cancel': () => ({ resultType: 'complete' }),
    },
  });
}

async function taskOf(fleet: Parameters<typeof ask>[0], name: string, who = me): Promise<string> {
  const { result } = await fleet.service(call('tools/call', { name }, { caller: who }));
  return result.string('taskId') ?? '';
}

describe('a task', () => {
  it('gets an id that says nothing of its server, and nothing else of the answer is touched', async () => {
    await using fleet = await started({ a: taskServer(), b: taskServer() });
    const { result } = await fleet.service(call('tools/call', { name: 'a__slow' }, { caller: me }));
    const id = result.string('taskId') ?? '';
    expect(id).toMatch(/^[A-Za-z0-9_-]{40,}$/);
    expect(result.text).toBe(`{ "resultType":"task","x":1.0,"taskId": "${id}" ,"status":"working","ttlMs":null}`);
    expect(await taskOf(fleet, 'b__slow')).not.toBe(id);
  });

  it.each(['tasks/get', 'tasks/update', 'tasks/cancel'])('is found by its id: %s', async (method) => {
    const servers = { a: taskServer(), b: taskServer() };
    await using fleet = await started(servers);
    const id = await taskOf(fleet, 'b__slow');
    const params = raw(`{"taskId":"${id}" ,"inputResponses":{"k":{"action":"accept","content":{"n":1.0}}}}`);
    const { result } = await fleet.service(call(method, params, { caller: me }));
    const [seen] = servers.b.called(method);
    expect(seen?.params.text).toBe('{"taskId":"t" ,"inputResponses":{"k":{"action":"accept","content":{"n":1.0}}}}');
    expect(seen?.caller).toBe(me);
    expect(standardHeaders(method, seen?.params ?? params, '2026-07-28')['mcp-name']).toBe('t');
    expect(servers.a.called(method)).toEqual([]);
    expect(result.text).toBe(
      method === 'tasks/get'
        ? `{"resultType":"complete","taskId":"${id}","n":9007199254740993, "status":"working"}`
        : '{"resultType":"complete"}',
    );
  });

  it('is found by another process with the same key, after a restart, in another order of servers', async () => {
    const taskKey = Buffer.alloc(32, 7);
    await using before = await started({ a: taskServer(), b: taskServer() }, { taskKey });
    const id = await taskOf(before, 'b__slow');
    const b = taskServer();
    await using after = await started({ b, c: taskServer(), a: taskServer() }, { taskKey });
    await ask(after, 'tasks/get', { taskId: id }, { caller: me });
    expect(b.called('tasks/get')[0]?.params.text).toBe('{"taskId":"t"}');
  });

  it("is nobody else's, and why an id is no good nobody is told", async () => {
    const taskKey = Buffer.alloc(32, 7);
    const a = taskServer();
    await using fleet = await started({ a, b: taskServer() }, { taskKey });
    await using other = await started({ gone: taskServer() }, { taskKey });
    const mine = await taskOf(fleet, 'a__slow');
    const refusals = await Promise.all(
      [
        [mine, you],
        [mine, { ...me, tenant: 'other' }],
        [`${mine.slice(0, -1)}_`, me],
        ['t', me],
        ['', me],
        [7, me],
        [undefined, me],
        [await taskOf(other, 'gone__slow'), me],
      ].map(([taskId, who]) =>
        fleet
          .service(call('tasks/get', { taskId }, { caller: who as typeof me }))
          .catch((error: unknown) => toWireError(error).error.text),
      ),
    );
    expect([...new Set(refusals)]).toEqual([
      '{"code":-32602,"message":"There is no such task.","data":{"code":"INVALID_PARAMS","reason":"There is no such task."}}',
    ]);
    expect(a.called('tasks/get')).toEqual([]);
  });

  it('of a server that is away is answered with that', async () => {
    const a = taskServer();
    await using fleet = await started({ a, b: taskServer() });
    const id = await taskOf(fleet, 'a__slow');
    a.connecting = 'hang';
    a.crash();
    await Promise.resolve();
    await expect(ask(fleet, 'tasks/get', { taskId: id }, { caller: me })).rejects.toMatchObject({
      code: 'UPSTREAM_UNREACHABLE',
    });
  });

  it.each(['tasks/get', 'tasks/update', 'tasks/cancel'])(
    'is for those who declare that they know tasks: %s',
    async (method) => {
      const a = taskServer();
      await using fleet = await started({ a });
      const id = await taskOf(fleet, 'a__slow');
      const refused = await fleet.service(call(method, { taskId: id })).catch((error: unknown) => toWireError(error));
      expect(refused).toMatchObject({
        httpStatus: 400,
        error: { value: { code: -32021, data: { requiredCapabilities: { extensions } } } },
      });
      expect(a.called(method)).toEqual([]);
    },
  );

  it('reaches the server as what the caller declared', async () => {
    const a = taskServer();
    await using fleet = await started({ a });
    await taskOf(fleet, 'a__slow');
    expect(a.called('tools/call')[0]?.caller).toBe(me);
  });

  it.each([
    '{"resultType":"task","status":"working"}',
    '{"resultType":"task","taskId":"a","taskId":"b"}',
    `{"resultType":"task","taskId":"${'x'.repeat(1025)}"}`,
  ])('that nobody could ask about is no answer: %#', async (json) => {
    const a = taskServer();
    a.answers['tools/call'] = () => raw(json);
    await using fleet = await started({ a });
    await expect(taskOf(fleet, 'a__slow')).rejects.toMatchObject({ code: 'UPSTREAM_MALFORMED' });
  });

  it('leaves other answers as they are', async () => {
    const a = taskServer();
    const odd = '{"resultType":"complete" ,"taskId":"t","content":[]}';
    a.answers['tools/call'] = () => raw(odd);
    await using fleet = await started({ a });
    const { result } = await fleet.service(call('tools/call', { name: 'a__slow' }, { caller: me }));
    expect(result.text).toBe(odd);
  });
});

describe('the tasks extension', () => {
  it('is offered where any server has it', async () => {
    await using fleet = await started({ a: fakeServer(), b: taskServer() });
    expect(await ask(fleet, 'server/discover')).toMatchObject({ capabilities: { extensions } });
  });

  it('is not there where no server has it', async () => {
    await using fleet = await started({ a: fakeServer() });
    expect(await ask(fleet, 'server/discover')).not.toHaveProperty('capabilities.extensions');
    await expect(ask(fleet, 'tasks/get', { taskId: 't' }, { caller: me })).rejects.toMatchObject({
      code: 'METHOD_UNKNOWN',
    });
  });

  it('is relayed as it is under flat naming', async () => {
    const only = taskServer();
    await using fleet = await started({ only }, { naming: 'flat' });
    expect(await taskOf(fleet, 'slow')).toBe('t');
    const { result } = await fleet.service(call('tasks/get', { taskId: 't' }, { caller: me }));
    expect(result.text).toBe('{"resultType":"complete","taskId":"t","n":9007199254740993, "status":"working"}');
  });
});

describe('notices of tasks', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const tick = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
  const filters = (server: FakeServer): readonly string[] => [...server.listens].map(({ filter }) => filter.text);

  it('come under the id that the caller knows, to whom the task belongs', async () => {
    const [a, b] = [taskServer('one'), taskServer('one')];
    await using fleet = await started({ a, b });
    const [atA, atB, yours] = [
      await taskOf(fleet, 'a__slow'),
      await taskOf(fleet, 'b__slow'),
      await taskOf(fleet, 'a__slow', you),
    ];
    const mine = listen(fleet, { taskIds: [atB, atA, yours, 'made up', atA] }, { caller: me });
    const theirs = listen(fleet, { taskIds: [yours] }, { caller: you });
    await tick();
    expect([filters(a), filters(b)]).toEqual([['{"taskIds":["one"]}', '{"taskIds":["one"]}'], ['{"taskIds":["one"]}']]);
    const [asMe] = a.called('subscriptions/listen').filter(({ caller: who }) => who.principal === 'me');
    await asMe?.notify({
      method: 'notifications/tasks',
      params: raw('{"x":1.0, "taskId":"one" ,"status":"completed"}'),
    });
    await asMe?.notify({ method: 'notifications/tasks', params: raw('{"taskId":"another","status":"completed"}') });
    expect(mine.told.map(({ method, params }) => `${method} ${params.text}`)).toEqual([
      `notifications/subscriptions/acknowledged {"notifications":{"taskIds":["${atB}","${atA}"]}}`,
      `notifications/tasks {"x":1.0, "taskId":"${atA}" ,"status":"completed"}`,
    ]);
    expect(theirs.methods).toEqual(['subscriptions/acknowledged']);
  });

  it("are each principal's own, also where other subscriptions are shared by all", async () => {
    const a = taskServer();
    a.capabilities = { ...a.capabilities, resources: { subscribe: true } };
    a.resources = [{ uri: 'a:1', name: '1' }];
    await using fleet = await started({ a }, { shareSubscriptions: 'server' });
    const [mine, yours] = [await taskOf(fleet, 'a__slow'), await taskOf(fleet, 'a__slow', you)];
    const listening = listen(fleet, { taskIds: [mine], resourceSubscriptions: ['a:1'] }, { caller: me });
    listen(fleet, { taskIds: [yours], resourceSubscriptions: ['a:1'] }, { caller: you });
    await tick();
    expect(
      a
        .called('subscriptions/listen')
        .map(({ caller: who, params }) => [who.principal, params.object('notifications')?.text]),
    ).toEqual([
      ['toolyard', '{"resourceSubscriptions":["a:1"]}'],
      ['me', '{"taskIds":["t"]}'],
      ['you', '{"taskIds":["t"]}'],
    ]);
    expect(listening.told[0]?.params.object('notifications')?.text).toBe(
      `{"resourceSubscriptions":["a:1"],"taskIds":["${mine}"]}`,
    );
  });

  it('are made up for after a break by asking', async () => {
    const a = taskServer();
    await using fleet = await started({ a });
    const id = await taskOf(fleet, 'a__slow');
    const listening = listen(fleet, { taskIds: [id] }, { caller: me });
    await tick();
    a.answers['tasks/get'] = () => ({
      resultType: 'complete',
      taskId: 't',
      status: 'completed',
      result: { content: [] },
    });
    a.crash();
    await tick(10_000);
    expect(listening.told.slice(1).map(({ method, params }) => `${method} ${params.text}`)).toEqual([
      `notifications/tasks {"taskId":"${id}","status":"completed","result":{"content":[]}}`,
    ]);
  });

  it('are not honoured by a server without tasks, and refused to callers without', async () => {
    const taskKey = Buffer.alloc(32, 7);
    await using before = await started({ a: taskServer(), b: fakeServer() }, { taskKey });
    const id = await taskOf(before, 'a__slow');
    await using after = await started({ a: fakeServer(), b: taskServer() }, { taskKey });
    const listening = listen(after, { taskIds: [id] }, { caller: me });
    await tick();
    expect(listening.told[0]?.params.text).toBe('{"notifications":{}}');
    await expect(ask(after, 'subscriptions/listen', { notifications: { taskIds: [id] } })).rejects.toMatchObject({
      code: 'CAPABILITY_REQUIRED',
    });
    await expect(
      ask(after, 'subscriptions/listen', { notifications: { taskIds: 't' } }, { caller: me }),
    ).rejects.toMatchObject({
      code: 'INVALID_PARAMS',
    });
  });

  it('come as they are under flat naming', async () => {
    const only = taskServer();
    await using fleet = await started({ only }, { naming: 'flat' });
    const listening = listen(fleet, { taskIds: ['t'] }, { caller: me });
    await tick();
    const told = { method: 'notifications/tasks', params: raw('{"taskId":"t","status":"working"}') };
    await only.tell(told);
    expect(listening.told.at(-1)).toEqual(told);
    expect(listening.told.at(-1)?.params).toBe(told.params);
  });
});
