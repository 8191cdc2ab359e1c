import type { Orchestrator } from '@toolyard/orchestrator';
import type { Transport } from '@toolyard/protocol';
import type { Configuration } from '@toolyard/registry';
import type { ProcessGovernor } from '@toolyard/transport-stdio';

import type { GatewayCache } from '../cache/gateway-cache.ts';
import { logProfileProblems } from '../log/log-profiles.ts';
import type { Logger } from '../log/logger.ts';
import { checkServed, type ServedProfiles, servedProfiles } from '../profiles/profiles.ts';
import { checkTransports } from '../upstreams/check-transports.ts';
import { adjustableSettings, processBounds } from '../upstreams/settings.ts';
import { applyChanges, applyProfiles, logProfiles } from './apply.ts';
import { areNone, changesBetween, profileChanges } from './changes.ts';

export interface TakeOverOptions {
  /** What it runs with. */
  readonly before: Configuration;
  readonly next: Configuration;
  readonly toServers: readonly Transport[];
  readonly orchestrator: Orchestrator;
  readonly governor: Pick<ProcessGovernor, 'configure'>;
  readonly cache: Pick<GatewayCache, 'prepare'>;
  readonly served: ServedProfiles;
  readonly log: Logger;
  /** Nothing is wrong with it: it is what holds from now on. Called before anything else is changed. */
  begin(): void;
  /** The profiles are those of `next` now. */
  showProfiles(): void;
}

/**
 * Goes on with another configuration; throws `CONFIG_INVALID`, and changes nothing, where it cannot run with it. Servers come up, and end their calls, behind its back, so
 * that neither keeps the next change waiting; each one's outcome is in the log.
 */
export function takeOver({ before, next, orchestrator, served, log, ...parts }: TakeOverOptions): void {
  checkTransports(next.servers, parts.toServers);
  checkServed(next, served, ', with which this gateway was started (--profile)');
  const takeCache = parts.cache.prepare(next);
  const views = profileChanges(servedProfiles(before.profiles, served), servedProfiles(next.profiles, served));

  parts.begin();
  takeCache();
  parts.governor.configure(processBounds(next));
  orchestrator.configure(adjustableSettings(next));
  const others = applyProfiles(views, orchestrator);
  parts.showProfiles();
  const changes = changesBetween(before, next);
  const profiles = profileChanges(before.profiles, next.profiles);
  if (areNone(changes, profiles) && before.orchestration.logLevel === next.orchestration.logLevel)
    log.info('The configuration was read again: it says what it said before.');
  logProfiles(profiles, log);
  void applyChanges(changes, orchestrator, log).then(() => logProfileProblems(others, log));
}
