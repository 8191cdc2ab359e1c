import { expectedNumber, isNumberOf, millisecondsFrom, ToolyardError } from '@toolyard/protocol';
import type { DrainOptions, ServerRequest } from './operations.ts';

const drain = millisecondsFrom(0, { max: 86_400_000, endless: true });

/** How long calls in flight may take to finish. Throws `INVALID_PARAMS` for what is no time. */
export function drainOf({ drainMs = 30_000 }: DrainOptions): number {
  if (isNumberOf(drainMs, drain)) return drainMs;
  throw invalid(`"drainMs" is ${expectedNumber(drain)}, not ${String(drainMs)}.`);
}

/** Throws `INVALID_PARAMS` for a request that cannot be one. */
export function checkRequest(request: unknown): asserts request is ServerRequest {
  if (typeof request !== 'object' || request === null) throw invalid('A request is an object with a "method".');
  const method = 'method' in request ? request.method : undefined;
  if (typeof method !== 'string' || method === '')
    throw invalid('The "method" of a request is a text, such as "tools/call".');
  const params = 'params' in request ? request.params : undefined;
  if (params !== undefined && (typeof params !== 'object' || params === null || Array.isArray(params)))
    throw invalid('The "params" of a request are an object.');
  const deadlineMs = 'deadlineMs' in request ? request.deadlineMs : undefined;
  if (deadlineMs !== undefined && (typeof deadlineMs !== 'number' || Number.isNaN(deadlineMs)))
    throw invalid('The "deadlineMs" of a request is a point in time of performance.now().');
}

function invalid(reason: string): ToolyardError<'INVALID_PARAMS'> {
  return new ToolyardError('INVALID_PARAMS', { reason }, reason);
}
