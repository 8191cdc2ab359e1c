import { RawJson } from '../../../wire/raw-json.ts';
import { RawObject } from '../../../wire/raw-object.ts';

const resourceNotFound = -32_002;
const invalidParams = -32_602;
const internalError = -32_603;
/** HeaderMismatch, MissingRequiredClientCapability, UnsupportedProtocolVersion: words of 2026-07-28 about one hop. */
const modernOnly: ReadonlySet<unknown> = new Set([-32_020, -32_021, -32_022]);

/**
 * The `error` of a server before 2026-07-28 in today's words: a missing resource (-32002) is -32602. Its `data` then names the resource,
 * by which `toLegacyError` knows it again, unless the server put something else there. `uri`: what was asked for.
 */
export function toModernError(error: RawObject, uri?: string): RawObject {
  if (codeOf(error) !== resourceNotFound) return error;
  const translated = error.with('code', RawJson.of(invalidParams));
  return uri === undefined || translated.has('data') ? translated : translated.with('data', RawObject.of({ uri }));
}

/**
 * An `error` in today's words as a client of an older revision knows it: a missing resource is -32002, and the codes that only
 * 2026-07-28 has become -32603 without their data. All other errors are themselves.
 */
export function toLegacyError(method: string, error: RawObject): RawObject {
  const code = codeOf(error);
  if (code === invalidParams && method === 'resources/read' && error.object('data')?.string('uri') !== undefined) {
    return error.with('code', RawJson.of(resourceNotFound));
  }
  return modernOnly.has(code) ? error.patch({ code: RawJson.of(internalError), data: undefined }) : error;
}

function codeOf(error: RawObject): unknown {
  return error.member('code')?.value;
}
