import { ToolyardError } from '@toolyard/protocol';

import { CommandFailure, exitCodes } from '../cli/exit-codes.ts';
import type { Surroundings } from '../cli/surroundings.ts';
import { callFailure } from './failure.ts';

/** Work that the first SIGINT or SIGTERM cancels; at the second, the process ends at once. What goes wrong is told in one sentence. */
export async function interruptible<T>(
  surroundings: Surroundings,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const stopListening = surroundings.onSignal(() => {
    if (controller.signal.aborted) surroundings.exit(exitCodes.interrupted);
    controller.abort(new ToolyardError('CANCELLED', {}, 'Interrupted.'));
  });
  try {
    return await work(controller.signal);
  } catch (error) {
    if (controller.signal.aborted) throw new CommandFailure(exitCodes.interrupted, 'Cancelled.', { cause: error });
    throw callFailure(error);
  } finally {
    stopListening();
  }
}
