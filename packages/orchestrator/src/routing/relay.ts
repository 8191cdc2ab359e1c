import type { Call, Caller, RawObject, Reply } from '@toolyard/protocol';
import type { Upstream } from '../catalogue/upstream.ts';

/** Sends a call on to one server, with other params where its name had to be put back. What flows beside it (progress, log, cancellation) flows through. */
export type Relay = (upstream: Upstream, call: Call, params?: RawObject) => Promise<Reply>;

/** Relays as it came: for a single upstream, which can be asked everything. */
export const relayWhole: Relay = (upstream, call, params) =>
  upstream.service(params === undefined ? call : { ...call, params });

const tasks = 'io.modelcontextprotocol/tasks';

/**
 * Relays without the capabilities that cannot be kept among several servers: a task is asked about by an id that does not tell
 * whose it is, so no server may answer with one.
 */
export function relayAmongMany(): Relay {
  const known = new WeakMap<Caller, Caller>();
  const relayable = (caller: Caller): Caller => {
    // `{}` is what most callers declare.
    if (caller.capabilities.bytes.length <= 2) return caller;
    let result = known.get(caller);
    if (result === undefined) {
      result = withoutTasks(caller);
      known.set(caller, result);
    }
    return result;
  };
  return (upstream, call, params) => {
    const caller = relayable(call.caller);
    if (params === undefined && caller === call.caller) return upstream.service(call);
    return upstream.service({ ...call, caller, params: params ?? call.params });
  };
}

function withoutTasks(caller: Caller): Caller {
  const extensions = caller.capabilities.object('extensions');
  if (extensions?.has(tasks) !== true) return caller;
  return { ...caller, capabilities: caller.capabilities.with('extensions', extensions.without(tasks)) };
}
