import type { AdjustableOptions, OrchestratorOptions } from '@toolyard/orchestrator';
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
  const { naming, failFast } = orchestration;
  return {
    ...adjustableSettings({ orchestration }),
    ...(naming !== undefined && { naming }),
    ...(failFast !== undefined && { failFast }),
  };
}

/** What of that may be another while it runs. */
export function adjustableSettings({ orchestration }: Settings): AdjustableOptions {
  const {
    startConcurrency,
    connectTimeoutMs,
    probeIntervalMs,
    timeoutMs,
    maxTimeoutMs,
    maxRetries,
    backoff,
    pageSize,
  } = orchestration;
  return {
    ...(startConcurrency !== undefined && { startConcurrency }),
    ...(connectTimeoutMs !== undefined && { connectTimeoutMs }),
    ...(probeIntervalMs !== undefined && { probeIntervalMs }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(maxTimeoutMs !== undefined && { maxTimeoutMs }),
    ...(maxRetries !== undefined && { maxRetries }),
    ...(backoff !== undefined && { backoff }),
    ...(pageSize !== undefined && { limits: { pageSize } }),
  };
}
