import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { fine, markdownTable, whole } from '../figures/markdown.ts';
import { median } from '../figures/percentile.ts';
import type { LoadFigures } from '../load/tally.ts';
import type { Target } from '../processes/start-target.ts';
import { type BenchYard, openBenchYard } from './bench-yard.ts';
import { measureTarget } from './measure-target.ts';
import { programs } from './places.ts';

export const longResultsUsage = `npm run bench -- long-results [--connections 4] [--burst 64] [--rest-seconds 12] [--seconds 3] [--rounds 3] [--result-bytes 1048576]

  A long result through the floor and the gateway, each from a new process in every round: as they are after their start, during a burst over many connections,
  after it, and after a rest, when V8 has made its heap small. Medians over the rounds.
`;

const states = ['new', 'burst', 'after the burst', 'after a rest'] as const;
type Figures = Readonly<Record<(typeof states)[number], LoadFigures>>;

interface Order {
  readonly connections: number;
  readonly burst: number;
  readonly seconds: number;
  readonly restSeconds: number;
}

async function measureStates(name: string, target: Target, order: Order): Promise<Figures> {
  const measure = (connections: number, seconds: number): Promise<LoadFigures> =>
    measureTarget(name, target, { speech: 'modern', connections, seconds });
  const usual = (): Promise<LoadFigures> => measure(order.connections, order.seconds);
  // What is compiled while it runs does not count.
  await measure(order.connections, 1);
  const atFirst = await usual();
  const burst = await measure(order.burst, order.seconds);
  const afterwards = await usual();
  await pause(order.restSeconds * 1_000);
  return { new: atFirst, burst, 'after the burst': afterwards, 'after a rest': await usual() };
}

type Start = (yard: BenchYard, upstream: string) => Promise<Target>;
const starts: readonly (readonly [string, Start])[] = [
  ['floor', (yard, upstream) => yard.start(0, [programs.floor, upstream])],
  ['gateway', (yard, url) => yard.startGateway({ servers: { bench: { url } } })],
];

/** Measures what a long result costs in the states in which V8 can be, beside the floor in the same. */
export async function benchLongResults(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      connections: { type: 'string', default: '4' },
      burst: { type: 'string', default: '64' },
      'rest-seconds': { type: 'string', default: '12' },
      seconds: { type: 'string', default: '3' },
      rounds: { type: 'string', default: '3' },
      'result-bytes': { type: 'string', default: '1048576' },
    },
  });
  const order = {
    connections: Number(values.connections),
    burst: Number(values.burst),
    seconds: Number(values.seconds),
    restSeconds: Number(values['rest-seconds']),
  };
  await using yard = await openBenchYard();
  const env = { BENCH_RESULT_BYTES: values['result-bytes'] };
  const upstream = await yard.start(1, [programs.upstream], { env });
  const measured = new Map<string, Figures[]>(starts.map(([name]) => [name, []]));
  for (let round = 0; round < Number(values.rounds); round += 1) {
    for (const [name, start] of starts) {
      await using target = await start(yard, upstream.url);
      measured.get(name)?.push(await measureStates(name, target, order));
    }
  }
  process.stdout.write(table(measured, order));
}

function table(measured: ReadonlyMap<string, readonly Figures[]>, order: Order): string {
  const heads = ['state', 'connections:', 'target', 'requests/s:', 'CPU µs/request:', 'times the floor:', 'MiB:'];
  const rows = states.flatMap((state) => {
    const over = (name: string, pick: (figures: LoadFigures) => number): number =>
      median((measured.get(name) ?? []).map((round) => pick(round[state])));
    const cpu = (name: string): number => over(name, (figures) => figures.cpuMicrosPerRequest);
    return [...measured.keys()].map((name) => [
      state,
      String(state === 'burst' ? order.burst : order.connections),
      name,
      whole(over(name, (figures) => figures.perSecond)),
      whole(cpu(name)),
      fine(cpu(name) / cpu('floor')),
      whole(over(name, (figures) => figures.memory.mebibytes)),
    ]);
  });
  return markdownTable(heads, rows);
}
