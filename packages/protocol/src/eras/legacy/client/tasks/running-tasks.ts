import type { MessageId } from '../../../../pipe.ts';
import type { RawObject } from '../../../../wire/raw-object.ts';
import type { Questioned } from '../../../bridge/questioned-call.ts';
import { relatedTask } from '../../translate/translate.ts';

/** A task that somebody here cares for. */
export interface RunningTask {
  /** Who is asked what it wants to know. */
  readonly owner: Questioned;
  /** Its server says that its status has changed. */
  changed(): void;
}

/** The tasks that run in one session: finds whose a message of their server is. */
export class RunningTasks {
  readonly #tasks = new Map<string, RunningTask>();
  /** By the id of a `tasks/result` that is open, its task. */
  readonly #lanes = new Map<number, string>();

  has(taskId: string): boolean {
    return this.#tasks.has(taskId);
  }

  add(taskId: string, task: RunningTask): void {
    this.#tasks.set(taskId, task);
  }

  delete(taskId: string): void {
    this.#tasks.delete(taskId);
  }

  /** `tasks/result` of this task is open under this id of ours, until the returned function is called. */
  openLane(id: number, taskId: string): () => void {
    this.#lanes.set(id, taskId);
    return () => this.#lanes.delete(id);
  }

  /** How many such requests are open for tasks of this caller. */
  lanesOf({ principal, tenant }: Pick<Questioned, 'principal' | 'tenant'>): number {
    let lanes = 0;
    for (const taskId of this.#lanes.values()) {
      const owner = this.#tasks.get(taskId)?.owner;
      if (owner?.principal === principal && owner.tenant === tenant) lanes++;
    }
    return lanes;
  }

  /** By what the message says of itself, or its lane. `nobody`: it belongs to a task that is not known; `undefined`: to none. */
  ownerOf(params: RawObject, about: MessageId | undefined): Questioned | 'nobody' | undefined {
    const taskId = relatedTask(params) ?? (about === undefined ? undefined : this.#lanes.get(Number(about)));
    return taskId === undefined ? undefined : (this.#tasks.get(taskId)?.owner ?? 'nobody');
  }

  /** What `notifications/tasks/status` says: only that there is news, for a task's whole state is asked for. */
  changed(params: RawObject): void {
    const taskId = params.string('taskId');
    if (taskId !== undefined) this.#tasks.get(taskId)?.changed();
  }
}
