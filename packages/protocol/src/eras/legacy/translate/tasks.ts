import { RawJson } from '../../../wire/raw-json.ts';
import { RawObject } from '../../../wire/raw-object.ts';
import { withMetaMember, withoutMetaMember } from '../../modern/meta.ts';

/** The extension (SEP-2663) that replaced the experimental tasks of 2025-11-25. */
export const tasksExtension = 'io.modelcontextprotocol/tasks';

/** By which everything that belongs to a task of 2025-11-25 names it, in `_meta`. */
const relatedTaskKey = 'io.modelcontextprotocol/related-task';

/** Whether a client with these capabilities takes a task for an answer. */
export function declaresTasks(capabilities: RawObject): boolean {
  // `{}` is what most callers declare.
  return capabilities.bytes.length > 2 && capabilities.object('extensions')?.has(tasksExtension) === true;
}

/** Whether a server of 2025-11-25 with these capabilities runs tool calls as tasks. */
export function runsTasks(capabilities: RawObject): boolean {
  return capabilities.object('tasks')?.object('requests')?.object('tools')?.has('call') === true;
}

/** The capabilities of a server of 2025-11-25 in today's words: its tasks are the extension. */
export function toModernCapabilities(capabilities: RawObject): RawObject {
  const others = capabilities.without('tasks');
  if (!runsTasks(capabilities)) return others;
  const extensions = others.object('extensions') ?? RawObject.empty;
  return others.with('extensions', extensions.with(tasksExtension, RawObject.empty));
}

/** Capabilities of either side without both kinds of tasks, for a hop on which the other side knows neither. */
export function withoutTasks(capabilities: RawObject): RawObject {
  const plain = capabilities.without('tasks');
  const extensions = plain.object('extensions');
  if (extensions === undefined || !extensions.has(tasksExtension)) return plain;
  const others = extensions.without(tasksExtension);
  return others.keys().length === 0 ? plain.without('extensions') : plain.with('extensions', others);
}

/** How a server of 2025-11-25 wants a tool to be called. */
export type TaskSupport = 'forbidden' | 'optional' | 'required';

export function taskSupportOf(tool: RawObject): TaskSupport {
  const support = tool.object('execution')?.string('taskSupport');
  return support === 'optional' || support === 'required' ? support : 'forbidden';
}

/** The params of a call that is to run as a task, kept by its server for `ttlMs`. */
export function asTask(params: RawObject, ttlMs: number): RawObject {
  return params.with('task', RawObject.of({ ttl: ttlMs }));
}

/** What is shown of a task in place of what its server said. */
export interface ShownTask {
  readonly taskId: string;
  readonly ttlMs: number;
  readonly status: string;
  /** Members that go with the status: `inputRequests`, `result`, `error`. */
  readonly details?: Readonly<Record<string, RawJson>>;
}

/** A task of 2025-11-25 in the words of the extension, without a `resultType`. Members that neither has stay. */
export function toModernTask(task: RawObject, { taskId, ttlMs, status, details }: ShownTask): RawObject {
  return withoutRelatedTask(task).patch({
    taskId: RawJson.of(taskId),
    status: RawJson.of(status),
    ttl: undefined,
    ttlMs: RawJson.of(ttlMs),
    pollInterval: undefined,
    pollIntervalMs: task.member('pollInterval'),
    ...details,
  });
}

/** The id of the task that a message belongs to. */
export function relatedTask(params: RawObject): string | undefined {
  return params.object('_meta')?.object(relatedTaskKey)?.string('taskId');
}

/** An answer that belongs to a task, as its server wants it marked. */
export function withRelatedTask(answer: RawObject, taskId: string): RawObject {
  return withMetaMember(answer, relatedTaskKey, RawObject.of({ taskId }));
}

export function withoutRelatedTask(object: RawObject): RawObject {
  return withoutMetaMember(object, relatedTaskKey);
}
