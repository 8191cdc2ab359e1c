import type { ErrorCode } from '@toolyard/protocol';
import { ToolyardError } from '@toolyard/protocol';

/**
 * What the end of a call says about the instance that it was given to.
 *
 * - `answer`: the instance did its part, also where it said no.
 * - `fault`: the instance, or the way to it, failed.
 * - `nothing`: the call ended on this side, or for a reason that every other instance would have had too.
 */
export type Verdict = 'answer' | 'fault' | 'nothing';

const verdicts: Readonly<Record<ErrorCode, Verdict>> = {
  PARSE_ERROR: 'nothing',
  INVALID_REQUEST: 'nothing',
  // As the code of a call it is about what was to be sent: an answer that is too large is malformed, or ends the connection.
  MESSAGE_TOO_LARGE: 'nothing',
  META_MISSING: 'nothing',
  HEADER_MISMATCH: 'nothing',
  VERSION_UNSUPPORTED: 'nothing',
  CAPABILITY_REQUIRED: 'nothing',
  METHOD_UNKNOWN: 'nothing',
  INVALID_PARAMS: 'nothing',
  TOOL_UNKNOWN: 'nothing',
  PROMPT_UNKNOWN: 'nothing',
  RESOURCE_UNKNOWN: 'nothing',
  CURSOR_INVALID: 'nothing',
  STATE_INVALID: 'nothing',
  UNAUTHENTICATED: 'nothing',
  ORIGIN_REJECTED: 'nothing',
  HOST_REJECTED: 'nothing',
  SESSION_UNKNOWN: 'nothing',
  EVENTS_GONE: 'nothing',
  NOT_FOUND: 'nothing',
  METHOD_NOT_ALLOWED: 'nothing',
  MEDIA_TYPE_UNSUPPORTED: 'nothing',
  CALLER_TOO_SLOW: 'nothing',
  TOO_MANY_CALLS: 'nothing',
  // The instance asked, so it was there.
  QUESTION_FAILED: 'answer',
  UPSTREAM_ERROR: 'answer',
  UPSTREAM_UNREACHABLE: 'fault',
  UPSTREAM_TIMEOUT: 'fault',
  UPSTREAM_CLOSED: 'fault',
  UPSTREAM_MALFORMED: 'fault',
  // Where the status is one of the instance's own troubles; see `verdictOf`.
  UPSTREAM_STATUS: 'fault',
  UPSTREAM_BUSY: 'nothing',
  UPSTREAM_BREAKER_OPEN: 'nothing',
  // The instance that a process was needed for is not up, and others may be.
  PROCESS_LIMIT: 'nothing',
  TOOL_DOCUMENT_INVALID: 'nothing',
  EMBEDDER_FAILED: 'nothing',
  VECTOR_INVALID: 'nothing',
  INDEX_INVALID: 'nothing',
  INDEX_FULL: 'nothing',
  CANCELLED: 'nothing',
  CLOSED: 'nothing',
  TRANSPORT_UNKNOWN: 'nothing',
  CONFIG_INVALID: 'nothing',
  START_FAILED: 'nothing',
  SERVER_UNKNOWN: 'nothing',
  DOMAIN_UNSERVED: 'nothing',
  GATHER_FAILED: 'nothing',
  PACKAGE_MISSING: 'nothing',
  // What a transport does not name, like anything else that it throws.
  INTERNAL: 'fault',
};

/**
 * `deadlineMs`: that of the call, on the clock of `performance.now()`. A timeout after it has passed is the caller's impatience: a few callers who
 * wait for a millisecond must not make an instance look dead to everybody.
 */
export function verdictOf(error: unknown, deadlineMs?: number, nowMs: number = performance.now()): Verdict {
  if (!ToolyardError.is(error) || !Object.hasOwn(verdicts, error.code)) return 'fault';
  if (ToolyardError.is(error, 'UPSTREAM_STATUS')) return verdictOfStatus(error.facts.status);
  if (error.code === 'UPSTREAM_TIMEOUT' && deadlineMs !== undefined && nowMs >= deadlineMs) return 'nothing';
  return verdicts[error.code];
}

/** Whether it is the fault of the instance that a call failed with this. */
export function isInstanceFault(error: unknown): boolean {
  return verdictOf(error) === 'fault';
}

/** 429 says that it is busy, and any other refusal that it is there. */
function verdictOfStatus(status: number): Verdict {
  if (status >= 500) return 'fault';
  return status === 429 ? 'nothing' : 'answer';
}
