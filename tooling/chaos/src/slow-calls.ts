import type { Callers } from './load/caller.ts';
import type { Ending } from './load/door.ts';
import type { Plan } from './load/plan.ts';
import type { Random } from './random.ts';
import { specs } from './yards/specs.ts';
import type { Yard } from './yards/yard.ts';

export interface SlowFigures {
  readonly calls: number;
  readonly answered: number;
  /** Calls that were in flight in the gateway at the same time, at most. */
  readonly peak: number;
  readonly seconds: number;
  readonly errors: ReadonlyMap<string, number>;
}

/** So many calls at the same time, each of 5 to 10 s, spread over all exact doors and all servers. */
export async function slowCalls(yard: Yard, callers: Callers, random: Random, count: number): Promise<SlowFigures> {
  const started = performance.now();
  const kinds = yard.groups
    .filter(({ doors: [door], comesAndGoes }) => door?.exact === true && comesAndGoes !== true)
    .map(({ doors }) => doors);
  let peak = 0;
  const look = async (): Promise<void> => void (peak = Math.max(peak, await yard.inFlight()));
  const timer = setInterval(() => void look(), 200);
  const errors = new Map<string, number>();
  let answered = 0;
  const end = ({ code }: Ending): void => {
    if (code === undefined) answered++;
    else errors.set(code, (errors.get(code) ?? 0) + 1);
  };
  const calls = Array.from({ length: count }, (_, at) => {
    // As many through each kind of door; within it in turn.
    const doors = kinds[at % kinds.length] ?? [];
    const door = doors[Math.floor(at / kinds.length) % doors.length];
    if (door === undefined) throw new Error('There are no doors.');
    return callers.make(door, slowPlan(random, `slow-${at}`, [5_000, 10_000])).then(end);
  });
  await Promise.all(calls);
  clearInterval(timer);
  return { calls: count, answered, peak, seconds: (performance.now() - started) / 1_000, errors };
}

/** A call of any server that takes so long, and may not fail. */
export function slowPlan(random: Random, name: string, ms: readonly [number, number]): Plan {
  const key = `do-${name}`;
  return {
    key,
    server: random.pick(specs).id,
    tool: 'do',
    args: `{"key":"${key}","act":"slow","ms":${random.whole(...ms)},"fault":"","end":0}`,
    fault: undefined,
    mayAnswer: true,
    wantsProgress: false,
    reports: 0,
    deadlineInMs: undefined,
    cancelInMs: undefined,
  };
}
