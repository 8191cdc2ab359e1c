import { setTimeout as pause } from 'node:timers/promises';
import type { Ledger } from './ledger.ts';
import type { Callers } from './load/caller.ts';
import type { Door } from './load/door.ts';
import { makePlan, type PlanRules } from './load/plan.ts';
import type { Random } from './random.ts';
import type { UpstreamSpec } from './upstreams.ts';
import { specs, type Yard } from './yard.ts';

/** Until a server is known as healthy again: its window of outcomes is a minute long. */
const recoveryMs = 90_000;
const workers = { inside: 180, http: 24, ws: 24, sdk: 6 };
export const faulty: PlanRules = { faultRate: 0.02, costlyRate: 0.02 };
export const clean: PlanRules = { faultRate: 0, costlyRate: 0 };

/** Calls at all doors for so long; resolves when the last has ended. */
export async function load(
  { doors }: Yard,
  callers: Callers,
  random: Random,
  rules: PlanRules,
  seconds: number,
  phase: string,
): Promise<void> {
  const untilMs = performance.now() + seconds * 1_000;
  const worker = async (door: Door, name: string, servers: readonly UpstreamSpec[]): Promise<void> => {
    const own = random.part(name);
    for (let turn = 0; performance.now() < untilMs; turn++) {
      const { code } = await callers.make(door, makePlan(own, `${phase}-${name}`, turn, servers, rules, door.exact));
      // Who is refused at once waits a moment, as people do; the loop of this process has other things to do.
      if (code !== undefined) await pause(own.whole(10, 100));
    }
  };
  // Each calls one server only, so that one that does not answer does not keep the others from being called.
  const crew = (list: readonly Door[], count: number, kind: string): Promise<void>[] =>
    Array.from({ length: count }, (_, at) => {
      const door = list[at % list.length];
      const server = specs[Math.floor(at / list.length) % specs.length];
      return door === undefined || server === undefined ? Promise.resolve() : worker(door, `${kind}${at}`, [server]);
    });
  await Promise.all([
    ...crew([doors.inside], workers.inside, 'i'),
    ...crew(doors.http, workers.http, 'h'),
    ...crew(doors.ws, workers.ws, 'w'),
    ...crew(doors.sdk, workers.sdk, 's'),
  ]);
}

/** All servers have to be healthy again, by what they answer alone; then no call may fail. */
export async function recovered(yard: Yard, callers: Callers, random: Random, ledger: Ledger): Promise<void> {
  const untilMs = performance.now() + recoveryMs;
  const sick = (): readonly string[] =>
    yard.orchestrator
      .servers()
      .filter(({ state }) => state !== 'healthy')
      .map(({ id, state, instances, failedLists, lastError }) =>
        [
          id,
          state,
          ...failedLists,
          lastError?.code,
          ...instances.map((one) => `${one.number} ${one.phase} ${one.state} ${one.breaker}`),
        ].join(' '),
      );
  for (let round = 0; sick().length > 0; round++) {
    if (performance.now() > untilMs) {
      for (const words of sick()) ledger.violation(`not healthy again: ${words}`);
      return;
    }
    await load(yard, callers, random.part(`round ${round}`), clean, 1, `recovery${round}`);
  }
  const failed = [...ledger.errors].filter(([code]) => !callersOwn.has(code));
  await load(yard, callers, random.part('after'), clean, 2, 'after');
  for (const [code, count] of ledger.errors) {
    const grown = count - (failed.find(([known]) => known === code)?.[1] ?? 0);
    if (!callersOwn.has(code) && grown > 0)
      ledger.violation(`${grown} calls ended with ${code} after all was well again`);
  }
}

/** What callers do to themselves: they cancel, and have deadlines. */
const callersOwn: ReadonlySet<string> = new Set(['CANCELLED', 'UPSTREAM_TIMEOUT', 'UPSTREAM_BUSY']);

export async function expectNoneHeld(ledger: Ledger): Promise<void> {
  for (let tries = 0; tries < 50 && ledger.unheard().length > 0; tries++) await pause(100);
  const left = ledger.unheard();
  if (left.length > 0) ledger.violation(`${left.length} calls whose cancellation did not arrive, such as ${left[0]}`);
}
