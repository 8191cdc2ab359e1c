import { type ErrorCode, ToolyardError } from '@toolyard/protocol';

const always: ReadonlySet<ErrorCode> = new Set([
  'UPSTREAM_UNREACHABLE',
  'UPSTREAM_TIMEOUT',
  'UPSTREAM_CLOSED',
  'UPSTREAM_MALFORMED',
  'UPSTREAM_BUSY',
  'CLOSED',
]);

const internalError = -32603;
const invalidParams = -32602;

/** The code of an error that says the server cannot answer now; `undefined` for its answers, refusals among them: who may not ask gets nothing old. */
export function outageOf(error: unknown): ErrorCode | undefined {
  if (!ToolyardError.is(error)) return undefined;
  const down =
    always.has(error.code) ||
    (ToolyardError.is(error, 'UPSTREAM_STATUS') && (error.facts.status >= 500 || error.facts.status === 429)) ||
    answeredWith(error, internalError);
  return down ? error.code : undefined;
}

/** Whether a server refused what it was asked for, a cursor for example. */
export function isRefusal(error: unknown): boolean {
  return ToolyardError.is(error, 'CURSOR_INVALID') || answeredWith(error, invalidParams);
}

function answeredWith(error: unknown, code: number): boolean {
  return ToolyardError.is(error, 'UPSTREAM_ERROR') && error.facts.error.member('code')?.value === code;
}
