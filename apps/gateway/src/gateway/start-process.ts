import { createGuardian, startChild } from '@toolyard/transport-stdio';

import type { StartedProcess, StartingOptions } from './starting-transport.ts';

/** How long a process that serves a URL may take to end after SIGTERM. It is not asked by closing its stdin first: it does not read that. */
const termGraceMs = 2_000;
const maxLineChars = 8_192;

/** Starts processes in a clean environment, each in a group of its own that does not outlive this process. */
export function processStarter(environment: Readonly<Record<string, string | undefined>>): StartingOptions['start'] {
  const guardian = process.platform === 'win32' || process.pid === 1 ? undefined : createGuardian();
  return async (command, { upstream, onLog }): Promise<StartedProcess> => {
    const child = await startChild(command, { upstream, environment, guardian, stdinGraceMs: 0, termGraceMs, onLog });
    // What such a server prints is its log; it must be read, or the process would stand still.
    child.stdout.on('data', (chunk: Buffer) => {
      if (onLog === undefined) return;
      for (const line of chunk.toString('utf8').split('\n')) if (line !== '') onLog(line.slice(0, maxLineChars));
    });
    child.stdout.on('error', () => undefined);
    return child;
  };
}
