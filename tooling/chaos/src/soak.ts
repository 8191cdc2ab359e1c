import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createLedger, type Ledger } from './ledger.ts';
import { type Callers, createCallers } from './load/caller.ts';
import { makeMischief } from './mischief.ts';
import { clean, expectNoneHeld, faulty, load, recovered } from './phases.ts';
import { createRandom } from './random.ts';
import { type SlowFigures, slowCalls } from './slow-calls.ts';
import { watchLag } from './watch/lag.ts';
import { growth, type Holdings, holdings } from './watch/leftovers.ts';
import { type MemorySample, slopeOf } from './watch/memory.ts';
import type { OpenYard, Pace, Yard, YardOptions } from './yards/yard.ts';

export interface SoakOptions {
  /** Opens what is soaked. */
  readonly open: OpenYard;
  readonly seconds: number;
  readonly seed: number;
  /** Slow calls at the same time. */
  readonly slow: number;
  /** How much the memory that is watched may grow, in MB, and where the run is long enough to tell that from its ups and downs, each minute. */
  readonly growth: MemoryBounds;
  /** What happens meanwhile, for who waits. */
  readonly say: (line: string) => void;
}

export interface MemoryBounds {
  readonly of: 'heapMb' | 'rssMb';
  readonly most: number;
  readonly mostEachMinute: number;
}

export interface SoakFigures {
  readonly seed: number;
  readonly seconds: number;
  readonly ledger: Ledger;
  /** `undefined` where none were asked for. */
  readonly slow: SlowFigures | undefined;
  readonly connects: number;
  /** Warm, and at the end. */
  readonly start: MemorySample;
  readonly end: MemorySample;
  readonly slopeEachMinute: number;
  readonly before: Holdings;
  readonly after: Holdings;
}

const graceMs = 1_000;
const patienceMs = 30_000;
const slopeAfterSeconds = 300;
const slowPace = (slow: number): Pace => ({
  timeoutMs: 60_000,
  maxTimeoutMs: 60_000,
  calls: { maxConcurrent: slow, maxQueue: slow },
});
const faultyPace: Pace = {
  connectTimeoutMs: 3_000,
  listTimeoutMs: 3_000,
  timeoutMs: 2_000,
  maxTimeoutMs: 6_000,
  probeIntervalMs: 2_000,
  backoff: { initialMs: 100, maxMs: 1_000 },
  calls: { idempotent: ['again'] },
  instances: { min: 1, max: 3 },
};
const slowCallsOfOneClient = 500;

interface Stage extends SoakOptions, Pick<YardOptions, 'ledger' | 'random' | 'env' | 'folder'> {
  readonly callers: Callers;
  /** While it exists servers behave. */
  readonly calm: string;
  /** Tells how late the gateway is where that is not this process. */
  readonly follow: (yard: Yard | undefined) => void;
}

/** Runs everything, closes everything, and looks at what is left. */
export async function soak(options: SoakOptions): Promise<SoakFigures> {
  const { seconds, seed, slow, say } = options;
  const ledger = createLedger((violation) => say(`✗ ${violation}`));
  // What Node makes on first use is not ours.
  await pause(10);
  const before = holdings();
  const folder = await mkdtemp(path.join(tmpdir(), 'toolyard-chaos-'));
  const lag = watchLag();
  let current: Yard | undefined;
  const lagMs = (): number => Math.max(lag.recentMs(), current?.lagMs?.() ?? 0);
  const callers = createCallers({
    ledger,
    lag: { recentMs: lagMs },
    patienceMs,
    graceMs,
  });
  const sweep = setInterval(() => callers.sweep(), 500);
  const calm = path.join(folder, 'calm');
  const stage: Stage = {
    ...options,
    ledger,
    callers,
    folder,
    calm,
    random: createRandom(seed),
    env: { CHAOS_CALM: calm, CHAOS_SEED: String(seed) },
    follow: (yard) => void (current = yard),
  };
  try {
    await writeFile(calm, '');
    if (slow > 0) say(`${slow} slow calls at the same time`);
    const slowFigures = slow > 0 ? await slowly(stage) : undefined;
    say('warming up');
    const figures = await faultily(stage);
    clearInterval(sweep);
    lag[Symbol.dispose]();
    const after = await settled(before);
    for (const what of growth(before, after)) ledger.violation(`left over at the end: ${what}`);
    return { seed, seconds, ledger, slow: slowFigures, before, after, ...figures };
  } finally {
    clearInterval(sweep);
    lag[Symbol.dispose]();
    await rm(folder, { recursive: true, force: true });
  }
}

async function slowly({ open, slow, callers, ledger, random, follow, ...given }: Stage): Promise<SlowFigures> {
  const clients = Math.max(1, Math.ceil(slow / slowCallsOfOneClient));
  const yard = await open({ ...given, ledger, random, pace: slowPace(slow), breadth: slow, clients });
  follow(yard);
  try {
    const figures = await slowCalls(yard, callers, random.part('slow'), slow);
    for (const [code, count] of figures.errors) ledger.violation(`${count} slow calls ended with ${code}`);
    return figures;
  } finally {
    follow(undefined);
    await yard[Symbol.asyncDispose]();
  }
}

async function faultily(stage: Stage): Promise<Pick<SoakFigures, 'connects' | 'start' | 'end' | 'slopeEachMinute'>> {
  const { seconds, ledger, callers, random, calm, say, growth: bounds } = stage;
  const yard = await stage.open({ ...stage, pace: faultyPace, breadth: 1_024, clients: 4 });
  stage.follow(yard);
  const samples: MemorySample[] = [];
  const sample = async (): Promise<MemorySample> => {
    const taken = await yard.memory();
    samples.push(taken);
    return taken;
  };
  try {
    const given = { callers, rules: clean };
    await load(yard, { ...given, random: random.part('warm'), seconds: Math.max(2, seconds * 0.05), phase: 'warm' });
    const start = await sample();
    await rm(calm);
    say(`faults for ${seconds} s`);
    const stop = new AbortController();
    const mischief = makeMischief(yard.mischief, {
      random: random.part('mischief'),
      ledger,
      pauseMs: [300, 2_500],
      signal: stop.signal,
    });
    const sampling = setInterval(() => void sample().catch(() => undefined), Math.max(2_000, (seconds * 1_000) / 60));
    const talking = setInterval(() => say(`${ledger.calls} calls, ${ledger.violationCount} violations`), 10_000);
    await load(yard, { callers, rules: faulty, random: random.part('faults'), seconds, phase: 'chaos' });
    clearInterval(sampling);
    clearInterval(talking);
    stop.abort();
    await mischief;
    await writeFile(calm, '');
    say('recovering');
    await recovered(yard, { ...stage, seconds: Math.max(4, seconds * 0.05) });
    await expectNoneHeld(ledger);
    await pause(1_000);
    const end = await sample();
    const connects = await yard.connects();
    await yard.finish?.({ callers, random: random.part('end'), ledger });
    if (end[bounds.of] > start[bounds.of] + bounds.most)
      ledger.violation(`memory grew from ${start[bounds.of].toFixed(1)} to ${end[bounds.of].toFixed(1)} MB`);
    // Windows, pools and buffers fill up in the first third.
    const slope = slopeOf(samples.slice(Math.floor(samples.length / 3)), (one) => one[bounds.of]);
    if (seconds >= slopeAfterSeconds && slope > bounds.mostEachMinute)
      ledger.violation(`memory grows by ${slope.toFixed(2)} MB a minute`);
    return { connects, start, end, slopeEachMinute: slope };
  } finally {
    stage.follow(undefined);
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
