import type { Call, ErrorCode } from '@toolyard/protocol';
import { readMethods, ToolyardError } from '@toolyard/protocol';

/** Codes that say, as the table of errors has it, that the call was not sent. */
const unsent: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'UPSTREAM_UNREACHABLE',
  'UPSTREAM_BUSY',
  'UPSTREAM_BREAKER_OPEN',
]);

/** Codes of calls that may have been taken, and might end better the next time. What is malformed would be so again. */
const passing: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['UPSTREAM_CLOSED', 'UPSTREAM_TIMEOUT', 'CLOSED']);
const passingStatuses: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

/** Whether a tool, by the name that its server knows it by, was marked by the operator as safe to call twice. What a server says of itself is a hint that nobody checked. */
export type IsIdempotent = (tool: string) => boolean;

/**
 * Whether a call that failed may be made again: if it never left; else if it only reads, or calls a tool that the operator marked, and failed in a way that passes.
 *
 * Never one that answers a question: what it carries is good for one instance, and there once. That a caller has been told something already does not matter,
 * since only subscriptions are told anything but progress and log messages, and they are no reads.
 */
export function mayRetry(call: Call, error: unknown, isIdempotent: IsIdempotent): boolean {
  if (!ToolyardError.is(error)) return false;
  if (!unsent.has(error.code) && !(mayPass(error) && isHarmless(call, isIdempotent))) return false;
  return !answersQuestion(call);
}

/** Whether nothing but load comes of making this call twice, at the same time even. */
export function isRepeatableRead(call: Call): boolean {
  return readMethods.has(call.method) && !answersQuestion(call);
}

function mayPass(error: ToolyardError): boolean {
  if (ToolyardError.is(error, 'UPSTREAM_STATUS')) return passingStatuses.has(error.facts.status);
  return passing.has(error.code);
}

function isHarmless({ method, params }: Call, isIdempotent: IsIdempotent): boolean {
  if (method !== 'tools/call') return readMethods.has(method);
  const tool = params.string('name');
  return tool !== undefined && isIdempotent(tool);
}

function answersQuestion({ params }: Call): boolean {
  return params.has('requestState') || params.has('inputResponses');
}
