import type { Call, Caller, Notification, Service } from '@toolyard/protocol';
import { RawObject } from '@toolyard/protocol';
import { orAborted } from './pause.ts';

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
    clientInfo: RawObject.of({ ...clientInfo }),
    capabilities: RawObject.empty,
  };
}

export function ownCall(method: string, params: RawObject, { caller, signal, notify }: OwnCallOptions): Call {
  return {
    method,
    params,
    caller,
    signal,
    deadlineMs: undefined,
    progressToken: undefined,
    logLevel: undefined,
    notify: notify ?? (() => Promise.resolve()),
  };
}

/** Rejects with the signal's reason once it aborts, also where the service takes no notice. */
export function asker(service: Service, options: OwnCallOptions): Ask {
  return async (method, params) => (await orAborted(service(ownCall(method, params, options)), options.signal)).result;
}
