import type { ServerEntry } from '../server-entry.ts';
import type { InstanceStatus } from '../status.ts';
import { createHistory } from './history.ts';
import type { Recycled } from './rules.ts';
import { idleOf, worstOf } from './rules.ts';

/** What is looked at of a server. */
export interface GovernedServer {
  readonly id: string;
  readonly entry: Pick<ServerEntry, 'instances' | 'restart'>;
  status(): { readonly instances: readonly InstanceStatus[] };
}

/** Resident memory in bytes by the process id of who leads a server's processes; those that are not known are missing. */
export type MemoryOf = (pids: readonly number[]) => Promise<ReadonlyMap<number, number>>;

export interface GovernOptions<S extends GovernedServer> {
  /** Asked anew each time. */
  readonly servers: () => readonly S[];
  readonly memoryOf: MemoryOf | undefined;
  /** Puts a new instance in the place of one. Resolves when that is done, or cannot be. */
  readonly recycle: (server: S, instance: number) => Promise<void>;
  /** Lets an instance go for good. */
  readonly retire: (server: S, instance: number) => Promise<void>;
  /** Hears of each before it is done. */
  readonly tell: (recycled: Recycled) => void;
  readonly now: () => number;
}

/** How often all are looked at. */
export const lookEveryMs = 5_000;
/** From the end of one replacement in a server to the next: one whose instances are over a bound as soon as they are up is not only busy with that. */
export const recycleGapMs = 30_000;

export interface Governing {
  /** To be called when servers came, went, or have other definitions. */
  follow(): void;
  close(): void;
}

/** Looks at the instances of all servers now and then, and replaces those over a bound of their definition, one at a time in each server. */
export function govern<S extends GovernedServer>(options: GovernOptions<S>): Governing {
  const { servers, now } = options;
  const history = createHistory();
  const busy = new Set<string>();
  const freeAtMs = new Map<string, number>();
  let over = false;
  let timer: NodeJS.Timeout | undefined;

  const look = async (): Promise<void> => {
    const governed = servers().filter(isGoverned);
    const memory = await memoryOfAll(governed, options.memoryOf);
    if (over) return;
    history.keep(governed.map(({ id }) => id));
    for (const id of freeAtMs.keys()) if (!governed.some((server) => server.id === id)) freeAtMs.delete(id);
    for (const server of governed) {
      const instances = history.look(server.id, server.status().instances, now());
      if (!busy.has(server.id)) void act(server, instances, memory);
    }
  };
  const act = async (
    server: S,
    instances: ReturnType<typeof history.look>,
    memory: ReadonlyMap<number, number>,
  ): Promise<void> => {
    const { id, entry } = server;
    const idle = idleOf(instances, entry.instances, now());
    const worst = now() >= (freeAtMs.get(id) ?? 0) ? worstOf(instances, entry.restart, memory, now()) : undefined;
    if (idle.length === 0 && worst === undefined) return;
    busy.add(id);
    try {
      for (const instance of idle) {
        options.tell({ server: id, instance, why: 'idle' });
        await options.retire(server, instance);
      }
      // An idle one is gone already, whatever its size.
      if (worst !== undefined && !idle.includes(worst.instance)) {
        options.tell({ server: id, ...worst });
        await options.recycle(server, worst.instance).finally(() => freeAtMs.set(id, now() + recycleGapMs));
      }
    } catch {
      // It was closed meanwhile; all else is in the state of the server, and tried again.
    } finally {
      busy.delete(id);
    }
  };
  /** While there is something to look at. */
  const lookLater = (): void => {
    if (over || timer !== undefined || !servers().some(isGoverned)) return;
    timer = setTimeout(() => {
      void look().finally(() => {
        timer = undefined;
        lookLater();
      });
    }, lookEveryMs);
    timer.unref();
  };
  lookLater();
  return {
    follow: lookLater,
    close() {
      over = true;
      clearTimeout(timer);
    },
  };
}

function isGoverned({ entry: { instances, restart } }: GovernedServer): boolean {
  return instances?.idleMs !== undefined || restart?.maxMemoryMb !== undefined || restart?.maxAgeMs !== undefined;
}

async function memoryOfAll(
  servers: readonly GovernedServer[],
  memoryOf: MemoryOf | undefined,
): Promise<ReadonlyMap<number, number>> {
  const pids = servers
    .filter(({ entry }) => entry.restart?.maxMemoryMb !== undefined)
    .flatMap((server) => server.status().instances.flatMap(({ peer }) => peer?.pid ?? []));
  if (memoryOf === undefined || pids.length === 0) return new Map();
  // What cannot be read this time can be the next time.
  return memoryOf(pids).catch(() => new Map());
}
