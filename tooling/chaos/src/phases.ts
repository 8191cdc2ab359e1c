import { setTimeout as pause } from 'node:timers/promises';
import type { Ledger } from './ledger.ts';
import type { Callers } from './load/caller.ts';
import type { Door } from './load/door.ts';
import { makePlan, type PlanRules } from './load/plan.ts';
import { makeMischief } from './mischief.ts';
import type { Random } from './random.ts';
import type { UpstreamSpec } from './upstreams.ts';
import { specs } from './yards/specs.ts';
import type { Yard } from './yards/yard.ts';

/** Until a server is known as healthy again: its window of outcomes is a minute long, and what hangs is found out by the second probe, half a minute after the first. */
const recoveryMs = 120_000;
/** How long the cache may take to find its backend again. */
const cacheMs = 15_000;
export const faulty: PlanRules = { faultRate: 0.02, costlyRate: 0.02 };
export const clean: PlanRules = { faultRate: 0, costlyRate: 0 };

export interface Load {
  readonly callers: Callers;
  readonly random: Random;
  readonly rules: PlanRules;
  readonly seconds: number;
  readonly phase: string;
}

/** Calls at all doors for so long; resolves when the last has ended. */
export async function load({ groups }: Yard, { callers, random, rules, seconds, phase }: Load): Promise<void> {
  const untilMs = performance.now() + seconds * 1_000;
  const worker = async (door: Door, name: string, server: UpstreamSpec): Promise<void> => {
    const own = random.part(name);
    for (let turn = 0; performance.now() < untilMs; turn++) {
      const { code } = await callers.make(door, makePlan(own, `${phase}-${name}`, turn, [server], rules, door.exact));
      // Who is refused at once waits a moment, as people do; the loop of this process has other things to do.
      if (code !== undefined) await pause(own.whole(10, 100));
    }
  };
  // Each calls one server only, so that one that does not answer does not keep the others from being called.
  const wanted = groups.filter(({ comesAndGoes }) => comesAndGoes !== true || rules.faultRate > 0);
  const crews = wanted.flatMap(({ kind, doors, callers: count, servers = specs }) =>
    Array.from({ length: count }, (_, at) => {
      const door = doors[at % doors.length];
      const server = servers[Math.floor(at / doors.length) % servers.length];
      return door === undefined || server === undefined
        ? Promise.resolve()
        : worker(door, `${kind.replaceAll(/\W+/g, '-')}${at}`, server);
    }),
  );
  await Promise.all(crews);
}

export interface Recovery {
  readonly callers: Callers;
  readonly random: Random;
  readonly ledger: Ledger;
  /** How long all is called after that. */
  readonly seconds: number;
  readonly say: (line: string) => void;
}

/** All servers have to be healthy again, by what they answer alone; then no call may fail, whatever befalls the gateway that is harmless. */
export async function recovered(yard: Yard, { callers, random, ledger, seconds, say }: Recovery): Promise<void> {
  const untilMs = performance.now() + recoveryMs;
  for (let round = 0; ; round++) {
    const sick = (await yard.servers()).filter(({ healthy }) => !healthy);
    if (sick.length === 0) break;
    if (performance.now() > untilMs) {
      for (const { id, words } of sick) ledger.violation(`not healthy again: ${id} ${words}`);
      return;
    }
    await load(yard, {
      callers,
      random: random.part(`round ${round}`),
      rules: clean,
      seconds: 1,
      phase: `recovery${round}`,
    });
  }
  say('all servers are healthy; calls and harmless changes');
  const before = new Map(ledger.errors);
  const stop = new AbortController();
  const changes = makeMischief(
    yard.mischief.filter(({ harmless }) => harmless),
    { random: random.part('changes'), ledger, pauseMs: [200, 1_000], signal: stop.signal },
  );
  await load(yard, { callers, random: random.part('after'), rules: clean, seconds, phase: 'after' });
  stop.abort();
  await changes;
  for (const [code, count] of ledger.errors) {
    const grown = count - (before.get(code) ?? 0);
    if (!callersOwn.has(code) && grown > 0)
      ledger.violation(`${grown} calls ended with ${code} after all was well again`);
  }
  await cacheIsBack(yard, ledger);
}

/** What callers do to themselves: they cancel, and have deadlines. */
const callersOwn: ReadonlySet<string> = new Set(['CANCELLED', 'UPSTREAM_TIMEOUT', 'UPSTREAM_BUSY']);

async function cacheIsBack(yard: Yard, ledger: Ledger): Promise<void> {
  const untilMs = performance.now() + cacheMs;
  while (yard.cacheTrouble() !== undefined && performance.now() < untilMs) await pause(100);
  const trouble = yard.cacheTrouble();
  if (trouble !== undefined) ledger.violation(`the cache did not come back: ${trouble}`);
}

export async function expectNoneHeld(ledger: Ledger): Promise<void> {
  for (let tries = 0; tries < 50 && ledger.unheard().length > 0; tries++) await pause(100);
  const left = ledger.unheard();
  if (left.length > 0) ledger.violation(`${left.length} calls whose cancellation did not arrive, such as ${left[0]}`);
}
