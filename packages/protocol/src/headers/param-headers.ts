import type { RawJson } from '../wire/raw-json.ts';
import { RawObject } from '../wire/raw-object.ts';
import { headerMismatch } from './header-mismatch.ts';
import type { HeaderLookup } from './header-names.ts';
import type { HeaderParam } from './header-params.ts';
import { decodeHeaderValue, encodeHeaderValue } from './header-value.ts';

/** A decimal number as a header may spell it. */
const decimal = /^-?\d+(?:\.\d+)?$/;

/**
 * The `Mcp-Param-*` headers of a `tools/call`. Left out: arguments that are absent or null, and such as cannot be mirrored (of another
 * type than announced, integers beyond ±2^53−1), which the server will refuse in the body.
 */
export function paramHeaders(annotated: readonly HeaderParam[], params: RawObject): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const { header, path } of annotated) {
    const value = mirrored(argument(params, path));
    if (value !== undefined) headers[header] = encodeHeaderValue(value);
  }
  return headers;
}

/**
 * Checks the `Mcp-Param-*` headers of a `tools/call` against its body; throws `HEADER_MISMATCH`. A value without its header is refused, and a
 * header without its value too: it says otherwise than the body. Integers are compared as numbers (`42.0` is `42`).
 * Headers that no annotation speaks of are not looked at.
 */
export function checkParamHeaders(annotated: readonly HeaderParam[], params: RawObject, header: HeaderLookup): void {
  for (const { header: name, path, type } of annotated) {
    const sent = header(name);
    const value = argument(params, path);
    if (value === undefined || value.text === 'null') {
      if (sent !== undefined) throw headerMismatch(name, 'mirrors an argument that is not there');
      continue;
    }
    const expected = mirrored(value);
    // What no header can say is the body's fault: whoever checks the arguments says so.
    if (expected === undefined) continue;
    if (sent === undefined) throw headerMismatch(name, 'missing');
    const decoded = decodeHeaderValue(sent);
    if (decoded === undefined) throw headerMismatch(name, 'is badly encoded');
    const numbers = type === 'integer' && typeof value.value === 'number' && decimal.test(decoded);
    if (numbers ? Number(decoded) !== value.value : decoded !== expected)
      throw headerMismatch(name, `differs from arguments.${path.join('.')}`);
  }
}

function argument(params: RawObject, path: readonly string[]): RawJson | undefined {
  let value: RawJson | undefined = params.member('arguments');
  for (const name of path) {
    if (!(value instanceof RawObject)) return undefined;
    value = value.member(name);
  }
  return value;
}

/** A value as text; `undefined` where it has no place in a header. */
function mirrored(raw: RawJson | undefined): string | undefined {
  const value = raw?.value;
  switch (typeof value) {
    case 'string':
      return value;
    case 'boolean':
      return String(value);
    case 'number':
      return Number.isSafeInteger(value) ? String(value) : undefined;
    default:
      return undefined;
  }
}
