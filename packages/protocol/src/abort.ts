import { ToolyardError } from './errors/toolyard-error.ts';

/** Runs `act` when the signal aborts, at once if it has already. Call what it returns when that no longer matters: nothing stays on the signal. */
export function onAbort(signal: AbortSignal, act: () => void): () => void {
  if (signal.aborted) {
    act();
    return () => {};
  }
  signal.addEventListener('abort', act, { once: true });
  return () => signal.removeEventListener('abort', act);
}

/** What a call rejects with once its signal has aborted. */
export function cancelled(signal: AbortSignal): ToolyardError<'CANCELLED'> {
  return new ToolyardError('CANCELLED', {}, 'The call was cancelled.', { cause: signal.reason });
}
