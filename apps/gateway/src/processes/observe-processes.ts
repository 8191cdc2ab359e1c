import type { Orchestrator } from '@toolyard/orchestrator';
import type { Configuration } from '@toolyard/registry';
import { type ProcessGovernor, processMemory } from '@toolyard/transport-stdio';

import type { Failures } from '../upstreams/failures.ts';
import { originOfServer } from '../upstreams/origin-of-server.ts';
import { type ProcessReport, reportProcesses } from './process-report.ts';

export interface ProcessSources {
  readonly version: string;
  /** As it is now. */
  configuration(): Pick<Configuration, 'servers'>;
  readonly orchestrator: Pick<Orchestrator, 'servers'>;
  readonly failures: Pick<Failures, 'of'>;
  readonly governor: Pick<ProcessGovernor, 'list'>;
}

/** Looks at all processes now. */
export async function observeProcesses({
  version,
  configuration,
  orchestrator,
  failures,
  governor,
}: ProcessSources): Promise<ProcessReport> {
  const live = governor.list();
  const memory = await processMemory(live.map(({ pid }) => pid));
  const origins = new Map(configuration().servers.map((server) => [server.id, originOfServer(server)]));
  return reportProcesses({
    version,
    servers: orchestrator.servers(),
    words: (id) => failures.of(id),
    origin: (id) => origins.get(id),
    live,
    memory,
    nowMs: Date.now(),
  });
}
