import { createGuardian, type ProcessGovernor, startChild } from '@toolyard/transport-stdio';

import type { StartedProcess, StartingOptions } from './starting-transport.ts';

/** How long a process that serves a URL may take to end after SIGTERM. It is not asked by closing its stdin first: it does not read that. */
const termGraceMs = 2_000;
const maxLineChars = 8_192;

/** Starts processes in a clean environment, each in a group of its own that does not outlive this process, as many as the governor lets. */
export function processStarter(
  environment: Readonly<Record<string, string | undefined>>,
  governor?: ProcessGovernor,
): StartingOptions['start'] {
  const guardian = process.platform === 'win32' || process.pid === 1 ? undefined : createGuardian();
  return async (command, options): Promise<StartedProcess> => {
    const { onLog } = options;
    const child = await startChild(command, {
      ...options,
      environment,
      guardian,
      governor,
      stdinGraceMs: 0,
      termGraceMs,
    });
    // What such a server prints is its log; it must be read, or the process would stand still.
    child.stdout.on('data', (chunk: Buffer) => {
      if (onLog === undefined) return;
      for (const line of chunk.toString('utf8').split('\n')) if (line !== '') onLog(line.slice(0, maxLineChars));
    });
    child.stdout.on('error', () => undefined);
    return child;
  };
}
