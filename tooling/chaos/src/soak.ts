import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createLedger, type Ledger } from './ledger.ts';
import { type Callers, createCallers } from './load/caller.ts';
import type { Door } from './load/door.ts';
import { makePlan, type PlanRules } from './load/plan.ts';
import { makeMischief } from './mischief.ts';
import { createRandom, type Random } from './random.ts';
import { type SlowFigures, slowCalls } from './slow-calls.ts';
import { jumpingClock } from './watch/clock.ts';
import { watchLag } from './watch/lag.ts';
import { growth, type Holdings, holdings } from './watch/leftovers.ts';
import { createMemoryWatch, type MemorySample, slopeOf } from './watch/memory.ts';
import { openYard, specs, type Yard } from './yard.ts';

export interface SoakOptions {
  readonly seconds: number;
  readonly seed: number;
  /** Slow calls at the same time. */
  readonly slow: number;
  /** What happens meanwhile, for who waits. */
  readonly say: (line: string) => void;
}

export interface SoakFigures {
  readonly seed: number;
  readonly seconds: number;
  readonly ledger: Ledger;
  readonly slow: SlowFigures;
  readonly connects: number;
  readonly heap: { readonly startMb: number; readonly endMb: number; readonly slopeMbPerMinute: number };
  readonly rss: { readonly startMb: number; readonly endMb: number };
  readonly before: Holdings;
  readonly after: Holdings;
}

const graceMs = 1_000;
const patienceMs = 30_000;
/** Until a server is known as healthy again: its window of outcomes is a minute long. */
const recoveryMs = 90_000;
/** What the heap may grow by: rings, windows and pools fill up, and stay. */
const heapRoomMb = 16;
const workers = { inside: 96, http: 16, ws: 16, sdk: 4 };
const faulty: PlanRules = { faultRate: 0.03, costlyRate: 0.01 };
const clean: PlanRules = { faultRate: 0, costlyRate: 0 };

/** Runs everything, closes everything, and looks at what is left. */
export async function soak({ seconds, seed, slow, say }: SoakOptions): Promise<SoakFigures> {
  const random = createRandom(seed);
  const ledger = createLedger();
  // What Node makes on first use is not ours.
  await pause(10);
  const before = holdings();
  const folder = await mkdtemp(path.join(tmpdir(), 'toolyard-chaos-'));
  const memory = createMemoryWatch();
  const clock = jumpingClock();
  const lag = watchLag();
  const callers = createCallers({ ledger, lag, patienceMs, graceMs });
  const sweep = setInterval(() => callers.sweep(), 500);
  const calm = path.join(folder, 'calm');
  const env = { CHAOS_CALM: calm, CHAOS_SEED: String(seed) };
  try {
    await writeFile(calm, '');
    say(`${slow} slow calls at the same time`);
    const slowFigures = await slowly({ ledger, callers, random, env, slow });

    say('warming up');
    const yard = await openYard({
      ledger,
      random,
      env,
      breadth: 1_024,
      settings: {
        connectTimeoutMs: 3_000,
        listTimeoutMs: 3_000,
        timeoutMs: 2_000,
        maxTimeoutMs: 6_000,
        probeIntervalMs: 2_000,
        backoff: { initialMs: 100, maxMs: 1_000 },
      },
      entry: { calls: { idempotent: ['again'] }, instances: { min: 1, max: 3 } },
      clients: { http: 4, ws: 4, sdk: workers.sdk },
    });
    let connects = 0;
    let start: MemorySample;
    let end: MemorySample;
    try {
      await load(yard, callers, random.part('warm'), clean, Math.max(2, seconds * 0.05), 'warm');
      start = memory.sample();
      await rm(calm);
      say(`faults for ${seconds} s`);
      const stop = new AbortController();
      const mischief = makeMischief(yard, { random: random.part('mischief'), ledger, clock, signal: stop.signal });
      const sampling = setInterval(() => memory.sample(), Math.max(2_000, (seconds * 1_000) / 60));
      const talking = setInterval(() => say(`${ledger.calls} calls, ${ledger.violationCount} violations`), 10_000);
      await load(yard, callers, random.part('faults'), faulty, seconds, 'chaos');
      clearInterval(sampling);
      clearInterval(talking);
      stop.abort();
      await mischief;
      await writeFile(calm, '');
      say('recovering');
      await recovered(yard, callers, random, ledger);
      await expectNoneHeld(ledger);
      end = memory.sample();
      connects = yard.orchestrator.servers().reduce((sum, server) => sum + server.connects, 0);
    } finally {
      await yard[Symbol.asyncDispose]();
    }
    clearInterval(sweep);
    lag[Symbol.dispose]();
    clock[Symbol.dispose]();
    const after = await settled(before);
    for (const what of growth(before, after)) ledger.violation(`left over at the end: ${what}`);
    if (end.heapMb > start.heapMb + heapRoomMb)
      ledger.violation(`the heap grew from ${start.heapMb.toFixed(1)} to ${end.heapMb.toFixed(1)} MB`);
    say(memory.samples.map((s) => `${s.heapMb.toFixed(0)}/${s.rssMb.toFixed(0)}`).join(' '));
    const slope = slopeOf(memory.samples.slice(1), ({ heapMb }) => heapMb);
    return {
      seed,
      seconds,
      ledger,
      slow: slowFigures,
      connects,
      heap: { startMb: start.heapMb, endMb: end.heapMb, slopeMbPerMinute: slope },
      rss: { startMb: start.rssMb, endMb: end.rssMb },
      before,
      after,
    };
  } finally {
    clearInterval(sweep);
    lag[Symbol.dispose]();
    clock[Symbol.dispose]();
    await rm(folder, { recursive: true, force: true });
  }
}

interface SlowOptions {
  readonly ledger: Ledger;
  readonly callers: Callers;
  readonly random: Random;
  readonly env: Readonly<Record<string, string>>;
  readonly slow: number;
}

async function slowly({ ledger, callers, random, env, slow }: SlowOptions): Promise<SlowFigures> {
  const each = 500;
  const clients = Math.ceil(slow / 3 / each);
  const yard = await openYard({
    ledger,
    random,
    env,
    breadth: slow,
    settings: { timeoutMs: 60_000, maxTimeoutMs: 60_000 },
    entry: { calls: { maxConcurrent: slow, maxQueue: slow } },
    clients: { http: clients, ws: clients, sdk: 0 },
  });
  try {
    const figures = await slowCalls(yard, callers, random.part('slow'), slow);
    for (const [code, count] of figures.errors) ledger.violation(`${count} slow calls ended with ${code}`);
    return figures;
  } finally {
    await yard[Symbol.asyncDispose]();
  }
}

/** Calls at all doors for so long; resolves when the last has ended. */
async function load(
  { doors }: Yard,
  callers: Callers,
  random: Random,
  rules: PlanRules,
  seconds: number,
  phase: string,
): Promise<void> {
  const untilMs = performance.now() + seconds * 1_000;
  const worker = async (door: Door, name: string): Promise<void> => {
    const own = random.part(name);
    for (let turn = 0; performance.now() < untilMs; turn++) {
      const { code } = await callers.make(door, makePlan(own, `${phase}-${name}`, turn, specs, rules, door.exact));
      // Who is refused at once waits a moment, as people do; the loop of this process has other things to do.
      if (code !== undefined) await pause(own.whole(1, 20));
    }
  };
  const crew = (list: readonly Door[], count: number, kind: string): Promise<void>[] =>
    Array.from({ length: count }, (_, at) => {
      const door = list[at % list.length];
      return door === undefined ? Promise.resolve() : worker(door, `${kind}${at}`);
    });
  await Promise.all([
    ...crew([doors.inside], workers.inside, 'i'),
    ...crew(doors.http, workers.http, 'h'),
    ...crew(doors.ws, workers.ws, 'w'),
    ...crew(doors.sdk, workers.sdk, 's'),
  ]);
}

/** All servers have to be healthy again, by what they answer alone; then no call may fail. */
async function recovered(yard: Yard, callers: Callers, random: Random, ledger: Ledger): Promise<void> {
  const untilMs = performance.now() + recoveryMs;
  const sick = (): readonly string[] =>
    yard.orchestrator
      .servers()
      .filter(({ state }) => state !== 'healthy')
      .map(({ id, state, instances, failedLists, lastError }) =>
        [id, state, ...failedLists, lastError?.code, ...instances.map((one) => `${one.number} ${one.phase} ${one.state} ${one.breaker}`)].join(' '),
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
    if (!callersOwn.has(code) && grown > 0) ledger.violation(`${grown} calls ended with ${code} after all was well again`);
  }
}

/** What callers do to themselves: they cancel, and have deadlines. */
const callersOwn: ReadonlySet<string> = new Set(['CANCELLED', 'UPSTREAM_TIMEOUT', 'UPSTREAM_BUSY']);

async function expectNoneHeld(ledger: Ledger): Promise<void> {
  for (let tries = 0; tries < 50 && ledger.unheard().length > 0; tries++) await pause(100);
  const left = ledger.unheard();
  if (left.length > 0) ledger.violation(`${left.length} calls whose cancellation did not arrive, such as ${left[0]}`);
}

/** Sockets take a moment to be gone. */
async function settled(before: Holdings): Promise<Holdings> {
  for (let tries = 0; tries < 100; tries++) {
    if (growth(before, holdings()).length === 0) break;
    await pause(100);
  }
  return holdings();
}
