import { afterEach, describe, expect, it, vi } from 'vitest';
import { testCall } from '../../../../testing/call.ts';
import { everything, extension, task, taskRig, type TaskRig, toolCall } from './testing/task-rig.ts';

/** A call of the extension, by the caller whose task it is unless told otherwise. */
async function ask(
  rig: TaskRig,
  method: string,
  params: object,
  overrides: Parameters<typeof testCall>[1] = {},
): Promise<unknown> {
  const call = testCall(method, { params: { ...params }, capabilities: everything, ...overrides });
  return (await rig.connection.service(call)).result.value;
}

async function start(rig: TaskRig, name = 'must'): Promise<string> {
  const { result } = await rig.connection.service(toolCall(name, { capabilities: everything }));
  expect(result.string('resultType')).toBe('task');
  return result.string('taskId') ?? '';
}

const elicit = (id: number, taskId = 's1'): string =>
  `{"jsonrpc":"2.0","id":${id},"method":"elicitation/create","params":{"message":"Who?","_meta":{"io.modelcontextprotocol/related-task":{"taskId":"${taskId}"}}}}`;

afterEach(() => {
  vi.useRealTimers();
});

describe('a tool of a server of 2025-11-25 that runs as a task', () => {
  it('is offered, and called as a task, which its caller gets to know under an id of ours', async () => {
    await using rig = await taskRig();
    const { result: discovery } = await rig.connection.service(testCall('server/discover'));
    expect(discovery.object('capabilities')?.value).toEqual({
      tools: {},
      extensions: { 'io.modelcontextprotocol/tasks': {} },
    });
    const { result: list } = await rig.connection.service(testCall('tools/list'));
    expect(list.array('tools')?.map(({ text }) => text)).toEqual([
      '{"name":"must"}',
      '{"name":"may"}',
      '{"name":"plain"}',
    ]);
    const call = toolCall('must', {
      params: { name: 'must', arguments: { a: 1 }, task: { ttl: 1 } },
      capabilities: extension,
    });
    const { result } = await rig.connection.service(call);
    expect((await rig.got('tools/call')).params).toEqual({
      name: 'must',
      arguments: { a: 1 },
      task: { ttl: 3_600_000 },
    });
    expect(result.value).toEqual({
      resultType: 'task',
      taskId: expect.stringMatching(/^[\w-]{24}$/),
      status: 'working',
      createdAt: '2026-01-01T00:00:00Z',
      lastUpdatedAt: '2026-01-01T00:00:00Z',
      ttlMs: 3_600_000,
      pollIntervalMs: 100,
    });
  });

  it.each([
    ['may', everything, true],
    ['may', {}, false],
    ['plain', everything, false],
    ['unheard of', everything, false],
  ])('runs as one where it may and its caller wants to know: %s for %j', async (name, capabilities, asTask) => {
    await using rig = await taskRig();
    const params = { name, task: { ttl: 5 } };
    await rig.connection.service(toolCall(name, { params, capabilities }));
    expect('task' in (await rig.got('tools/call')).params).toBe(asTask);
  });

  it('is left out, and never called as one, where the server does not have the capability', async () => {
    await using rig = await taskRig({}, '{"tools":{},"tasks":{"list":{}}}');
    const { result } = await rig.connection.service(testCall('tools/list'));
    expect(result.array('tools')?.map(({ text }) => text)).toEqual(['{"name":"may"}', '{"name":"plain"}']);
    await rig.connection.service(toolCall('may', { capabilities: everything }));
    expect((await rig.got('tools/call')).params).toEqual({ name: 'may' });
    await expect(ask(rig, 'tasks/get', { taskId: 's1' })).rejects.toMatchObject({ code: 'METHOD_UNKNOWN' });
  });

  it('may be answered without one', async () => {
    await using rig = await taskRig();
    rig.answers['tools/call'] = () => ({ result: { content: [], structuredContent: { task: 1 } } });
    const { result } = await rig.connection.service(toolCall('must', { capabilities: everything }));
    expect(result.value).toEqual({ resultType: 'complete', content: [], structuredContent: { task: 1 } });
  });

  it.each([
    [{ task: { status: 'working' } }, 'a task without a taskId'],
    [{ task: task('working', { taskId: 's1' }) }, 'a task under the id of another one'],
  ])('fails where the task that came cannot be used: %j', async (result, reason) => {
    await using rig = await taskRig();
    await start(rig);
    rig.answers['tools/call'] = () => ({ result });
    const call = toolCall('must', { capabilities: everything });
    await expect(rig.connection.service(call)).rejects.toMatchObject({ code: 'UPSTREAM_MALFORMED', facts: { reason } });
  });
});

describe('a task that its caller knows', () => {
  it('has its result in it when it is completed, without what marks it for this hop', async () => {
    await using rig = await taskRig();
    const taskId = await start(rig);
    expect(await ask(rig, 'tasks/get', { taskId })).toMatchObject({
      resultType: 'complete',
      taskId,
      status: 'working',
    });
    rig.answers['tasks/get'] = () => ({ result: task('completed', { statusMessage: 'well', ttl: 5_000 }) });
    const _meta = { 'io.modelcontextprotocol/related-task': { taskId: 's1' }, 'com.example/a': 1 };
    rig.answers['tasks/result'] = () => ({ result: { content: [], _meta } });
    expect(await ask(rig, 'tasks/get', { taskId })).toEqual({
      resultType: 'complete',
      taskId,
      status: 'completed',
      statusMessage: 'well',
      createdAt: '2026-01-01T00:00:00Z',
      lastUpdatedAt: '2026-01-01T00:00:00Z',
      ttlMs: 5_000,
      pollIntervalMs: 100,
      result: { content: [], _meta: { 'com.example/a': 1 } },
    });
    expect([...rig.seen('tasks/get'), ...rig.seen('tasks/result')].map(({ params }) => params)).toEqual(
      Array.from({ length: 3 }, () => ({ taskId: 's1' })),
    );
    // Asking again changes nothing.
    expect(await ask(rig, 'tasks/get', { taskId })).toMatchObject({ status: 'completed' });
  });

  it('has failed where there is an error, and not where the tool says so', async () => {
    await using rig = await taskRig();
    const taskId = await start(rig);
    rig.answers['tasks/get'] = () => ({ result: task('failed') });
    rig.answers['tasks/result'] = () => ({ result: { content: [], isError: true } });
    expect(await ask(rig, 'tasks/get', { taskId })).toMatchObject({ status: 'completed', result: { isError: true } });
    rig.answers['tasks/result'] = () => ({ error: { code: -32603, message: 'no luck', data: 1 } });
    expect(await ask(rig, 'tasks/get', { taskId })).toMatchObject({
      status: 'failed',
      error: { code: -32603, message: 'no luck', data: 1 },
    });
  });

  it('shows what its server wants to know, and takes the answers', async () => {
    await using rig = await taskRig();
    const taskId = await start(rig);
    rig.answers['tasks/get'] = () => ({ result: task('input_required') });
    const asking = ask(rig, 'tasks/get', { taskId });
    await rig.got('tasks/result');
    rig.end.send(elicit(71));
    const inputRequests = { q1: { method: 'elicitation/create', params: { message: 'Who?' } } };
    expect(await asking).toMatchObject({ status: 'input_required', inputRequests });
    expect(await ask(rig, 'tasks/get', { taskId })).toMatchObject({ status: 'input_required', inputRequests });
    const inputResponses = { q1: { action: 'accept', content: { name: 'Ada' } }, q9: { action: 'accept' } };
    expect(await ask(rig, 'tasks/update', { taskId, inputResponses })).toEqual({ resultType: 'complete' });
    await vi.waitFor(() =>
      expect(rig.end.seen.at(-1)).toBe(
        '{"jsonrpc":"2.0","id":71,"result":{"action":"accept","content":{"name":"Ada"},"_meta":{"io.modelcontextprotocol/related-task":{"taskId":"s1"}}}}',
      ),
    );
    // The server may leave the status as it was: without a question it says nothing that a client could act on.
    expect(await ask(rig, 'tasks/get', { taskId })).toMatchObject({ status: 'working' });
    rig.end.send(elicit(72));
    await vi.waitFor(async () =>
      expect(await ask(rig, 'tasks/get', { taskId })).toMatchObject({ inputRequests: { q2: {} } }),
    );
    expect(rig.seen('tasks/result')).toHaveLength(1);
  });

  it('is not asked what its caller did not declare', async () => {
    await using rig = await taskRig();
    const taskId = await start(rig);
    await ask(rig, 'tasks/get', { taskId }, { capabilities: extension });
    rig.end.send(elicit(71));
    await vi.waitFor(() => expect(rig.end.seen.at(-1)).toContain('"id":71,"error":{"code":-32601'));
  });

  it('is cancelled by its server, or not, and its questions with it', async () => {
    await using rig = await taskRig();
    const taskId = await start(rig);
    rig.end.send(elicit(71));
    await vi.waitFor(async () => expect(await ask(rig, 'tasks/get', { taskId })).toMatchObject({ inputRequests: {} }));
    expect(await ask(rig, 'tasks/cancel', { taskId })).toEqual({ resultType: 'complete' });
    expect(rig.seen('tasks/cancel').map(({ params }) => params)).toEqual([{ taskId: 's1' }]);
    await vi.waitFor(() => expect(rig.end.seen.at(-1)).toContain('"id":71,"result":{"action":"cancel"'));
    rig.answers['tasks/cancel'] = () => ({ error: { code: -32602, message: 'over' } });
    expect(await ask(rig, 'tasks/cancel', { taskId })).toEqual({ resultType: 'complete' });
    rig.answers['tasks/get'] = () => ({ result: task('cancelled') });
    expect(await ask(rig, 'tasks/get', { taskId })).toMatchObject({ status: 'cancelled' });
  });

  it('goes on where its server cannot cancel', async () => {
    await using rig = await taskRig({}, '{"tasks":{"requests":{"tools":{"call":{}}}}}');
    const taskId = await start(rig);
    expect(await ask(rig, 'tasks/cancel', { taskId })).toEqual({ resultType: 'complete' });
    expect(await ask(rig, 'tasks/get', { taskId })).toMatchObject({ status: 'working' });
    expect(rig.seen('tasks/cancel')).toEqual([]);
  });

  it.each(['tasks/get', 'tasks/update', 'tasks/cancel'])(
    "is nobody else's, nor known by the id of its server: %s",
    async (method) => {
      await using rig = await taskRig();
      const taskId = await start(rig);
      const unknown = { code: 'INVALID_PARAMS' };
      await expect(ask(rig, method, { taskId, inputResponses: {} }, { principal: 'bob' })).rejects.toMatchObject(
        unknown,
      );
      await expect(ask(rig, method, { taskId, inputResponses: {} }, { tenant: 'other' })).rejects.toMatchObject(
        unknown,
      );
      await expect(ask(rig, method, { taskId: 's1' })).rejects.toMatchObject(unknown);
      await expect(ask(rig, method, { taskId: 7 })).rejects.toMatchObject(unknown);
      await expect(ask(rig, method, { taskId }, { capabilities: {} })).rejects.toMatchObject({
        code: 'CAPABILITY_REQUIRED',
        facts: { requiredCapabilities: { extensions: { 'io.modelcontextprotocol/tasks': {} } } },
      });
      expect(rig.seen(method)).toEqual([]);
    },
  );

  it('is unknown once its server says so', async () => {
    await using rig = await taskRig();
    const taskId = await start(rig);
    rig.answers['tasks/get'] = () => ({ error: { code: -32602, message: 'gone' } });
    await expect(ask(rig, 'tasks/get', { taskId })).rejects.toMatchObject({ code: 'INVALID_PARAMS' });
    rig.answers['tasks/get'] = () => ({ result: task('working') });
    await expect(ask(rig, 'tasks/get', { taskId })).rejects.toMatchObject({ code: 'INVALID_PARAMS' });
    expect(rig.seen('tasks/get')).toHaveLength(1);
  });

  it('is unknown when its session ends in the middle of a question about it', async () => {
    await using rig = await taskRig();
    const taskId = await start(rig);
    rig.answers['tasks/get'] = () => undefined;
    const asking = ask(rig, 'tasks/get', { taskId });
    await rig.got('tasks/get');
    await rig.end.close();
    await expect(asking).rejects.toMatchObject({ code: 'INVALID_PARAMS' });
  });

  it('is told of in subscriptions, at once and when it changes, and only to its caller', async () => {
    await using rig = await taskRig();
    const taskId = await start(rig);
    const listen = (overrides: Parameters<typeof testCall>[1] = {}): ReturnType<typeof testCall> =>
      testCall('subscriptions/listen', {
        params: { notifications: { taskIds: [taskId, taskId, 's1', 7] } },
        capabilities: extension,
        ...overrides,
      });
    const [mine, theirs] = [listen(), listen({ principal: 'bob' })];
    const ends = [mine, theirs].map((call) => rig.connection.service(call).catch((error: unknown) => error));
    await vi.waitFor(() => expect(mine.notified).toHaveLength(2));
    expect(mine.notified[0]?.params).toEqual({ notifications: { taskIds: [taskId] } });
    expect(mine.notified[1]).toMatchObject({ method: 'notifications/tasks', params: { taskId, status: 'working' } });
    expect(mine.notified[1]?.params).not.toHaveProperty('resultType');
    rig.answers['tasks/get'] = () => ({ result: task('completed', { pollInterval: 60_000 }) });
    rig.answers['tasks/result'] = () => ({ result: { content: [] } });
    rig.end.send(
      '{"jsonrpc":"2.0","method":"notifications/tasks/status","params":{"taskId":"s1","status":"completed"}}',
    );
    await vi.waitFor(() => expect(mine.notified).toHaveLength(3));
    expect(mine.notified[2]?.params).toMatchObject({ taskId, status: 'completed', result: { content: [] } });
    expect(theirs.notified.map(({ params }) => params)).toEqual([{ notifications: {} }]);
    await expect(rig.connection.service(listen({ capabilities: {} }))).rejects.toMatchObject({
      code: 'CAPABILITY_REQUIRED',
    });
    mine.abort();
    theirs.abort();
    await Promise.all(ends);
  });
});

describe('while a task runs, a question that does not say whose it is', () => {
  const unmarked = '{"jsonrpc":"2.0","id":71,"method":"elicitation/create","params":{"message":"Who?"}}';

  it('is not put to another caller', async () => {
    await using rig = await taskRig();
    await start(rig);
    rig.answers['tools/call'] = () => undefined;
    const bob = rig.connection
      .service(toolCall('plain', { principal: 'bob', capabilities: everything }))
      .catch(() => {});
    await rig.got('tools/call', 2);
    rig.end.send(unmarked);
    await vi.waitFor(() => expect(rig.end.seen.at(-1)).toContain('"id":71,"error":{"code":-32601'));
    await rig.connection.close();
    await bob;
  });

  it('is refused where it names a task that nobody knows', async () => {
    await using rig = await taskRig();
    await start(rig);
    rig.end.send(elicit(71, 'other'));
    await vi.waitFor(() => expect(rig.end.seen.at(-1)).toContain('"id":71,"error":{"code":-32601'));
  });
});
