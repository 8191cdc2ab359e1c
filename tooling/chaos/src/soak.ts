import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createLedger, type Ledger } from './ledger.ts';
import { type Callers, createCallers } from './load/caller.ts';
import { makeMischief } from './mischief.ts';
import { clean, expectNoneHeld, faulty, load, recovered } from './phases.ts';
import { createRandom, type Random } from './random.ts';
import { type SlowFigures, slowCalls } from './slow-calls.ts';
import { jumpingClock } from './watch/clock.ts';
import { watchLag } from './watch/lag.ts';
import { growth, type Holdings, holdings } from './watch/leftovers.ts';
import { createMemoryWatch, type MemorySample, slopeOf } from './watch/memory.ts';
import { openYard } from './yard.ts';

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
/** What the heap may grow by: windows, pools and buffers fill up, and stay. */
const heapRoomMb = 16;
/** What it may grow by each minute, where the run is long enough to tell that from its ups and downs. */
const maxSlopeMb = 1;
const slopeAfterSeconds = 300;

/** Runs everything, closes everything, and looks at what is left. */
export async function soak({ seconds, seed, slow, say }: SoakOptions): Promise<SoakFigures> {
  const random = createRandom(seed);
  const ledger = createLedger((violation) => say(`✗ ${violation}`));
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
      clients: { http: 4, ws: 4, sdk: 1 },
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
      await pause(1_000);
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
    // Windows, pools and buffers fill up in the first third.
    const slope = slopeOf(memory.samples.slice(Math.floor(memory.samples.length / 3)), ({ heapMb }) => heapMb);
    if (seconds >= slopeAfterSeconds && slope > maxSlopeMb)
      ledger.violation(`the heap grows by ${slope.toFixed(2)} MB a minute`);
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

/** Sockets take a moment to be gone. */
async function settled(before: Holdings): Promise<Holdings> {
  for (let tries = 0; tries < 100; tries++) {
    if (growth(before, holdings()).length === 0) break;
    await pause(100);
  }
  return holdings();
}
