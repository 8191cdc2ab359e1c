import type { Call, Notification, Service } from '@toolyard/protocol';
import { createCall, memoryTransport, RawObject, ToolyardError } from '@toolyard/protocol';
import { expect, it, vi } from 'vitest';
import { createOrchestrator } from '../create-orchestrator.ts';

const tasks = { 'io.modelcontextprotocol/tasks': {} };
const capabilities = RawObject.of({ extensions: tasks });
const info = { name: 'test', version: '0' };

/** A server with a slow tool, a resource, and what it was asked and listens it has open. */
function server(): { readonly service: Service; readonly seen: Call[]; readonly open: Set<Call> } {
  const seen: Call[] = [];
  const open = new Set<Call>();
  const answers: Record<string, (call: Call) => Record<string, unknown>> = {
    'server/discover': () => ({
      supportedVersions: ['2026-07-28'],
      capabilities: { tools: {}, resources: { subscribe: true }, extensions: tasks },
    }),
    'tools/list': () => ({ tools: [{ name: 'slow', inputSchema: { type: 'object' } }] }),
    'resources/list': () => ({ resources: [{ uri: 'memo:1', name: 'one' }] }),
    'resources/templates/list': () => ({ resourceTemplates: [] }),
    'tools/call': () => ({ resultType: 'task', taskId: 'inner', status: 'working' }),
    'tasks/get': () => ({ taskId: 'inner', status: 'working' }),
  };
  const service: Service = async (call) => {
    seen.push(call);
    const answer = answers[call.method];
    if (answer !== undefined) return { result: RawObject.of({ resultType: 'complete', ...answer(call) }) };
    if (call.method !== 'subscriptions/listen')
      throw new ToolyardError('METHOD_UNKNOWN', { method: call.method }, 'no');
    open.add(call);
    await call.notify({ method: 'notifications/subscriptions/acknowledged', params: call.params.without('_meta') });
    return new Promise((_, reject) => {
      call.signal.addEventListener('abort', () => {
        open.delete(call);
        reject(call.signal.reason);
      });
    });
  };
  return { service, seen, open };
}

it('relays tasks and shares subscriptions over real pipes on both sides', async () => {
  const wire = memoryTransport();
  const [a, b] = [server(), server()];
  await using _a = await wire.serve(a.service, { name: 'a', serverInfo: info });
  await using _b = await wire.serve(b.service, { name: 'b', serverInfo: info });
  await using fleet = createOrchestrator({
    servers: ['a', 'b'].map((id) => ({ id, target: { url: `memory:${id}` } })),
    transports: [wire],
    clientInfo: info,
  });
  await fleet.start();
  await using _door = await wire.serve(fleet.service, { name: 'door', serverInfo: info });
  const connect = () => wire.connect({ url: 'memory:door' }, { upstream: 'door', clientInfo: info });
  const clients = await Promise.all(Array.from({ length: 20 }, connect));
  const [client] = clients;
  if (client === undefined) throw new Error('no client');

  const made = await client.service(
    createCall('tools/call', { params: { name: 'b__slow' }, caller: { capabilities } }),
  );
  const taskId = made.result.string('taskId') ?? '';
  expect(taskId.length).toBeGreaterThan(40);
  const got = await client.service(createCall('tasks/get', { params: { taskId }, caller: { capabilities } }));
  expect(got.result.value).toMatchObject({ taskId, status: 'working' });
  expect(b.seen.find(({ method }) => method === 'tasks/get')?.params.string('taskId')).toBe('inner');
  await expect(
    client.service(createCall('tasks/get', { params: { taskId: 'inner' }, caller: { capabilities } })),
  ).rejects.toMatchObject({
    code: 'UPSTREAM_ERROR',
    facts: { error: { value: { code: -32602 } } },
  });

  const told = clients.map((): Notification[] => []);
  const ending = new AbortController();
  const listens = clients.map(({ service }, at) =>
    service(
      createCall('subscriptions/listen', {
        params: { notifications: { taskIds: [taskId], resourceSubscriptions: ['memo:1'] } },
        caller: { capabilities },
        signal: ending.signal,
        notify: (one) => void told[at]?.push(one),
      }),
    ).catch((error: unknown) => error),
  );
  await vi.waitFor(() => expect(told.every(({ length }) => length === 1)).toBe(true), 5000);
  expect(told[0]?.[0]?.params.object('notifications')?.value).toEqual({
    resourceSubscriptions: ['memo:1'],
    taskIds: [taskId],
  });
  expect([a.open.size, b.open.size]).toEqual([1, 1]);
  for (const { notify } of b.open) {
    await notify({ method: 'notifications/tasks', params: RawObject.of({ taskId: 'inner', status: 'completed' }) });
  }
  await vi.waitFor(() => expect(told.every(({ length }) => length === 2)).toBe(true), 5000);
  expect(told[19]?.[1]?.params.value).toMatchObject({ taskId, status: 'completed' });
  ending.abort();
  await Promise.all(listens);
  await vi.waitFor(() => expect([a.open.size, b.open.size]).toEqual([0, 0]), 5000);
  await Promise.all(clients.map((each) => each.close()));
});
