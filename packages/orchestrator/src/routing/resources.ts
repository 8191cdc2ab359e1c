import type { Call, Reply, Service } from '@toolyard/protocol';
import { ToolyardError } from '@toolyard/protocol';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Relay } from './relay.ts';
import { stringParam } from './request.ts';

/** Routes `resources/read` by URI. */
export function routeByUri(catalogue: Catalogue, relay: Relay): Service {
  return (call: Call): Promise<Reply> => {
    const uri = stringParam(call, 'uri');
    const upstream = catalogue.current.resources.find(uri);
    return upstream === undefined ? Promise.reject(unknownResource(uri)) : relay(upstream, call);
  };
}

export function unknownResource(uri: string): ToolyardError {
  const shown = uri.slice(0, 512);
  return new ToolyardError('RESOURCE_UNKNOWN', { uri: shown }, `No server offers the resource ${shown}.`);
}
