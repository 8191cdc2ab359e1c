import type { Call } from '../../../../call.ts';
import { ToolyardError } from '../../../../errors/toolyard-error.ts';
import type { Reply } from '../../../../reply.ts';
import { RawJson } from '../../../../wire/raw-json.ts';
import { RawObject } from '../../../../wire/raw-object.ts';
import { declaresTasks, tasksExtension } from '../../translate/translate.ts';
import { type KeptTask, unknownTask } from './kept-task.ts';
import type { TaskTable } from './task-table.ts';

/** The methods of the extension, each of which names a task. */
const methods: ReadonlySet<string> = new Set(['tasks/get', 'tasks/update', 'tasks/cancel']);

export function isTaskMethod(method: string): boolean {
  return methods.has(method);
}

/** Answers the methods of the extension, for the caller whose task it is. */
export async function answerTask(call: Call, table: TaskTable): Promise<Reply> {
  requireTasks(call);
  const task = table.find(call.caller, call.params.string('taskId') ?? '');
  if (task === undefined) throw unknownTask();
  switch (call.method) {
    case 'tasks/get':
      return { result: (await task.get(call.caller)).prepend('resultType', RawJson.of('complete')) };
    case 'tasks/update':
      task.update(responsesOf(call));
      break;
    default:
      await task.cancel();
  }
  return { result: RawObject.of({ resultType: 'complete' }) };
}

/** The tasks of its caller that a `subscriptions/listen` names, by their ids. */
export function tasksListenedTo(call: Call, table: TaskTable): ReadonlyMap<string, KeptTask> {
  const found = new Map<string, KeptTask>();
  const ids = call.params.object('notifications')?.array('taskIds') ?? [];
  if (ids.length > 0) requireTasks(call);
  for (const { value } of ids) {
    const task = typeof value === 'string' ? table.find(call.caller, value) : undefined;
    if (typeof value === 'string' && task !== undefined) found.set(value, task);
  }
  return found;
}

function requireTasks({ caller }: Call): void {
  if (declaresTasks(caller.capabilities)) return;
  const requiredCapabilities = { extensions: { [tasksExtension]: {} } };
  const message = `This needs the client capability ${tasksExtension}.`;
  throw new ToolyardError('CAPABILITY_REQUIRED', { requiredCapabilities }, message);
}

function responsesOf({ params }: Call): RawObject {
  const responses = params.object('inputResponses');
  if (responses !== undefined) return responses;
  const reason = 'inputResponses is no object';
  throw new ToolyardError('INVALID_PARAMS', { reason }, `The params do not fit tasks/update: ${reason}.`);
}
