import type { Callers } from './load/caller.ts';
import type { Door, Ending } from './load/door.ts';
import type { Plan } from './load/plan.ts';
import type { Random } from './random.ts';
import { specs, type Yard } from './yard.ts';

export interface SlowFigures {
  readonly calls: number;
  readonly answered: number;
  /** Calls that were in flight in the gateway at the same time, at most. */
  readonly peak: number;
  readonly seconds: number;
  readonly errors: ReadonlyMap<string, number>;
}

/** So many calls at the same time, each of 5 to 10 s, spread over all doors and servers. */
export async function slowCalls(yard: Yard, callers: Callers, random: Random, count: number): Promise<SlowFigures> {
  const started = performance.now();
  const doors: readonly Door[] = [...yard.doors.http, ...yard.doors.ws, yard.doors.inside];
  let peak = 0;
  const look = (): void => {
    const instances = yard.orchestrator.servers().flatMap((server) => server.instances);
    peak = Math.max(
      peak,
      instances.reduce((sum, { inFlight }) => sum + inFlight, 0),
    );
  };
  const timer = setInterval(look, 100);
  const errors = new Map<string, number>();
  let answered = 0;
  const end = ({ code }: Ending): void => {
    if (code === undefined) answered++;
    else errors.set(code, (errors.get(code) ?? 0) + 1);
  };
  const calls = Array.from({ length: count }, (_, at) => {
    // Each third through one kind of door; within it in turn.
    const kind = at % 3 === 0 ? [yard.doors.inside] : at % 3 === 1 ? yard.doors.http : yard.doors.ws;
    const door = kind[Math.floor(at / 3) % kind.length] ?? doors[0];
    if (door === undefined) throw new Error('There are no doors.');
    return callers.make(door, slowPlan(random, at)).then(end);
  });
  await Promise.all(calls);
  clearInterval(timer);
  return { calls: count, answered, peak, seconds: (performance.now() - started) / 1_000, errors };
}

function slowPlan(random: Random, at: number): Plan {
  const key = `do-slow-${at}`;
  return {
    key,
    server: random.pick(specs).id,
    tool: 'do',
    args: `{"key":"${key}","act":"slow","ms":${random.whole(5_000, 10_000)},"fault":"","end":0}`,
    fault: undefined,
    mayAnswer: true,
    wantsProgress: false,
    reports: 0,
    deadlineInMs: undefined,
    cancelInMs: undefined,
  };
}
