import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/**
 * Resident memory in bytes of processes with all that is in their groups, by the process id of the leader. Memory that processes share is counted for each of
 * them. Those that are gone are missing; on Windows all are.
 */
export async function processMemory(leaders: readonly number[]): Promise<ReadonlyMap<number, number>> {
  if (leaders.length === 0 || process.platform === 'win32') return new Map();
  const wanted = new Set(leaders);
  return sum(process.platform === 'linux' ? await readProc(wanted) : await askPs(wanted));
}

interface Member {
  readonly group: number;
  readonly kib: number;
}

function sum(members: readonly Member[]): ReadonlyMap<number, number> {
  const bytes = new Map<number, number>();
  for (const { group, kib } of members) bytes.set(group, (bytes.get(group) ?? 0) + kib * 1024);
  return bytes;
}

/** So many files are read at once. */
const atOnce = 32;

async function readProc(wanted: ReadonlySet<number>): Promise<readonly Member[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const members: Member[] = [];
  const reader = async (): Promise<void> => {
    for (let id = ids.pop(); id !== undefined; id = ids.pop()) {
      const group = groupOf(await readFile(`/proc/${id}/stat`, 'latin1').catch(() => ''));
      if (group === undefined || !wanted.has(group)) continue;
      const status = await readFile(`/proc/${id}/status`, 'latin1').catch(() => '');
      // A zombie has none.
      const resident = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
      if (resident !== undefined) members.push({ group, kib: Number(resident) });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, reader));
  return members;
}

/** The third field after the name, which may itself hold spaces and brackets (proc_pid_stat(5)). */
function groupOf(stat: string): number | undefined {
  const group = stat.slice(stat.lastIndexOf(')') + 1).split(' ')[3];
  return group === undefined ? undefined : Number(group);
}

async function askPs(wanted: ReadonlySet<number>): Promise<readonly Member[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pgid=,rss='], { maxBuffer: 16 * 1_048_576 });
  return stdout.split('\n').flatMap((line) => {
    const [group = NaN, kib = 0] = line.trim().split(/\s+/).map(Number);
    return wanted.has(group) ? [{ group, kib }] : [];
  });
}
