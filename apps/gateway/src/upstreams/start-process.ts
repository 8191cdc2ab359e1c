import { createGuardian, type ProcessGovernor, readLog, startChild } from '@toolyard/transport-stdio';

import type { StartedProcess, StartingOptions } from './starting-transport.ts';

/** How long a process that serves a URL may take to end after SIGTERM. It is not asked by closing its stdin first: it does not read that. */
const termGraceMs = 2_000;

/** Starts processes in a clean environment, each in a group of its own that does not outlive this process, as many as the governor lets. */
export function processStarter(
  environment: Readonly<Record<string, string | undefined>>,
  governor?: ProcessGovernor,
): StartingOptions['start'] {
  const guardian = process.platform === 'win32' || process.pid === 1 ? undefined : createGuardian();
  return async (command, options): Promise<StartedProcess> => {
    const child = await startChild(command, {
      ...options,
      environment,
      guardian,
      governor,
      stdinGraceMs: 0,
      termGraceMs,
    });
    // What such a server prints is its log; it must be read, or the process would stand still.
    readLog(child.stdout, { name: 'stdout', onLine: options.onLog });
    return child;
  };
}
