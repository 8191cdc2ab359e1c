import { readdirSync, readFileSync } from 'node:fs';

/** CPU seconds a process has used so far, user and system; 0 where `/proc` is not there. */
export function cpuSeconds(pid: number): number {
  const fields = statFields(pid);
  // Clock ticks are 1/100 s on every Linux that Node supports (`getconf CLK_TCK`).
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / 100;
}

export interface Memory {
  /** Resident, of the process and of all that it started. */
  readonly mebibytes: number;
  readonly processes: number;
}

export function memoryOf(root: number): Memory {
  const parents = new Map<number, number>();
  for (const name of folders()) {
    if (/^\d+$/.test(name)) parents.set(Number(name), Number(statFields(Number(name))[1] ?? 0));
  }
  const belongs = (pid: number): boolean => {
    for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at))
      if (at === root) return true;
    return false;
  };
  const pids = [...parents.keys()].filter(belongs);
  const bytes = pids.reduce((sum, pid) => sum + residentBytes(pid), 0);
  return { mebibytes: bytes / 1_048_576, processes: pids.length };
}

function folders(): readonly string[] {
  try {
    return readdirSync('/proc');
  } catch {
    return [];
  }
}

/** From the state of the process on: what is before may contain spaces. */
function statFields(pid: number): readonly string[] {
  return read(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ') ?? [];
}

function residentBytes(pid: number): number {
  return Number(/^VmRSS: *\t* *(\d+) kB/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) * 1_024;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
