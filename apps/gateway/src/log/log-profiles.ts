import type { ProfileView } from '@toolyard/orchestrator';

import type { Logger } from './logger.ts';

/** Tells what of the profiles does not fit what the servers offer. */
export function logProfileProblems(views: Iterable<ProfileView>, log: Logger): void {
  for (const view of views) {
    const profile = view.profile.name;
    for (const { tool, reason } of view.problems())
      log.warn({ profile, tool }, `profile ${profile}, ${tool}: ${reason}`);
  }
}
