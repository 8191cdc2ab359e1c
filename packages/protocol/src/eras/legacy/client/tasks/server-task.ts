import type { RawObject } from '../../../../wire/raw-object.ts';

/** What becomes of a task, as `tasks/result` says it: the result of the call, or the error that it would have had. */
export type TaskOutcome = { readonly result: RawObject } | { readonly error: unknown };

/** `tasks/result`, which stays open while the task runs: its server asks questions there. */
export interface OpenResult {
  readonly outcome: Promise<TaskOutcome>;
  close(): void;
}

/** One task, at the server that runs it. Knows how to say things to that server, and nothing else. */
export interface ServerTask {
  readonly taskId: string;
  /** `tasks/get`. */
  get(): Promise<RawObject>;
  /** `tasks/result`. Throws where nothing can be sent; `outcome` never rejects. `patient`: the task may still be running. */
  open(patient: boolean): OpenResult;
  /** `tasks/cancel`; resolves at once where the server has no such thing. */
  cancel(): Promise<void>;
}

export type TaskStatus = 'working' | 'input_required' | 'completed' | 'failed' | 'cancelled';

const known: ReadonlySet<string> = new Set<TaskStatus>([
  'working',
  'input_required',
  'completed',
  'failed',
  'cancelled',
]);

/** The status of a task; one that nobody knows counts as `working`, which promises nothing. */
export function statusOf(task: RawObject): TaskStatus {
  const status = task.string('status');
  return status !== undefined && isStatus(status) ? status : 'working';
}

/** Nothing comes after these. */
export function isTerminal(status: TaskStatus): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled';
}

function isStatus(status: string): status is TaskStatus {
  return known.has(status);
}
