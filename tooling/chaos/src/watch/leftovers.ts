import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** What a process holds at one moment, by kind. */
export interface Holdings {
  readonly resources: Readonly<Record<string, number>>;
  /** `undefined` where there is no `/proc`. */
  readonly sockets: number | undefined;
  readonly children: readonly number[];
}

/** Timers, handles, sockets and children of this process. */
export function holdings(): Holdings {
  const resources: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1;
  return { resources, sockets: openSockets(), children: children() };
}

function openSockets(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').filter((fd) => isSocket(fd)).length;
  } catch {
    return undefined;
  }
}

function isSocket(fd: string): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:');
  } catch {
    return false;
  }
}

function children(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && parentOf(name) === process.pid)
      .map(Number);
  } catch {
    return [];
  }
}

function parentOf(pid: string): number | undefined {
  try {
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[1]);
  } catch {
    return undefined;
  }
}

/** What there is more of than before, in words. */
export function growth(before: Holdings, after: Holdings): readonly string[] {
  const more = Object.entries(after.resources)
    .filter(([kind, count]) => count > (before.resources[kind] ?? 0))
    .map(([kind, count]) => `${kind}: ${before.resources[kind] ?? 0} → ${count}`);
  if ((after.sockets ?? 0) > (before.sockets ?? 0)) more.push(`sockets: ${before.sockets} → ${after.sockets}`);
  const orphans = after.children.filter((pid) => !before.children.includes(pid));
  if (orphans.length > 0) more.push(`processes: ${orphans.join(', ')}`);
  return more;
}
