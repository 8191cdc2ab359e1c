import type { OrchestratorOptions } from '@toolyard/orchestrator';
import type { Configuration } from '@toolyard/registry';
import type { ProcessGovernorOptions } from '@toolyard/transport-stdio';

type Settings = Pick<Configuration, 'orchestration'>;

/** What of the settings is about processes. */
export function processBounds({ orchestration }: Settings): ProcessGovernorOptions {
  const { maxProcesses, maxProcessesPerServer, startConcurrency } = orchestration;
  return {
    ...(maxProcesses !== undefined && { maxProcesses }),
    ...(maxProcessesPerServer !== undefined && { maxProcessesPerServer }),
    ...(startConcurrency !== undefined && { maxConcurrentSpawns: startConcurrency }),
  };
}

/** What of the settings is the orchestrator's own. */
export function orchestratorSettings({ orchestration }: Settings): Partial<OrchestratorOptions> {
  const {
    pageSize,
    logLevel: _,
    forwardBaggage: _____,
    resourceCacheTtlMs: __,
    maxProcesses: ___,
    maxProcessesPerServer: ____,
    ...settings
  } = orchestration;
  return { ...settings, ...(pageSize === undefined ? {} : { limits: { pageSize } }) };
}
