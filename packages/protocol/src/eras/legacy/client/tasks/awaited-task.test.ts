import { afterEach, describe, expect, it, vi } from 'vitest';
import { createPipePair } from '../../../../memory/pipe-pair.ts';
import type { Pipe } from '../../../../pipe.ts';
import { initializeResult } from '../../../../testing/pipes.ts';
import { wireEnd, type WireEnd } from '../../../../testing/wire-end.ts';
import { connectSessions } from '../client.ts';
import { sessionForgotten } from '../sessions/session-loss.ts';
import { playTasks, task, taskCapabilities, taskRig, toolCall } from './testing/task-rig.ts';

const forms = { elicitation: {} };
const done = { result: { content: [{ type: 'text', text: 'done' }] } };

afterEach(() => {
  vi.useRealTimers();
});

describe('a task whose caller only wants its end', () => {
  it('is asked about until it has ended', async () => {
    await using rig = await taskRig();
    let turns = 0;
    rig.answers['tasks/get'] = () => ({ result: task(++turns < 3 ? 'working' : 'completed') });
    const _meta = { 'io.modelcontextprotocol/related-task': { taskId: 's1' } };
    rig.answers['tasks/result'] = () => ({ result: { ...done.result, _meta } });
    const { result } = await rig.connection.service(toolCall());
    expect(result.value).toEqual({ resultType: 'complete', ...done.result });
    expect(rig.seen('tasks/get').map(({ params }) => params)).toEqual(
      Array.from({ length: 3 }, () => ({ taskId: 's1' })),
    );
    expect(rig.seen('tasks/result').map(({ params }) => params)).toEqual([{ taskId: 's1' }]);
    expect(rig.seen('tasks/cancel')).toEqual([]);
  });

  it('is asked about as often as its server wants, within bounds', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    await using rig = await taskRig();
    const intervals = [0, 3_000, 10_000_000, 'often'];
    rig.answers['tasks/call'] = () => undefined;
    rig.answers['tasks/get'] = () => ({ result: task('working', { pollInterval: intervals.shift() }) });
    const call = toolCall();
    const reply = rig.connection.service(call).catch(() => {});
    await rig.got('tools/call');
    for (const [n, waitedMs] of [100, 100, 3_000, 60_000, 1_000].entries()) {
      await vi.advanceTimersByTimeAsync(waitedMs - 1);
      expect(rig.seen('tasks/get')).toHaveLength(n);
      await vi.advanceTimersByTimeAsync(1);
      await rig.got('tasks/get', n + 1);
      await new Promise(setImmediate);
    }
    call.abort();
    await reply;
    await rig.connection.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is asked about at once when its server says that it has changed', async () => {
    await using rig = await taskRig();
    rig.answers['tools/call'] = () => ({ result: { task: task('working', { pollInterval: 60_000 }) } });
    rig.answers['tasks/get'] = () => ({ result: task('completed') });
    rig.answers['tasks/result'] = () => done;
    const reply = rig.connection.service(toolCall());
    await rig.got('tools/call');
    await new Promise(setImmediate);
    rig.end.send('{"jsonrpc":"2.0","method":"notifications/tasks/status","params":{"taskId":"s1"}}');
    expect((await reply).result.value).toMatchObject(done.result);
  });

  it('tells its progress for as long as it runs, growing, under the token of its caller', async () => {
    await using rig = await taskRig();
    const progress = (value: number): void =>
      rig.end.send(
        `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":3,"progress":${value}}}`,
      );
    rig.answers['tasks/get'] = () => {
      for (const value of [1, 3, 2, 4]) progress(value);
      return { result: task('completed') };
    };
    rig.answers['tasks/result'] = () => done;
    const call = toolCall('must', { progressToken: 't' });
    const reply = rig.connection.service(call);
    const sent = await rig.got('tools/call');
    expect(sent.params['_meta']).toEqual({ progressToken: sent.id });
    expect(sent.id).toBe(3);
    await reply;
    progress(5);
    expect(call.notified.map(({ params }) => params)).toEqual(
      [1, 3, 4].map((value) => ({ progressToken: 't', progress: value })),
    );
  });

  it('is a failure of the tool where its server cancels it, and an error where it failed', async () => {
    await using rig = await taskRig();
    rig.answers['tasks/get'] = () => ({ result: task('cancelled', { statusMessage: 'no time' }) });
    expect((await rig.connection.service(toolCall())).result.value).toEqual({
      resultType: 'complete',
      content: [{ type: 'text', text: 'The task was cancelled: no time' }],
      isError: true,
    });
    rig.answers['tasks/get'] = () => ({ result: task('failed') });
    rig.answers['tasks/result'] = () => ({ error: { code: -32603, message: 'no luck' } });
    await expect(rig.connection.service(toolCall())).rejects.toMatchObject({ code: 'UPSTREAM_ERROR' });
    expect(rig.seen('tasks/cancel')).toEqual([]);
  });

  it('is cancelled when its caller goes, and is not cancelled by the message for requests', async () => {
    await using rig = await taskRig();
    const call = toolCall();
    const reply = rig.connection.service(call);
    await rig.got('tasks/get');
    call.abort();
    await expect(reply).rejects.toMatchObject({ code: 'CANCELLED' });
    expect((await rig.got('tasks/cancel')).params).toEqual({ taskId: 's1' });
    expect(rig.seen('notifications/cancelled')).toEqual([]);
  });

  it('is cancelled as soon as it has an id when its caller goes before that', async () => {
    await using rig = await taskRig();
    rig.answers['tools/call'] = () => undefined;
    const call = toolCall();
    const reply = rig.connection.service(call);
    const { id } = await rig.got('tools/call');
    call.abort();
    await expect(reply).rejects.toMatchObject({ code: 'CANCELLED' });
    rig.end.send(JSON.stringify({ jsonrpc: '2.0', id, result: { task: task('working') } }));
    expect((await rig.got('tasks/cancel')).params).toEqual({ taskId: 's1' });
    expect(rig.seen('notifications/cancelled')).toEqual([]);
  });

  it('is not waited for long where nobody wants it and it has no id', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    await using rig = await taskRig();
    rig.answers['tools/call'] = () => undefined;
    const call = toolCall();
    const reply = rig.connection.service(call).catch(() => {});
    const { id } = await rig.got('tools/call');
    call.abort();
    await reply;
    await vi.advanceTimersByTimeAsync(2_000);
    expect((await rig.got('notifications/cancelled')).params).toEqual({ requestId: id });
    await rig.connection.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([
    [{ maxTimeoutMs: 300 }, {}],
    [{}, { deadlineInMs: 300 }],
  ])(
    'is waited for no longer than the call may take: %j %j',
    async (options, { deadlineInMs }: { deadlineInMs?: number }) => {
      await using rig = await taskRig(options);
      const deadline = deadlineInMs === undefined ? {} : { deadlineMs: performance.now() + deadlineInMs };
      await expect(rig.connection.service(toolCall('must', deadline))).rejects.toMatchObject({
        code: 'UPSTREAM_TIMEOUT',
        facts: { method: 'tools/call' },
      });
      await rig.got('tasks/cancel');
    },
  );

  it('fails when it cannot be asked about', async () => {
    await using rig = await taskRig({ timeoutMs: 50 });
    rig.answers['tasks/get'] = () => undefined;
    await expect(rig.connection.service(toolCall())).rejects.toMatchObject({
      code: 'UPSTREAM_TIMEOUT',
      facts: { method: 'tasks/get' },
    });
    await rig.got('tasks/cancel');
  });

  it('outlives a moment in which the connection has no room to ask about it', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    await using rig = await taskRig({ maxInFlight: 1 });
    rig.answers['tasks/get'] = () => ({ result: task('completed') });
    rig.answers['tasks/result'] = () => done;
    const reply = rig.connection.service(toolCall());
    await rig.got('tools/call');
    await new Promise(setImmediate);
    rig.answers['tools/call'] = () => undefined;
    const other = rig.connection.service(toolCall('plain'));
    const { id } = await rig.got('tools/call', 2);
    await vi.advanceTimersByTimeAsync(100);
    rig.end.send(JSON.stringify({ jsonrpc: '2.0', id, ...done }));
    await other;
    expect(rig.seen('tasks/get')).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(1_000);
    expect((await reply).result.value).toMatchObject(done.result);
  });

  it('asks what it wants to know as any call, and goes on with the answer', async () => {
    await using rig = await taskRig();
    rig.answers['tasks/get'] = () => ({ result: task('input_required') });
    const asked = rig.connection.service(toolCall('must', { capabilities: forms }));
    const open = await rig.got('tasks/result');
    rig.end.send(
      '{"jsonrpc":"2.0","id":71,"method":"elicitation/create","params":{"message":"Who?","_meta":{"io.modelcontextprotocol/related-task":{"taskId":"s1"}}}}',
    );
    const { result } = await asked;
    expect(result.value).toMatchObject({
      resultType: 'input_required',
      inputRequests: { q1: { method: 'elicitation/create', params: { message: 'Who?' } } },
    });
    const requestState = result.string('requestState');
    const params = { name: 'must', requestState, inputResponses: { q1: { action: 'decline' } } };
    const reply = rig.connection.service(toolCall('must', { params, capabilities: forms }));
    await vi.waitFor(() =>
      expect(rig.end.seen).toContain(
        '{"jsonrpc":"2.0","id":71,"result":{"action":"decline","_meta":{"io.modelcontextprotocol/related-task":{"taskId":"s1"}}}}',
      ),
    );
    rig.end.send(JSON.stringify({ jsonrpc: '2.0', id: open.id, ...done }));
    expect((await reply).result.value).toMatchObject(done.result);
    expect([rig.seen('tasks/result').length, rig.seen('tasks/cancel').length]).toEqual([1, 0]);
  });

  it('is not asked about while the question is with its caller', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    await using rig = await taskRig();
    const asked = rig.connection.service(toolCall('must', { capabilities: forms }));
    await rig.got('tools/call');
    await new Promise(setImmediate);
    rig.end.send('{"jsonrpc":"2.0","id":71,"method":"elicitation/create","params":{"message":"Who?"}}');
    await new Promise(setImmediate);
    await vi.advanceTimersByTimeAsync(10);
    expect((await asked).result.string('resultType')).toBe('input_required');
    const before = rig.seen('tasks/get').length;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(rig.seen('tasks/get')).toHaveLength(before);
    await rig.connection.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});

it('a tool whose task was lost with its session is not called again', async () => {
  const ends: WireEnd[] = [];
  const open = async (): Promise<Pipe> => {
    const [near, far] = createPipePair();
    ends.push(wireEnd(far));
    return {
      send: (message) =>
        Buffer.from(message).includes('"tasks/get"') ? Promise.reject(sessionForgotten('old')) : near.send(message),
      start: (receiver) => near.start(receiver),
      close: () => near.close(),
    };
  };
  const options = { upstream: 'old', clientInfo: { name: 't', version: '1' }, wire: 'memory' };
  const connecting = connectSessions(await open(), open, { ...options, sessions: { policy: 'shared' } });
  const [end] = ends;
  if (end === undefined) throw new Error('nothing was opened');
  await end.answer(initializeResult(taskCapabilities));
  await end.next();
  const { seen } = playTasks(end);
  await using connection = await connecting;
  await expect(connection.service(toolCall())).rejects.toMatchObject({ code: 'UPSTREAM_CLOSED' });
  expect([ends.length, seen('tools/call').length]).toEqual([1, 1]);
});
