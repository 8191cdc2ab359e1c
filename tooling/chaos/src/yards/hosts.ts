import { setTimeout as pause } from 'node:timers/promises';
import { type Host, startHost, type UpstreamOptions } from '../upstreams.ts';
import { specs } from './specs.ts';
import type { Mischief } from './yard.ts';

export interface Hosts extends AsyncDisposable {
  readonly byId: ReadonlyMap<string, Host>;
}

/** Those servers that the gateway does not start itself. */
export async function startHosts(options: UpstreamOptions): Promise<Hosts> {
  await using stack = new AsyncDisposableStack();
  const byId = new Map<string, Host>();
  for (const spec of specs) if (spec.wire !== 'stdio') byId.set(spec.id, stack.use(await startHost(spec, options)));
  const owned = stack.move();
  return { byId, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** What befalls processes of servers. */
export function processMischief(pidsOf: (server: string) => readonly number[]): readonly Mischief[] {
  const kill: Mischief = {
    kind: 'kill',
    harmless: false,
    act(server) {
      for (const pid of pidsOf(server).slice(0, 1)) send(pid, 'SIGKILL');
    },
  };
  const freeze: Mischief = {
    kind: 'freeze',
    harmless: false,
    async act(server, random) {
      const [pid] = pidsOf(server);
      if (pid === undefined) return;
      send(pid, 'SIGSTOP');
      await pause(random.whole(100, 3_000));
      send(pid, 'SIGCONT');
    },
  };
  return [kill, kill, kill, freeze, freeze];
}

/** It may have ended meanwhile. */
function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
