import { ToolyardError } from '../../errors/toolyard-error.ts';
import { upstreamCode } from '../channel/upstream-error.ts';

const headerMismatch = -32020;
const missingCapability = -32021;
const versionUnsupported = -32022;

/**
 * What a caller is told where a server of 2026-07-28 answered with an error. Most pass verbatim; three speak of the hop between us and the server
 * and would mislead whoever is on another hop: the capabilities that are missing are named anew, a quarrel about headers or revisions is ours alone.
 */
export function translateHopError(error: unknown, upstream: string): Error {
  if (!ToolyardError.is(error, 'UPSTREAM_ERROR')) return error instanceof Error ? error : new Error(String(error));
  switch (upstreamCode(error)) {
    case missingCapability: {
      const required = error.facts.error.object('data')?.object('requiredCapabilities')?.value;
      const requiredCapabilities = isRecord(required) ? required : {};
      return new ToolyardError('CAPABILITY_REQUIRED', { requiredCapabilities }, error.message, { cause: error });
    }
    case headerMismatch:
    case versionUnsupported: {
      const reason = 'the request was refused for its revision or its headers';
      return new ToolyardError(
        'UPSTREAM_MALFORMED',
        { upstream, reason },
        `${upstream} does not take our requests: ${error.message}`,
        { cause: error },
      );
    }
    default:
      return error;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
