import type { Call } from '../../../../call.ts';
import { ToolyardError } from '../../../../errors/toolyard-error.ts';
import { readMethods } from '../../../../read-methods.ts';

/** Causes that are followed; ours are three deep. */
const maxCauses = 8;

/** What a call fails with that the server refused because it has forgotten the session: nothing of it was done. */
export function sessionForgotten(upstream: string): ToolyardError<'UPSTREAM_CLOSED'> {
  const cause = new ToolyardError('SESSION_UNKNOWN', {}, 'The server does not know the session.');
  return new ToolyardError('UPSTREAM_CLOSED', { upstream }, `${upstream} has forgotten the session.`, { cause });
}

/** What all other calls of such a session fail with: nobody knows what became of them. */
export function sessionLost(forgotten: ToolyardError<'UPSTREAM_CLOSED'>): ToolyardError<'UPSTREAM_CLOSED'> {
  return new ToolyardError('UPSTREAM_CLOSED', forgotten.facts, forgotten.message, { cause: forgotten });
}

/** Whether this is about a server that is there and has only forgotten the session (spec 2025-11-25: basic/transports, session management). */
export function wasForgotten(error: unknown): boolean {
  let cause = error;
  for (let depth = 0; depth < maxCauses && cause instanceof Error; depth++) {
    if (ToolyardError.is(cause, 'SESSION_UNKNOWN')) return true;
    cause = cause.cause;
  }
  return false;
}

/** Whether a call that failed with its session may be made again in another: what was refused, and what is safe to repeat. */
export function mayRepeat({ method }: Call, error: unknown): boolean {
  if (!ToolyardError.is(error, 'UPSTREAM_CLOSED')) return false;
  return ToolyardError.is(error.cause, 'SESSION_UNKNOWN') || readMethods.has(method);
}
