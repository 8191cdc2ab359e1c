import type { RawObject } from '../wire/raw-object.ts';
import { headerNames } from './header-names.ts';
import { encodeHeaderValue } from './header-value.ts';

/** The member of a request's params that `Mcp-Name` mirrors; `undefined` for methods without that header (spec: SEP-2243, SEP-2663). */
export function nameSource(method: string): 'name' | 'uri' | 'taskId' | undefined {
  switch (method) {
    case 'tools/call':
    case 'prompts/get':
      return 'name';
    case 'resources/read':
      return 'uri';
    case 'tasks/get':
    case 'tasks/update':
    case 'tasks/cancel':
      return 'taskId';
    default:
      return undefined;
  }
}

/** The headers that every request of 2026-07-28 carries over HTTP, by their names in lower case. */
export function standardHeaders(method: string, params: RawObject, revision: string): Record<string, string> {
  const headers: Record<string, string> = {
    [headerNames.protocolVersion]: revision,
    [headerNames.method]: encodeHeaderValue(method),
  };
  const source = nameSource(method);
  const name = source === undefined ? undefined : params.string(source);
  if (name !== undefined) headers[headerNames.name] = encodeHeaderValue(name);
  return headers;
}
