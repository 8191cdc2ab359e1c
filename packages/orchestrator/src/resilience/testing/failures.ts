import type { ErrorCode } from '@toolyard/protocol';
import { RawObject, ToolyardError } from '@toolyard/protocol';

export const unreachable = (): ToolyardError => new ToolyardError('UPSTREAM_UNREACHABLE', { upstream: 'a' }, 'No.');
export const gone = (): ToolyardError => new ToolyardError('UPSTREAM_CLOSED', { upstream: 'a' }, 'Gone.');
export const timedOut = (): ToolyardError =>
  new ToolyardError('UPSTREAM_TIMEOUT', { upstream: 'a', method: 'tools/call', afterMs: 5 }, 'Late.');
export const status = (code: number): ToolyardError =>
  new ToolyardError('UPSTREAM_STATUS', { upstream: 'a', status: code }, 'Status.');
export const busy = (retryInMs?: number): ToolyardError =>
  new ToolyardError(
    'UPSTREAM_BUSY',
    { upstream: 'a', limit: 1, ...(retryInMs !== undefined && { retryInMs }) },
    'Busy.',
  );
export const breakerOpen = (retryInMs: number): ToolyardError =>
  new ToolyardError('UPSTREAM_BREAKER_OPEN', { upstream: 'a', retryInMs }, 'Open.');
export const cancelledByCaller = (): ToolyardError => new ToolyardError('CANCELLED', {}, 'Cancelled.');

/** What a server answers that says no. */
export const refused = (): ToolyardError =>
  new ToolyardError('UPSTREAM_ERROR', { upstream: 'a', error: RawObject.of({ code: 1, message: 'no' }) }, 'No.');

/** An error of any code, for what looks at the code before the facts. */
export const withCode = (code: ErrorCode, facts: Record<string, unknown> = {}): ToolyardError =>
  Object.assign(new ToolyardError('INTERNAL', {}, 'Any.'), { code, facts });
