import type { Caller, Notification, Service } from '@toolyard/protocol';
import { createCall, RawObject } from '@toolyard/protocol';
import { orAborted } from '../../waiting/pause.ts';

/** Asks a server something in the orchestrator's own name. */
export type Ask = (method: string, params: RawObject) => Promise<RawObject>;

export interface OwnCallOptions {
  readonly caller: Caller;
  readonly signal: AbortSignal;
  readonly notify?: (notification: Notification) => Promise<void>;
}

/** The orchestrator as a caller: it declares no capabilities, so that nobody asks it anything. */
export function ownCaller(clientInfo: { readonly name: string; readonly version: string }): Caller {
  return {
    principal: 'toolyard',
    tenant: 'default',
    own: true,
    clientInfo: RawObject.of({ ...clientInfo }),
    capabilities: RawObject.empty,
  };
}

/** In whose name something is asked: somebody's, as far as that is given, or in the orchestrator's own. */
export function callerFor(given: Partial<Caller> | undefined, own: Caller): Caller {
  return given === undefined ? own : { ...own, own: false, ...given };
}

/** Rejects with the signal's reason once it aborts, also where the service takes no notice. */
export function asker(service: Service, options: OwnCallOptions): Ask {
  return async (method, params) =>
    (await orAborted(service(createCall(method, { ...options, params })), options.signal)).result;
}
