import { ToolyardError } from '@toolyard/protocol';
import type { ErrorCode, ErrorFacts } from '@toolyard/protocol';
import type { Failure } from '../status.ts';
import { errorCode } from './server-errors.ts';

/** Says what went wrong in words that may be shown: made of the code and its facts, never of a message. */
export function describeFailure(error: unknown): Failure {
  if (!ToolyardError.is(error)) return { code: 'INTERNAL', message: 'The transport failed in a way it does not name.' };
  return { code: error.code, message: sentence(error) };
}

type Sentences = { readonly [C in ErrorCode]?: (facts: ErrorFacts[C]) => string };

const sentences: Sentences = {
  UPSTREAM_UNREACHABLE: ({ exit }) =>
    exit === undefined ? 'It cannot be reached.' : `It ${exit} while it was started.`,
  UPSTREAM_TIMEOUT: ({ method, afterMs }) => `It did not answer ${method} within ${Math.round(afterMs)} ms.`,
  UPSTREAM_CLOSED: ({ exit }) => (exit === undefined ? 'It went away.' : `It ${exit}.`),
  UPSTREAM_MALFORMED: () => 'It answered with something that is not MCP.',
  UPSTREAM_STATUS: ({ status }) => `It answered with HTTP status ${status}.`,
  UPSTREAM_BUSY: ({ limit }) => `It has ${limit} calls in flight.`,
  UPSTREAM_BREAKER_OPEN: () => 'It failed too often of late.',
  PROCESS_LIMIT: ({ limit }) => `It needs a process, and ${limit} run, as many as may.`,
  UPSTREAM_ERROR: ({ error }) => `It answered with the JSON-RPC error ${errorCode(error) ?? 'without a code'}.`,
  TRANSPORT_UNKNOWN: ({ known }) => `No transport takes its target. Known: ${known.join(', ')}.`,
  MESSAGE_TOO_LARGE: ({ limitBytes }) => `It sent a message longer than ${limitBytes} bytes.`,
};

function sentence<C extends ErrorCode>(error: ToolyardError<C>): string {
  return sentences[error.code]?.(error.facts) ?? 'It failed.';
}
