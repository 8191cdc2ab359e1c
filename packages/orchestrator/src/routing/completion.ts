import type { Call, RawObject, Reply, Service } from '@toolyard/protocol';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { unknownName } from './named.ts';
import type { Relay } from './relay.ts';
import { invalidParams, objectParam } from './request.ts';
import { unknownResource } from './resources.ts';

/** Routes `completion/complete` by what it refers to: a prompt, whose name is turned back, or a resource template. */
export function routeByReference(catalogue: Catalogue, relay: Relay): Service {
  const byPrompt = (call: Call, ref: RawObject, name: string): Promise<Reply> => {
    const { routes } = catalogue.current.lists.prompts;
    const route = routes.get(name);
    if (route === undefined) return Promise.reject(unknownName('prompts', name, routes));
    const { upstream, entry } = route;
    if (entry.key === name) return relay(upstream, call);
    return relay(upstream, call, call.params.with('ref', ref.with('name', entry.keyJson)));
  };
  const byResource = (call: Call, uri: string): Promise<Reply> => {
    const { resources } = catalogue.current;
    const upstream = resources.findTemplate(uri) ?? resources.find(uri);
    return upstream === undefined ? Promise.reject(unknownResource(uri)) : relay(upstream, call);
  };
  return (call) => {
    const ref = objectParam(call, 'ref');
    const name = ref.string('name');
    const uri = ref.string('uri');
    if (ref.string('type') === 'ref/prompt' && name !== undefined) return byPrompt(call, ref, name);
    if (ref.string('type') === 'ref/resource' && uri !== undefined) return byResource(call, uri);
    return Promise.reject(
      invalidParams('completion/complete needs a "ref" of type ref/prompt with a name, or ref/resource with a uri.'),
    );
  };
}
