import { ToolyardError } from '@toolyard/protocol';

/** Short, since a collection of garbage may fall into it. */
const longestHoldMs = 1;

/** Keeps long work from holding the event loop. */
export interface Slices {
  /** The loop was held for a millisecond. */
  due(): boolean;
  /** Lets others have their turn when it is due. Rejects with `CANCELLED` when the signal is aborted. */
  rest(): Promise<void>;
}

export function createSlices(signal: AbortSignal | undefined): Slices {
  let since = performance.now();
  const due = (): boolean => performance.now() - since >= longestHoldMs;
  return {
    due,
    async rest() {
      throwIfCancelled(signal);
      if (!due()) return;
      await new Promise((resolve) => setImmediate(resolve));
      throwIfCancelled(signal);
      since = performance.now();
    },
  };
}

export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new ToolyardError('CANCELLED', {}, 'The caller cancelled.', { cause: signal.reason });
}
