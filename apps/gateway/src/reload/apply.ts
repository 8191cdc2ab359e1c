import type { Orchestrator, ProfileView } from '@toolyard/orchestrator';
import { ToolyardError } from '@toolyard/protocol';
import type { ServerDefinition } from '@toolyard/registry';

import type { Logger } from '../log/logger.ts';
import type { Changes, ProfileChanges } from './changes.ts';

/** Makes the changes, all servers at once. Never rejects: each server's outcome is told in the log. */
export async function applyChanges(
  { added, changed, undeploy, atOnce, afterRestart }: Changes,
  orchestrator: Pick<Orchestrator, 'deploy' | 'undeploy'>,
  log: Logger,
): Promise<void> {
  if (atOnce.length > 0) log.info({ settings: atOnce }, `These hold from now on: ${atOnce.join(', ')}.`);
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
  const deploy = (servers: readonly ServerDefinition[], what: string): readonly Promise<void>[] =>
    servers.map(({ id, ...definition }) => told(id, what, () => orchestrator.deploy(id, definition)));
  await Promise.all([
    ...deploy(added, 'added'),
    ...deploy(changed, 'deployed anew'),
    ...undeploy.map((id) => told(id, 'undeployed', () => orchestrator.undeploy(id))),
  ]);
}

/** Makes the changes at once, and returns the views that are others now. */
export function applyProfiles(
  { added, changed, removed }: ProfileChanges,
  orchestrator: Pick<Orchestrator, 'setProfile' | 'removeProfile'>,
): readonly ProfileView[] {
  for (const name of removed) orchestrator.removeProfile(name);
  return [...added, ...changed].map((profile) => orchestrator.setProfile(profile));
}

export function logProfiles({ added, changed, removed }: ProfileChanges, log: Logger): void {
  const tell = (profile: string, what: string): void => log.info({ profile }, `The profile ${profile} was ${what}.`);
  for (const { name } of added) tell(name, 'added');
  for (const { name } of changed) tell(name, 'changed');
  for (const name of removed) tell(name, 'removed');
}
