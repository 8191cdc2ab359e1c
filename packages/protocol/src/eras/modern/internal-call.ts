import type { Call, Caller } from '../../call.ts';
import { RawObject } from '../../wire/raw-object.ts';

const ourselves: Caller = {
  principal: 'anonymous',
  tenant: 'default',
  clientInfo: undefined,
  capabilities: RawObject.empty,
};

/** A call that a connection makes on its own account. */
export function internalCall(
  method: string,
  signal: AbortSignal,
  params: Readonly<Record<string, unknown>> = {},
): Call {
  return {
    method,
    params: RawObject.of(params),
    caller: ourselves,
    signal,
    deadlineMs: undefined,
    progressToken: undefined,
    logLevel: undefined,
    notify: async () => {},
  };
}
