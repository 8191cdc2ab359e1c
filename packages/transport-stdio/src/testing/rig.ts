import { readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Call, CommandTarget } from '@toolyard/protocol';
import { createCall } from '@toolyard/protocol';

/** A script of `fixtures`, run by this very Node. */
export function fixture(
  name: 'legacy-server' | 'modern-server' | 'scripted-server',
  ...args: readonly string[]
): CommandTarget {
  return {
    command: process.execPath,
    args: [fileURLToPath(new URL(`fixtures/${name}.mjs`, import.meta.url)), ...args],
  };
}

export const client = { name: 'test', version: '1.0.0' };

export function toolCall(name: string, args: Record<string, unknown> = {}, more: Partial<Call> = {}): Call {
  return { ...createCall('tools/call', { params: { name, arguments: args } }), ...more };
}

/** Whether a process runs; one that is dead but not yet reaped by whoever inherited it does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  if (process.platform !== 'linux') return true;
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

/** Lines as they come, and a way to wait for one. */
export class Lines {
  readonly all: string[] = [];
  readonly #waiting = new Set<() => void>();

  readonly add = (line: string): void => {
    this.all.push(line);
    for (const look of this.#waiting) look();
  };

  /** Resolves with the first line that has `text` in it, one that came before included. */
  with(text: string): Promise<string> {
    return new Promise((resolve) => {
      const look = (): void => {
        const line = this.all.find((candidate) => candidate.includes(text));
        if (line === undefined) return;
        this.#waiting.delete(look);
        resolve(line);
      };
      this.#waiting.add(look);
      look();
    });
  }
}

/** Waits turn by turn of the event loop, without a timer of its own that would show among the resources. */
export async function until(condition: () => boolean): Promise<void> {
  const endMs = performance.now() + 5_000;
  while (!condition()) {
    if (performance.now() > endMs) throw new Error('waited too long');
    await setImmediate();
  }
}

/** The process behind something; throws where there is none, since signals to process 0 reach the whole group of the test. */
export function pidOf({ pid }: { readonly pid?: number | undefined }): number {
  if (pid === undefined || pid <= 0) throw new Error('there is no process');
  return pid;
}
