/** What Linux tells of processes under /proc. */
import { readdirSync, readFileSync } from 'node:fs';

export interface SeenProcess {
  readonly pid: number;
  readonly parent: number;
  /** `Z`: dead and not yet reaped. */
  readonly state: string;
}

export function allProcesses(): readonly SeenProcess[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    const stat = read(`/proc/${name}/stat`);
    // The name before may hold spaces and brackets itself (proc_pid_stat(5)).
    const [, state = '', parent = ''] = stat.slice(stat.lastIndexOf(')') + 1).split(' ');
    return stat === '' ? [] : [{ pid: Number(name), parent: Number(parent), state }];
  });
}

/** Those that live and have this in their environment, as all have whose parent had it. */
export function processesMarked(mark: string): readonly number[] {
  return allProcesses().flatMap(({ pid }) => (read(`/proc/${pid}/environ`).includes(mark) ? [pid] : []));
}

/** Children of this process that are dead and not yet reaped. */
export function zombies(): readonly number[] {
  return allProcesses().flatMap(({ pid, parent, state }) => (parent === process.pid && state === 'Z' ? [pid] : []));
}

/** Open files, pipes and sockets of this process. */
export function openFiles(): number {
  return readdirSync('/proc/self/fd').length;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    // It has ended meanwhile, or is somebody else's.
    return '';
  }
}
