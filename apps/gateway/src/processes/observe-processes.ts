import type { Orchestrator } from '@toolyard/orchestrator';
import { type ProcessGovernor, processMemory } from '@toolyard/transport-stdio';

import type { Failures } from '../upstreams/failures.ts';
import { type ProcessReport, reportProcesses } from './process-report.ts';

export interface ProcessSources {
  readonly version: string;
  readonly orchestrator: Pick<Orchestrator, 'servers'>;
  readonly failures: Pick<Failures, 'of'>;
  readonly governor: Pick<ProcessGovernor, 'list'>;
}

/** Looks at all processes now. */
export async function observeProcesses({
  version,
  orchestrator,
  failures,
  governor,
}: ProcessSources): Promise<ProcessReport> {
  const live = governor.list();
  const memory = await processMemory(live.map(({ pid }) => pid));
  const servers = orchestrator.servers();
  return reportProcesses({ version, servers, words: (id) => failures.of(id), live, memory, nowMs: Date.now() });
}
