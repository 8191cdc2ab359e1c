import { type RawObject, ToolyardError } from '@toolyard/protocol';

/** Whether a server, or what stands for it in this process, said that it has no such method. */
export function isMethodUnknown(error: unknown): boolean {
  if (ToolyardError.is(error, 'METHOD_UNKNOWN')) return true;
  return ToolyardError.is(error, 'UPSTREAM_ERROR') && errorCode(error.facts.error) === -32601;
}

/** The JSON-RPC code in an error object. */
export function errorCode(error: RawObject): number | undefined {
  const code = error.member('code')?.value;
  return typeof code === 'number' ? code : undefined;
}
