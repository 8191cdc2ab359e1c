import type { InstanceStatus, ServerStatus } from '@toolyard/orchestrator';
import type { LiveProcess } from '@toolyard/transport-stdio';

/** What `/processes` answers, and `ps` shows. Public: add members, never change them. */
export interface ProcessReport {
  readonly version: string;
  /** By server, in the order of the configuration. */
  readonly processes: readonly ProcessRow[];
}

/** An instance of a server, with its process where it has one here; or a process that belongs to no instance: one that is being tried, or is ending. */
export interface ProcessRow {
  readonly server: string;
  readonly instance?: number;
  readonly pid?: number;
  /** The program's name, without folder and arguments. */
  readonly command?: string;
  /** Of an instance of a server with URLs: scheme, host and port of the one that it has. */
  readonly url?: string;
  /** A process of which no instance has heard yet is `starting`. `ending`: it was asked to end, or its descendants are being ended. */
  readonly state: InstanceStatus['phase'] | 'ending';
  /** Since the process was started. */
  readonly ageMs?: number;
  /** Resident memory of the process and all that belongs to it; absent where it cannot be told. */
  readonly memoryBytes?: number;
  /** Calls that the instance was given so far. */
  readonly calls?: number;
  readonly inFlight?: number;
  /** Times that it was begun anew, connected or started, whether or not it came up. */
  readonly restarts?: number;
  /** Why it is not as it should be, as it was told here: with what a process wrote before it died. */
  readonly problem?: string;
  /** Until it is tried again. */
  readonly nextAttemptInMs?: number;
}

export interface Observed {
  readonly version: string;
  readonly servers: readonly Pick<ServerStatus, 'id' | 'instances'>[];
  /** More about why a server was lost, or could not be reached, than callers may know. */
  readonly words: (server: string) => string | undefined;
  /** Scheme, host and port of a server's one URL. */
  readonly origin: (server: string) => string | undefined;
  readonly live: readonly LiveProcess[];
  readonly memory: ReadonlyMap<number, number>;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
}

export function reportProcesses({ version, servers, words, origin, live, memory, nowMs }: Observed): ProcessReport {
  const left = new Map(live.map((process) => [process.pid, process]));
  const describe = (process: LiveProcess): Pick<ProcessRow, 'pid' | 'command' | 'ageMs' | 'memoryBytes'> => {
    const memoryBytes = memory.get(process.pid);
    return {
      pid: process.pid,
      command: process.command,
      ageMs: Math.max(0, nowMs - process.startedAtMs),
      ...(memoryBytes === undefined ? {} : { memoryBytes }),
    };
  };
  const ofInstance = (server: string, instance: InstanceStatus): ProcessRow => {
    const { number, phase, peer, url, calls, inFlight, attempts, reason, nextAttemptInMs } = instance;
    const process = peer?.pid === undefined ? undefined : left.get(peer.pid);
    if (process !== undefined) left.delete(process.pid);
    const place = url?.origin ?? origin(server);
    const counts = { calls, inFlight, restarts: Math.max(0, attempts - 1) };
    const problem =
      reason === undefined ? undefined : ((phase === 'down' ? words(server) : undefined) ?? reason.message);
    return {
      server,
      instance: number,
      ...(process && describe(process)),
      ...(place === undefined ? {} : { url: place }),
      state: phase,
      ...counts,
      ...(problem === undefined ? {} : { problem }),
      ...(nextAttemptInMs === undefined ? {} : { nextAttemptInMs }),
    };
  };
  const withoutInstance = (process: LiveProcess): ProcessRow => ({
    server: process.upstream,
    ...describe(process),
    // Who counts processes lets others start after a while: whether this one has answered, only an instance knows.
    state: process.state === 'ending' ? 'ending' : 'starting',
  });
  const ofInstances = servers.flatMap(({ id, instances }) => instances.map((instance) => ofInstance(id, instance)));
  const rows = [...ofInstances, ...[...left.values()].map(withoutInstance)];
  const order = new Map(servers.map(({ id }, at) => [id, at]));
  const placeOf = ({ server }: ProcessRow): number => order.get(server) ?? servers.length;
  return { version, processes: rows.toSorted((one, other) => placeOf(one) - placeOf(other)) };
}
