import { setTimeout as pause } from 'node:timers/promises';
import type { Ledger } from './ledger.ts';
import type { Random } from './random.ts';
import type { JumpingClock } from './watch/clock.ts';
import { pidsOf, specs, type Yard } from './yard.ts';

const hourMs = 3_600_000;

/** What happens to servers and clocks beside the calls, until it is told to stop. Resolves when all that was frozen goes on. */
export async function makeMischief(
  yard: Yard,
  { random, ledger, clock, signal }: { random: Random; ledger: Ledger; clock: JumpingClock; signal: AbortSignal },
): Promise<void> {
  const pending = new Set<Promise<unknown>>();
  const later = (work: Promise<unknown>): void => {
    const done: Promise<unknown> = work.catch(() => undefined).finally(() => pending.delete(done));
    pending.add(done);
  };
  while (!signal.aborted) {
    await pause(random.whole(500, 4_000), undefined, { signal }).catch(() => undefined);
    if (signal.aborted) break;
    const { id } = random.pick(specs);
    const pids = pidsOf(yard, id);
    const kind = random.pick(['kill', 'kill', 'kill', 'freeze', 'freeze', 'clock', 'restart', 'scale'] as const);
    ledger.fault(kind);
    if (kind === 'kill') for (const pid of pids.slice(0, 1)) send(pid, 'SIGKILL');
    if (kind === 'freeze') for (const pid of pids.slice(0, 1)) later(freeze(pid, random.whole(100, 3_000)));
    if (kind === 'clock') clock.jump(random.pick([-1, 1]) * hourMs);
    if (kind === 'restart') later(yard.orchestrator.restart(id, { drainMs: 3_000 }));
    if (kind === 'scale') later(yard.orchestrator.scale(id, random.whole(1, 3), { drainMs: 3_000 }));
  }
  await Promise.all(pending);
}

async function freeze(pid: number, ms: number): Promise<void> {
  send(pid, 'SIGSTOP');
  await pause(ms);
  send(pid, 'SIGCONT');
}

/** It may have ended meanwhile. */
function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
