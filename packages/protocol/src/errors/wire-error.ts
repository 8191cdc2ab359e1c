import { RawJson } from '../wire/raw-json.ts';
import { RawObject } from '../wire/raw-object.ts';
import { errorTable } from './error-table.ts';
import { ToolyardError } from './toolyard-error.ts';

export interface WireError {
  /** For HTTP, where the response has not begun yet. */
  readonly httpStatus: number;
  /** The `error` member of a JSON-RPC error response. */
  readonly error: RawObject;
}

/**
 * What a caller is told about anything that was thrown. Message and facts of a `ToolyardError` are told;
 * of anything else nothing is, since nobody wrote it for callers.
 *
 * `error.data` holds the facts and `code`, the literal code. An `UPSTREAM_ERROR` is the server's own error object, byte for byte, unless its code speaks
 * about the hop between us and it (-32020, -32022) or must not be sent in this revision (-32002, -32042).
 */
export function toWireError(thrown: unknown): WireError {
  // A second copy of this package may know codes that this one does not.
  if (!ToolyardError.is(thrown) || !Object.hasOwn(errorTable, thrown.code))
    return fromTable(new ToolyardError('INTERNAL', {}, 'Internal error.'));
  if (ToolyardError.is(thrown, 'UPSTREAM_ERROR')) return relayed(thrown);
  return fromTable(thrown);
}

function fromTable(error: ToolyardError): WireError {
  const row = errorTable[error.code];
  const data = { code: error.code, ...error.facts };
  return {
    httpStatus: notAcceptable(error) ? 406 : row.httpStatus,
    error: RawObject.of({ code: row.jsonRpcCode, message: error.message, data }),
  };
}

function notAcceptable(error: ToolyardError): boolean {
  return ToolyardError.is(error, 'MEDIA_TYPE_UNSUPPORTED') && error.facts.header.toLowerCase() === 'accept';
}

function relayed(thrown: ToolyardError<'UPSTREAM_ERROR'>): WireError {
  const { upstream, error } = thrown.facts;
  const code = codeOf(error);
  switch (code) {
    case undefined:
      return malformed(upstream, 'its error has no code, or two', 'answered with an error that has no code');
    case -32020:
    case -32022:
      return malformed(
        upstream,
        `it answered with ${String(code)}, which is about the way to it and not about the call`,
        'rejected how it was called',
      );
    case -32002:
      // What a missing resource was before 2026-07-28, which forbids the code.
      return { httpStatus: 200, error: error.with('code', RawJson.of(errorTable.RESOURCE_UNKNOWN.jsonRpcCode)) };
    case -32042:
      return { httpStatus: 200, error: error.with('code', RawJson.of(errorTable.UPSTREAM_ERROR.jsonRpcCode)) };
    case -32601:
      return { httpStatus: 404, error };
    case -32021:
      return { httpStatus: 400, error };
    default:
      return { httpStatus: 200, error };
  }
}

function malformed(upstream: string, reason: string, what: string): WireError {
  return fromTable(new ToolyardError('UPSTREAM_MALFORMED', { upstream, reason }, `The server "${upstream}" ${what}.`));
}

/** `undefined` also where the object has two members of one name, so that nobody could say which code counts. */
function codeOf(error: RawObject): number | undefined {
  try {
    const code = error.member('code')?.value;
    return typeof code === 'number' ? code : undefined;
  } catch (thrown) {
    if (ToolyardError.is(thrown, 'INVALID_REQUEST')) return undefined;
    throw thrown;
  }
}
