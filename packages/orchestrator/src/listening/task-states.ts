import type { RawObject } from '@toolyard/protocol';
import { stringIn } from './topics.ts';

const terminal = new Set(['completed', 'failed', 'cancelled']);

/**
 * The last state told of each task. Where two sources overlap (a subscription and the one that replaces it, or a state that was asked for),
 * an older state may arrive after a newer one.
 */
export class TaskStates {
  readonly #last = new Map<string, { readonly atMs: number; readonly over: boolean }>();

  /** Whether it is to be told: an end always is, anything else unless it is older than what was told, or the task has ended. */
  isNews(task: RawObject): boolean {
    const taskId = stringIn(task, 'taskId');
    if (taskId === undefined) return false;
    const over = terminal.has(stringIn(task, 'status') ?? '');
    const atMs = Date.parse(stringIn(task, 'lastUpdatedAt') ?? '');
    const last = this.#last.get(taskId);
    if (last !== undefined && !over && (last.over || atMs < last.atMs)) return false;
    this.#last.set(taskId, { atMs, over });
    return true;
  }

  forget(taskId: string): void {
    this.#last.delete(taskId);
  }
}
