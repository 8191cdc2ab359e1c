import type { InstanceStatus } from '../status.ts';

/** An instance that is up, with what can be seen only by looking at it more than once. */
export interface SeenInstance {
  readonly instance: number;
  readonly pid: number | undefined;
  /** `InstanceUrl.number` */
  readonly url: number | undefined;
  /** When it was seen for the first time since it was connected. */
  readonly upSinceMs: number;
  /** When it was seen with a call for the last time, or else for the first time. */
  readonly quietSinceMs: number;
}

/** What was seen of instances before. */
export interface History {
  /** Those that are up of all that a server has, which is what is remembered of it from then on. */
  look(server: string, instances: readonly InstanceStatus[], nowMs: number): readonly SeenInstance[];
  /** Forgets all other servers. */
  keep(servers: readonly string[]): void;
}

interface Memory extends SeenInstance {
  readonly calls: number;
  readonly connects: number;
}

export function createHistory(): History {
  const known = new Map<string, ReadonlyMap<number, Memory>>();
  return {
    look(server, instances, nowMs) {
      const before = known.get(server);
      const up = instances.filter(({ phase }) => phase === 'up');
      const seen = up.map((status) => seenAgain(status, before?.get(status.number), nowMs));
      known.set(server, new Map(seen.map((memory) => [memory.instance, memory])));
      return seen;
    },
    keep(servers) {
      const kept = new Set(servers);
      for (const server of known.keys()) if (!kept.has(server)) known.delete(server);
    },
  };
}

function seenAgain(
  { number, peer, url, calls, connects, inFlight }: InstanceStatus,
  before: Memory | undefined,
  nowMs: number,
): Memory {
  const now = { instance: number, pid: peer?.pid, url: url?.number, calls, connects };
  if (before?.connects !== connects) return { ...now, upSinceMs: nowMs, quietSinceMs: nowMs };
  const isQuiet = inFlight === 0 && calls === before.calls;
  return { ...now, upSinceMs: before.upSinceMs, quietSinceMs: isQuiet ? before.quietSinceMs : nowMs };
}
