import { spawnSync } from 'node:child_process';

const canPin = process.platform === 'linux' && spawnSync('taskset', ['-V']).status === 0;

/** The command that runs Node with `args` on one core, where the machine can pin; anywhere otherwise. */
export function onCore(core: number, args: readonly string[]): readonly [string, readonly string[]] {
  return canPin ? ['taskset', ['-c', String(core), process.execPath, ...args]] : [process.execPath, args];
}
