import { ResourceHolds } from '../subscriptions/resource-holds.ts';
import type { TaskOptions } from '../tasks/task-options.ts';
import { TaskTable } from '../tasks/task-table.ts';
import { SharedEvents } from './shared-events.ts';

/** What sessions with one server have in common. */
export interface SharedState {
  /** What the server was told to run. */
  readonly tasks: TaskTable;
  readonly events: SharedEvents;
  /** Whose calls they are for, where sessions are kept apart. */
  readonly owner: string;
  /** Of the sessions of this owner. */
  readonly resources: ResourceHolds;
}

/** Of the first session with a server. */
export function newSharedState(tasks: TaskOptions | undefined): SharedState {
  return { tasks: new TaskTable(tasks), events: new SharedEvents(), owner: '', resources: new ResourceHolds() };
}
