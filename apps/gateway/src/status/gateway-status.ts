import type { Orchestrator } from '@toolyard/orchestrator';
import type { Configuration } from '@toolyard/registry';

import { describeProfile, viewsOf } from '../profiles/profiles.ts';
import type { Failures } from '../upstreams/failures.ts';
import { version } from '../version.ts';
import { describeServer } from './server-status.ts';
import { type GatewayStatus, overall } from './status.ts';

export interface StatusSources {
  readonly orchestrator: Pick<Orchestrator, 'servers' | 'views'>;
  readonly failures: Failures;
  /** As it is now. */
  configuration(): Configuration;
  readonly state: { readonly stopping: boolean; readonly endpoint: string | undefined };
}

/** `detailed`: with words about failures that are for who runs the gateway only. */
export function gatewayStatus(
  { orchestrator, failures, configuration, state: { stopping, endpoint } }: StatusSources,
  detailed: boolean,
): GatewayStatus {
  const { profiles: wanted } = configuration();
  const servers = orchestrator
    .servers()
    .map((server) => describeServer(server, detailed ? failures.of(server.id) : undefined));
  const profiles = viewsOf(wanted, orchestrator).map((view) => describeProfile(view, endpoint));
  return {
    status: overall(servers, stopping),
    version,
    ...(endpoint === undefined ? {} : { endpoint }),
    servers,
    ...(profiles.length === 0 ? {} : { profiles }),
  };
}
