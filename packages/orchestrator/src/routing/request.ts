import type { Call, RawObject } from '@toolyard/protocol';
import { ToolyardError } from '@toolyard/protocol';

/** A member of the call's params that must be a string; throws `INVALID_PARAMS`. */
export function stringParam(call: Call, key: string): string {
  const value = call.params.string(key);
  if (value === undefined) throw invalidParams(`${call.method} needs "${key}", a string.`);
  return value;
}

export function objectParam(call: Call, key: string): RawObject {
  const value = call.params.object(key);
  if (value === undefined) throw invalidParams(`${call.method} needs "${key}", an object.`);
  return value;
}

export function invalidParams(reason: string): ToolyardError {
  return new ToolyardError('INVALID_PARAMS', { reason }, reason);
}

export function methodUnknown({ method }: Call): ToolyardError {
  return new ToolyardError('METHOD_UNKNOWN', { method }, `There is no method ${method.slice(0, 128)}.`);
}
