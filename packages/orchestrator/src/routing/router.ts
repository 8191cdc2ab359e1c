import type { Call, RawJson, Reply, Service } from '@toolyard/protocol';
import { ToolyardError } from '@toolyard/protocol';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Cursors } from '../catalogue/cursor.ts';
import { kinds, listKinds } from '../catalogue/kinds.ts';
import type { Upstream } from '../catalogue/upstream.ts';
import type { Limits } from '../limits.ts';
import { routeByReference } from './completion.ts';
import { answerDiscover } from './discover.ts';
import { answerList } from './lists.ts';
import { routeByName } from './named.ts';
import { relayAmongMany, relayWhole } from './relay.ts';
import { routeByUri } from './resources.ts';

export interface RouterOptions {
  readonly upstreams: readonly Upstream[];
  readonly naming: 'prefixed' | 'flat';
  readonly catalogue: Catalogue;
  readonly cursors: Cursors;
  readonly limits: Limits;
  readonly now: () => number;
  readonly serverInfo: RawJson;
  /** Answers `subscriptions/listen`. */
  readonly listen: Service;
}

/** Sends each call where it belongs. Methods it does not know go to the single server under flat naming, and nowhere among several. */
export function createRouter(options: RouterOptions): Service {
  const { upstreams, naming } = options;
  const [only] = upstreams;
  const handlers = new Map<string, Service>([
    ['server/discover', answerDiscover(options)],
    ...kinds.map((kind) => [listKinds[kind].method, answerList(kind, options.catalogue, options)] as const),
    ['subscriptions/listen', options.listen],
    ...(naming === 'prefixed' ? routesAmongMany(options) : []),
  ]);
  const otherwise: Service = naming === 'flat' && only !== undefined ? (call) => relayWhole(only, call) : methodUnknown;
  return (call) => {
    try {
      return (handlers.get(call.method) ?? otherwise)(call);
    } catch (error) {
      return Promise.reject(error);
    }
  };
}

function routesAmongMany({ catalogue, upstreams }: RouterOptions): readonly (readonly [string, Service])[] {
  const relay = relayAmongMany();
  return [
    ['tools/call', routeByName({ kind: 'tools', catalogue, upstreams, relay })],
    ['prompts/get', routeByName({ kind: 'prompts', catalogue, upstreams, relay })],
    ['resources/read', routeByUri(catalogue, relay)],
    ['completion/complete', routeByReference(catalogue, relay)],
  ];
}

function methodUnknown({ method }: Call): Promise<Reply> {
  return Promise.reject(new ToolyardError('METHOD_UNKNOWN', { method }, `There is no method ${method.slice(0, 128)}.`));
}
