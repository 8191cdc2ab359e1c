import type { RawJson, Service } from '@toolyard/protocol';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { kinds, listKinds } from '../catalogue/kinds.ts';
import type { Cursors } from '../catalogue/pages/cursor.ts';
import { onlyOne, type Roster } from '../catalogue/roster.ts';
import type { Limits } from '../limits.ts';
import type { TaskIds } from '../tasks/task-ids.ts';
import { routeByReference } from './completion.ts';
import { answerDiscover } from './discover.ts';
import { answerList } from './lists.ts';
import { routeByName } from './named.ts';
import { relayWhole } from './relay.ts';
import { methodUnknown } from './request.ts';
import { routeByUri } from './resources.ts';
import { relayTasks, routeByTask, taskMethods } from './tasks.ts';

export interface RouterOptions {
  readonly roster: Roster;
  readonly naming: 'prefixed' | 'flat';
  readonly catalogue: Catalogue;
  readonly cursors: Cursors;
  readonly taskIds: TaskIds;
  readonly limits: Limits;
  readonly now: () => number;
  readonly serverInfo: RawJson;
  /** What a tool is called in the catalogue of all servers, by the name callers use; `undefined` where no tool may ever have that name here. Default: the same. */
  readonly before?: (tool: string) => string | undefined;
  /** Answers `subscriptions/listen`. */
  readonly listen: Service;
}

/** Sends each call where it belongs. Methods it does not know go to the single server under flat naming, and nowhere among several. */
export function createRouter(options: RouterOptions): Service {
  const { roster, naming } = options;
  const handlers = new Map<string, Service>([
    ['server/discover', answerDiscover(options)],
    ...kinds.map((kind) => [listKinds[kind].method, answerList(kind, options.catalogue, options)] as const),
    ['subscriptions/listen', options.listen],
    ...(naming === 'prefixed' ? routesAmongMany(options) : []),
  ]);
  const otherwise: Service = (call) => {
    const only = naming === 'flat' ? onlyOne(roster) : undefined;
    return only === undefined ? Promise.reject(methodUnknown(call)) : relayWhole(only, call);
  };
  return (call) => {
    try {
      return (handlers.get(call.method) ?? otherwise)(call);
    } catch (error) {
      return Promise.reject(error);
    }
  };
}

function routesAmongMany(options: RouterOptions): readonly (readonly [string, Service])[] {
  const { catalogue, roster, taskIds, before = (name) => name } = options;
  const relay = relayTasks(taskIds);
  const byTask = routeByTask({ roster, taskIds });
  return [
    ['tools/call', routeByName({ kind: 'tools', catalogue, roster, relay, before })],
    ['prompts/get', routeByName({ kind: 'prompts', catalogue, roster, relay, before: (name) => name })],
    ['resources/read', routeByUri(catalogue, relay)],
    ['completion/complete', routeByReference(catalogue, relay)],
    ...taskMethods.map((method) => [method, byTask] as const),
  ];
}
