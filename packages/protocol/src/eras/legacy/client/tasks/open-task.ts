import { ToolyardError } from '../../../../errors/toolyard-error.ts';
import { RawObject } from '../../../../wire/raw-object.ts';
import type { Channel } from '../../../channel/channel.ts';
import type { RunningTasks } from './running-tasks.ts';
import type { OpenResult, ServerTask } from './server-task.ts';

export interface OpenTaskParts {
  readonly channel: Channel;
  readonly upstream: string;
  /** Of the server. */
  readonly capabilities: RawObject;
  readonly running: RunningTasks;
  /** For each request but an open `tasks/result`. */
  readonly timeoutMs: number;
}

/** The task that a server answers a call with; `undefined` where it answers without one. Throws `UPSTREAM_MALFORMED` for a task that cannot be used. */
export function openTask(result: RawObject, parts: OpenTaskParts): ServerTask | undefined {
  const task = result.object('task');
  if (task === undefined) return undefined;
  const { upstream, running, channel, timeoutMs, capabilities } = parts;
  const taskId = task.string('taskId');
  if (taskId === undefined || running.has(taskId)) {
    const reason = taskId === undefined ? 'a task without a taskId' : 'a task under the id of another one';
    throw new ToolyardError('UPSTREAM_MALFORMED', { upstream, reason }, `${upstream} answered with ${reason}.`);
  }
  const params = RawObject.of({ taskId });
  const cancellable = capabilities.object('tasks')?.has('cancel') === true;
  return {
    taskId,
    get: async () => channel.ask('tasks/get', () => params, { silenceMs: timeoutMs }).result,
    open(patient): OpenResult {
      const request = channel.ask('tasks/result', () => params, patient ? {} : { silenceMs: timeoutMs });
      const end = running.openLane(request.id, taskId);
      return {
        outcome: request.result.then(
          (given) => {
            end();
            return { result: given };
          },
          (error: unknown) => {
            end();
            return { error };
          },
        ),
        close: () => request.cancel(new ToolyardError('CANCELLED', {}, 'Nobody waits for this task any longer.')),
      };
    },
    async cancel() {
      if (cancellable) await channel.ask('tasks/cancel', () => params, { silenceMs: timeoutMs }).result;
    },
  };
}
