import type { Call, RawObject, Reply, Service } from '@toolyard/protocol';
import { RawJson, ToolyardError } from '@toolyard/protocol';
import type { Roster } from '../catalogue/roster.ts';
import type { Upstream } from '../catalogue/upstream.ts';
import { declaresTasks, mayKnowTasks, requireTasks } from '../tasks/extension.ts';
import type { TaskIds } from '../tasks/task-ids.ts';
import type { Relay } from './relay.ts';
import { relayWhole } from './relay.ts';
import { invalidParams, methodUnknown } from './request.ts';

/** The methods of the tasks extension that name a task. */
export const taskMethods: readonly string[] = ['tasks/get', 'tasks/update', 'tasks/cancel'];

/** Relays, and gives the task that a server answers with an id that says whose it is. */
export function relayTasks(taskIds: TaskIds): Relay {
  return (upstream, call, params) => {
    const reply = relayWhole(upstream, call, params);
    // No server may answer with a task where the caller did not ask for it, so those replies need not be looked at.
    return declaresTasks(call.caller) ? reply.then((given) => withCallersId(given, upstream, call, taskIds)) : reply;
  };
}

function withCallersId(reply: Reply, { id }: Upstream, { caller }: Call, taskIds: TaskIds): Reply {
  const { resultType, taskId } = read(id, reply.result);
  if (resultType !== 'task') return reply;
  if (taskId === undefined) throw malformed(id, 'a task without a taskId');
  return { result: reply.result.with('taskId', RawJson.of(taskIds.write(caller, { upstream: id, taskId }))) };
}

export interface TaskRoutingOptions {
  readonly roster: Roster;
  readonly taskIds: TaskIds;
}

/**
 * Routes `tasks/get`, `tasks/update` and `tasks/cancel` by `taskId`, which is turned back into the server's own. One that was made up, is another
 * caller's, or belongs to a server that is no longer there is `INVALID_PARAMS`: which of these it is, nobody is told.
 */
export function routeByTask({ roster, taskIds }: TaskRoutingOptions): Service {
  return async (call) => {
    if (!roster.all.some(mayKnowTasks)) throw methodUnknown(call);
    requireTasks(call.caller);
    const id = call.params.string('taskId');
    const place = id === undefined ? undefined : taskIds.read(call.caller, id);
    const upstream = place === undefined ? undefined : roster.find(place.upstream);
    if (id === undefined || place === undefined || upstream === undefined)
      throw invalidParams('There is no such task.');
    const { result } = await relayWhole(upstream, call, call.params.with('taskId', RawJson.of(place.taskId)));
    const { taskId } = read(upstream.id, result);
    if (taskId === undefined) return { result };
    const shown = taskId === place.taskId ? id : taskIds.write(call.caller, { upstream: upstream.id, taskId });
    return { result: result.with('taskId', RawJson.of(shown)) };
  };
}

function read(
  upstream: string,
  result: RawObject,
): { readonly resultType: string | undefined; readonly taskId: string | undefined } {
  try {
    return { resultType: result.string('resultType'), taskId: result.string('taskId') };
  } catch (error) {
    if (ToolyardError.is(error, 'INVALID_REQUEST')) throw malformed(upstream, 'a result that names a member twice');
    throw error;
  }
}

function malformed(upstream: string, reason: string): ToolyardError {
  return new ToolyardError('UPSTREAM_MALFORMED', { upstream, reason }, `${upstream} answered with ${reason}.`);
}
