import { readdirSync, readFileSync } from 'node:fs';

/** Those that live and have this in their environment. For Linux. */
export function processesWith(variable: string): readonly number[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    const stat = read(`/proc/${name}/stat`);
    const state = stat.slice(stat.lastIndexOf(')') + 2)[0];
    return state !== 'Z' && read(`/proc/${name}/environ`).includes(variable) ? [Number(name)] : [];
  });
}

/** What is resident, in MB. */
export function residentMb(pid: number): number {
  const [, kilobytes = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`)) ?? [];
  return Number(kilobytes) / 1_024;
}

export function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    // It has ended meanwhile, or is somebody else's.
    return '';
  }
}
