import { createPipePair } from '../../../../../memory/pipe-pair.ts';
import { testCall, type TestCall } from '../../../../../testing/call.ts';
import { initializeResult } from '../../../../../testing/pipes.ts';
import { wireEnd, type WireEnd } from '../../../../../testing/wire-end.ts';
import type { Connection } from '../../../../../transport.ts';
import type { PipeConnectOptions } from '../../../../pipe/pipe-options.ts';
import { connectLegacy } from '../../client.ts';

export interface SeenRequest {
  readonly id: number;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** `result` or `error` of an answer; nothing for one that comes later, or never. */
export type TaskAnswer = { readonly result: unknown } | { readonly error: unknown } | undefined;

export interface TaskRig extends AsyncDisposable {
  readonly connection: Connection;
  readonly end: WireEnd;
  /** What the server answers; may be changed while it runs. */
  readonly answers: Record<string, (request: SeenRequest) => TaskAnswer>;
  /** The requests and notifications of one method that the server has got. */
  seen(method: string): readonly SeenRequest[];
  /** The n-th of them, from 1, as soon as it is there. */
  got(method: string, n?: number): Promise<SeenRequest>;
}

export const taskCapabilities = '{"tools":{},"tasks":{"cancel":{},"requests":{"tools":{"call":{}}}}}';
export const extension = { extensions: { 'io.modelcontextprotocol/tasks': {} } };
export const everything: Readonly<Record<string, unknown>> = { elicitation: { form: {}, url: {} }, ...extension };

/** A task as a server of 2025-11-25 shows it. */
export function task(status: string, more: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  const at = '2026-01-01T00:00:00Z';
  return { taskId: 's1', status, ttl: null, createdAt: at, lastUpdatedAt: at, pollInterval: 100, ...more };
}

export function toolCall(name = 'must', overrides: Parameters<typeof testCall>[1] = {}): TestCall {
  return testCall('tools/call', { params: { name }, ...overrides });
}

/** One session with a server of 2025-11-25 that the test plays: `must` and `may` run as tasks, `plain` does not. */
export async function taskRig(
  options: Partial<PipeConnectOptions> = {},
  capabilities: string = taskCapabilities,
): Promise<TaskRig> {
  const [near, far] = createPipePair();
  const end = wireEnd(far);
  const connecting = connectLegacy(near, {
    upstream: 'old',
    clientInfo: { name: 'toolyard', version: '1.0.0' },
    wire: 'memory',
    ...options,
  });
  await end.answer(initializeResult(capabilities));
  await end.next();
  const connection = await connecting;
  return { connection, [Symbol.asyncDispose]: () => connection.close(), ...playTasks(end) };
}

/** Has the far end of a session that is open answer as a server with tasks. */
export function playTasks(end: WireEnd): Omit<TaskRig, 'connection' | typeof Symbol.asyncDispose> {
  const requests: SeenRequest[] = [];
  const waiting = new Set<() => void>();
  const support = { must: 'required', may: 'optional' };
  const tools = [
    ...Object.entries(support).map(([name, taskSupport]) => ({ name, execution: { taskSupport } })),
    { name: 'plain' },
  ];
  let created = 0;
  const answers: TaskRig['answers'] = {
    'tools/list': () => ({ result: { tools } }),
    'tools/call': ({ params }) =>
      'task' in params
        ? { result: { task: task('working', { taskId: `s${++created}` }) } }
        : { result: { content: [] } },
    'tasks/get': ({ params }) => ({ result: task('working', params) }),
    'tasks/cancel': ({ params }) => ({ result: task('cancelled', params) }),
  };
  const seen = (method: string): readonly SeenRequest[] => requests.filter((request) => request.method === method);
  void (async () => {
    for (;;) {
      const request = JSON.parse(await end.next()) as SeenRequest;
      requests.push(request);
      const answer = request.method === undefined ? undefined : answers[request.method]?.(request);
      if (answer !== undefined) end.send(JSON.stringify({ jsonrpc: '2.0', id: request.id, ...answer }));
      for (const wake of waiting) wake();
    }
  })().catch(() => {}); // The pipe is closed.
  return {
    end,
    answers,
    seen,
    async got(method, n = 1) {
      for (;;) {
        const request = seen(method)[n - 1];
        if (request !== undefined) return request;
        const { promise, resolve } = Promise.withResolvers<void>();
        waiting.add(resolve);
        await promise;
        waiting.delete(resolve);
      }
    },
  };
}
