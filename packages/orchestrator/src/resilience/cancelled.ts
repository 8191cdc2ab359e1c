import { ToolyardError } from '@toolyard/protocol';

/** What a call rejects with once its signal has aborted. `cause`: what went before, where that says more than the signal. */
export function cancelled(signal: AbortSignal, cause: unknown = signal.reason): ToolyardError<'CANCELLED'> {
  return new ToolyardError('CANCELLED', {}, 'The call was cancelled.', { cause });
}
