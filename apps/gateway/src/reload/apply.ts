import type { Orchestrator } from '@toolyard/orchestrator';
import { ToolyardError } from '@toolyard/protocol';

import type { Logger } from '../log/logger.ts';
import type { Changes } from './changes.ts';

/** Makes the changes, all servers at once. Never rejects: each server's outcome is told in the log. */
export async function applyChanges(
  { deploy, undeploy, afterRestart }: Changes,
  orchestrator: Pick<Orchestrator, 'deploy' | 'undeploy'>,
  log: Logger,
): Promise<void> {
  if (afterRestart.length > 0)
    log.warn({ settings: afterRestart }, `These take effect after a restart: ${afterRestart.join(', ')}.`);
  const told = async (server: string, what: string, change: () => Promise<unknown>): Promise<void> => {
    try {
      await change();
      log.info({ server }, `${server} was ${what}.`);
    } catch (error) {
      if (ToolyardError.is(error, 'CLOSED')) return;
      log.error({ server, err: error }, `${server} could not be ${what}.`);
    }
  };
  await Promise.all([
    ...deploy.map(({ id, ...definition }) => told(id, 'deployed anew', () => orchestrator.deploy(id, definition))),
    ...undeploy.map((id) => told(id, 'undeployed', () => orchestrator.undeploy(id))),
  ]);
}
