import type { Call, Reply, Service } from '@toolyard/protocol';
import { ToolyardError } from '@toolyard/protocol';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { namePrefix } from '../catalogue/entries/names.ts';
import { nearest } from '../catalogue/entries/nearest.ts';
import type { Route } from '../catalogue/merge-lists.ts';
import type { Roster } from '../catalogue/roster.ts';
import type { Relay } from './relay.ts';
import { stringParam } from './request.ts';

export interface NamedRoutingOptions {
  readonly kind: 'tools' | 'prompts';
  readonly catalogue: Catalogue;
  readonly roster: Roster;
  readonly relay: Relay;
  /** See `RouterOptions`. */
  readonly before: (name: string) => string | undefined;
}

/** Routes `tools/call` and `prompts/get` by `name`, which is turned back into what the server calls it. */
export function routeByName(options: NamedRoutingOptions): Service {
  const { kind, catalogue, relay } = options;
  return (call: Call): Promise<Reply> => {
    const name = stringParam(call, 'name');
    const route = catalogue.current.lists[kind].routes.get(name);
    if (route === undefined) return missing(name, call, options);
    const { upstream, entry } = route;
    return entry.key === name ? relay(upstream, call) : relay(upstream, call, call.params.with('name', entry.keyJson));
  };
}

/** A name that nobody has; unless it looks like one of a server that never came up: then that server's absence is the answer. */
function missing(name: string, call: Call, options: NamedRoutingOptions): Promise<Reply> {
  const { kind, catalogue, roster, before } = options;
  const meant = before(name);
  const absent = roster.all.find(({ id, offer }) => offer === undefined && meant?.startsWith(namePrefix(id)) === true);
  if (absent !== undefined) return absent.service(call);
  return Promise.reject(unknownName(kind, name, catalogue.current.lists[kind].routes));
}

export function unknownName(
  kind: 'tools' | 'prompts',
  name: string,
  routes: ReadonlyMap<string, Route>,
): ToolyardError {
  const near = nearest(name, upNames(routes));
  const hint = near.length === 0 ? '' : ` Near: ${near.join(', ')}.`;
  const shown = name.slice(0, 128);
  return kind === 'tools'
    ? new ToolyardError('TOOL_UNKNOWN', { tool: shown, nearest: near }, `There is no tool "${shown}".${hint}`)
    : new ToolyardError('PROMPT_UNKNOWN', { prompt: shown, nearest: near }, `There is no prompt "${shown}".${hint}`);
}

function* upNames(routes: ReadonlyMap<string, Route>): Iterable<string> {
  for (const [name, { upstream }] of routes) if (upstream.up) yield name;
}
