import { ToolyardError } from '../../errors/toolyard-error.ts';
import type { RawObject } from '../../wire/raw-object.ts';

/** The JSON-RPC error that a server answered with, as it is thrown: the object travels verbatim. */
export function upstreamError(upstream: string, error: RawObject): ToolyardError<'UPSTREAM_ERROR'> {
  return new ToolyardError(
    'UPSTREAM_ERROR',
    { upstream, error },
    error.string('message') ?? 'The server answered with an error.',
  );
}

/** The JSON-RPC code in an error that came from a server; `undefined` for any other error. */
export function upstreamCode(error: unknown): number | undefined {
  if (!ToolyardError.is(error, 'UPSTREAM_ERROR')) return undefined;
  const code = error.facts.error.member('code')?.value;
  return typeof code === 'number' ? code : undefined;
}
