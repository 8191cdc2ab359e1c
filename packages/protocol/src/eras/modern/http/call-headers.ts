import type { Call } from '../../../call.ts';
import { headerNames } from '../../../headers/header-names.ts';
import { encodeHeaderValue } from '../../../headers/header-value.ts';
import { paramHeaders } from '../../../headers/param-headers.ts';
import { nameSource } from '../../../headers/standard-headers.ts';
import { modernRevision } from '../../revisions.ts';
import type { ToolHeaders } from './tool-headers.ts';

const every: readonly string[] = [
  'content-type',
  'application/json',
  'accept',
  'application/json, text/event-stream',
  headerNames.protocolVersion,
  modernRevision,
];

/** The headers of a call on its way to a server of 2026-07-28: name, value, name, value. `configured` come last and may not replace any. */
export function callHeaders(
  { method, params }: Pick<Call, 'method' | 'params'>,
  configured: readonly string[],
  tools?: ToolHeaders,
): string[] {
  const headers = [...every, headerNames.method, encodeHeaderValue(method)];
  const source = nameSource(method);
  const name = source === undefined ? undefined : params.string(source);
  if (name !== undefined) {
    headers.push(headerNames.name, encodeHeaderValue(name));
    const annotated = method === 'tools/call' ? tools?.of(name) : undefined;
    if (annotated !== undefined)
      for (const [header, value] of Object.entries(paramHeaders(annotated, params))) headers.push(header, value);
  }
  for (const part of configured) headers.push(part);
  return headers;
}
