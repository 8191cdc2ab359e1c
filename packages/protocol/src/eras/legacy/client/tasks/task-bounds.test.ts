import { afterEach, describe, expect, it, vi } from 'vitest';
import { testCall } from '../../../../testing/call.ts';
import { everything, task, taskRig, type TaskRig, toolCall } from './testing/task-rig.ts';

async function start(rig: TaskRig, principal = 'ada', name = 'must'): Promise<string> {
  const { result } = await rig.connection.service(toolCall(name, { principal, capabilities: everything }));
  return result.string('taskId') ?? String(result.string('resultType'));
}

function get(rig: TaskRig, taskId: string, principal = 'ada'): Promise<unknown> {
  const call = testCall('tasks/get', { params: { taskId }, principal, capabilities: everything });
  return rig.connection.service(call).then(({ result }) => result.string('status'));
}

const busy = { code: 'UPSTREAM_BUSY', facts: { upstream: 'old', limit: 2 } };
const unknown = { code: 'INVALID_PARAMS' };

afterEach(() => {
  vi.useRealTimers();
});

describe('tasks are bounded', () => {
  it('in number, those that are waited for included; who can do without one does', async () => {
    await using rig = await taskRig({ tasks: { maxTasks: 2 } });
    const first = await start(rig, 'ada');
    const waiting = toolCall('must', { principal: 'bob' });
    const reply = rig.connection.service(waiting).catch(() => {});
    await rig.got('tasks/get');
    await expect(start(rig, 'cy')).rejects.toMatchObject(busy);
    expect(await start(rig, 'cy', 'may')).toBe('complete');
    waiting.abort();
    await reply;
    const second = await start(rig, 'cy');
    expect([await get(rig, first), await get(rig, second, 'cy')]).toEqual(['working', 'working']);
  });

  it('in number for each principal', async () => {
    await using rig = await taskRig({ tasks: { maxTasks: 2, maxTasksPerPrincipal: 1 } });
    await start(rig, 'ada');
    await expect(start(rig, 'ada')).rejects.toMatchObject(busy);
    await start(rig, 'bob');
  });

  it('by letting go of those first whose end was told', async () => {
    await using rig = await taskRig({ tasks: { maxTasksPerPrincipal: 2 } });
    const [first, second] = [await start(rig), await start(rig)];
    rig.answers['tasks/get'] = () => ({ result: task('completed') });
    rig.answers['tasks/result'] = () => ({ result: { content: [] } });
    expect(await get(rig, second)).toBe('completed');
    const third = await start(rig);
    await expect(get(rig, second)).rejects.toMatchObject(unknown);
    expect([await get(rig, first), await get(rig, third)]).toEqual(['completed', 'completed']);
    expect(rig.seen('tasks/cancel')).toEqual([]);
  });

  it('in time, whatever their server would do', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    await using rig = await taskRig({ tasks: { ttlMs: 5_000 } });
    const taskId = await start(rig);
    expect((await rig.got('tools/call')).params['task']).toEqual({ ttl: 5_000 });
    await vi.advanceTimersByTimeAsync(4_999);
    expect(await get(rig, taskId)).toBe('working');
    await vi.advanceTimersByTimeAsync(1);
    await expect(get(rig, taskId)).rejects.toMatchObject(unknown);
    expect((await rig.got('tasks/cancel')).params).toEqual({ taskId: 's1' });
  });

  it('in time, as their server wants it where that is shorter', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    await using rig = await taskRig();
    rig.answers['tools/call'] = () => ({ result: { task: task('working', { ttl: 1_000 }) } });
    const taskId = await start(rig);
    await vi.advanceTimersByTimeAsync(1_000);
    await expect(get(rig, taskId)).rejects.toMatchObject(unknown);
  });

  it('in how many of one caller may ask at once', async () => {
    await using rig = await taskRig();
    rig.answers['tasks/get'] = ({ params }) => ({ result: task('input_required', params) });
    rig.answers['tasks/result'] = ({ id, params }) => {
      const _meta = { 'io.modelcontextprotocol/related-task': params };
      const question = {
        jsonrpc: '2.0',
        id: 1_000 + id,
        method: 'elicitation/create',
        params: { message: 'Who?', _meta },
      };
      rig.end.send(JSON.stringify(question));
      return undefined;
    };
    const ids = await Promise.all(Array.from({ length: 65 }, () => start(rig)));
    const statuses = await Promise.all(ids.map((id) => get(rig, id)));
    expect(rig.seen('tasks/result')).toHaveLength(64);
    expect(statuses.filter((status) => status === 'working')).toHaveLength(1);
    expect(await get(rig, await start(rig, 'bob'), 'bob')).toBe('input_required');
  });

  it('and leave nothing behind when the session ends', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] });
    const rig = await taskRig();
    const taskId = await start(rig);
    const params = { notifications: { taskIds: [taskId] } };
    const listening = testCall('subscriptions/listen', { params, principal: 'ada', capabilities: everything });
    const ends = Promise.allSettled([
      rig.connection.service(listening),
      rig.connection.service(toolCall()),
      rig.connection.service(toolCall('must', { capabilities: everything })),
    ]);
    await rig.got('tools/call', 3);
    await new Promise(setImmediate);
    await rig.connection.close();
    expect((await ends).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('the list of tools is asked for', () => {
  it('when it is first needed, and again when it has changed', async () => {
    await using rig = await taskRig();
    await Promise.all([start(rig), start(rig)]);
    await start(rig);
    expect(rig.seen('tools/list')).toHaveLength(1);
    rig.answers['tools/list'] = () => ({ result: { tools: [{ name: 'must' }] } });
    rig.end.send('{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}');
    await vi.waitFor(async () => expect(await start(rig)).toBe('complete'));
    expect(rig.seen('tools/list')).toHaveLength(2);
  });

  it('page by page, and no page of a list that never ends after the thousandth', async () => {
    await using rig = await taskRig();
    rig.answers['tools/list'] = ({ params }) => {
      const page = Number(params['cursor'] ?? 0) + 1;
      const tool = { name: `tool${page}`, execution: { taskSupport: 'required' } };
      return { result: { tools: [tool], nextCursor: String(page) } };
    };
    expect(await start(rig, 'ada', 'tool700')).toHaveLength(24);
    expect(rig.seen('tools/list')).toHaveLength(1_000);
  });

  it('again where it could not be had, and the call goes on as it is', async () => {
    await using rig = await taskRig();
    const list = rig.answers['tools/list'];
    rig.answers['tools/list'] = () => ({ error: { code: -32603, message: 'not now' } });
    expect(await start(rig)).toBe('complete');
    if (list !== undefined) rig.answers['tools/list'] = list;
    expect(await start(rig)).toHaveLength(24);
  });

  it('and not waited for by a caller who goes', async () => {
    await using rig = await taskRig();
    rig.answers['tools/list'] = () => undefined;
    const call = toolCall();
    const reply = rig.connection.service(call);
    await rig.got('tools/list');
    call.abort();
    await expect(reply).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(rig.seen('tools/call')).toEqual([]);
  });

  it('not where it has passed by', async () => {
    await using rig = await taskRig();
    await rig.connection.service(testCall('tools/list'));
    await start(rig);
    expect(rig.seen('tools/list')).toHaveLength(1);
  });
});
