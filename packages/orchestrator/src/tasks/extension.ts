import type { Caller } from '@toolyard/protocol';
import { ToolyardError } from '@toolyard/protocol';
import type { Upstream } from '../catalogue/upstream.ts';

/** The tasks extension (SEP-2663): a call may be answered with the id of a task, which is then asked about. */
export const tasksExtension = 'io.modelcontextprotocol/tasks';

/** Whether the caller takes a task for an answer, as it said in this very call. */
export function declaresTasks({ capabilities }: Caller): boolean {
  // `{}` is what most callers declare.
  return capabilities.bytes.length > 2 && capabilities.object('extensions')?.has(tasksExtension) === true;
}

/** Throws `CAPABILITY_REQUIRED` for a caller that asks about tasks and did not declare the extension (SEP-2663, errors). */
export function requireTasks(caller: Caller): void {
  if (declaresTasks(caller)) return;
  const requiredCapabilities = { extensions: { [tasksExtension]: {} } };
  throw new ToolyardError(
    'CAPABILITY_REQUIRED',
    { requiredCapabilities },
    `This needs the client capability ${tasksExtension}.`,
  );
}

/** Whether a server knows tasks; one that was never seen may. */
export function mayKnowTasks({ offer }: Pick<Upstream, 'offer'>): boolean {
  return offer === undefined || offer.discovery.capabilities.object('extensions')?.has(tasksExtension) === true;
}
