import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

const patienceMs = 5_000;

/**
 * Sees to it that a child does not outlive this process, whatever ends it but SIGKILL. `end` resolves when the child is gone. `last`: what the child gets where this process ends first;
 * SIGTERM for one that has children of its own to see to.
 */
export function endWithUs(child: ChildProcess, last: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): { end(): Promise<void> } {
  const leave = (): void => void child.kill(last);
  process.once('exit', leave);
  child.once('exit', () => process.off('exit', leave));
  return {
    async end() {
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** Makes SIGINT and SIGTERM end this process by way of its `exit` event. */
export function exitOnSignals(): void {
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
}
