import { ToolyardError } from '../../errors/toolyard-error.ts';
import type { HttpFailure } from './http-exchange.ts';

/** An HTTP status that stands for itself, because no JSON-RPC error came with it. */
export function statusError(upstream: string, status: number): ToolyardError<'UPSTREAM_STATUS'> {
  const what =
    status >= 300 && status < 400 ? 'sends us elsewhere, and redirects are not followed' : 'refused the request';
  return new ToolyardError('UPSTREAM_STATUS', { upstream, status }, `${upstream} ${what} (HTTP status ${status}).`);
}

export function malformedError(upstream: string, reason: string, cause?: unknown): ToolyardError<'UPSTREAM_MALFORMED'> {
  return new ToolyardError(
    'UPSTREAM_MALFORMED',
    { upstream, reason },
    `${upstream} sent something that is no answer: ${reason}.`,
    { cause },
  );
}

/** What became of an exchange that failed, as it is thrown. */
export function failureError(upstream: string, failure: HttpFailure, cause: Error): ToolyardError {
  switch (failure) {
    case 'unreachable':
      return new ToolyardError(
        'UPSTREAM_UNREACHABLE',
        { upstream },
        `${upstream} cannot be reached: ${cause.message}.`,
        { cause },
      );
    case 'closed':
      return new ToolyardError(
        'UPSTREAM_CLOSED',
        { upstream },
        `${upstream} broke the connection before it answered.`,
        { cause },
      );
    case 'malformed':
    case 'too-large':
      return malformedError(upstream, cause.message, cause);
  }
}
