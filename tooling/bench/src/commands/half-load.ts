import { parseArgs } from 'node:util';
import { fine, markdownTable, whole } from '../figures/markdown.ts';
import { median } from '../figures/percentile.ts';
import type { OpenLoopFigures } from '../load/open-loop.ts';
import { runOpenLoad } from '../load/run-load.ts';
import type { Target } from '../processes/start-target.ts';
import { openBenchYard } from './bench-yard.ts';
import { measureTarget } from './measure-target.ts';
import { programs } from './places.ts';

export const halfLoadUsage = `npm run bench -- half-load [--connections 64] [--seconds 5] [--rounds 5] [--per-second N]

  Latency at half load: calls are sent at a fixed rate, half of what the slower of floor and gateway makes at most over as many connections (or --per-second), whatever
  becomes of those before; latencies count from the moment at which a call was due. "late" is what the generator itself adds at its 99th percentile.
`;

/** Prints latencies of floor and gateway at the same fixed rate, and their ratio. */
export async function benchHalfLoad(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      connections: { type: 'string', default: '64' },
      seconds: { type: 'string', default: '5' },
      rounds: { type: 'string', default: '5' },
      'per-second': { type: 'string' },
    },
  });
  const seconds = Number(values.seconds);
  const order = { speech: 'modern', connections: Number(values.connections), seconds } as const;
  await using yard = await openBenchYard();
  const upstream = await yard.start(1, [programs.upstream]);
  const targets: readonly (readonly [string, Target])[] = [
    ['floor', await yard.start(0, [programs.floor, upstream.url])],
    ['gateway', await yard.startGateway({ servers: { bench: { url: upstream.url } } })],
  ];
  const most: number[] = [];
  for (const [name, target] of targets) {
    await measureTarget(name, target, { ...order, seconds: 2 });
    most.push((await measureTarget(name, target, order)).perSecond);
  }
  const perSecond = Number(values['per-second'] ?? Math.floor(Math.min(...most) / 2));
  const rounds: OpenLoopFigures[][] = targets.map(() => []);
  for (let round = 0; round < Number(values.rounds); round += 1) {
    for (const [at, [name, target]] of targets.entries()) {
      const figures = await runOpenLoad({ ...order, url: target.url, pid: target.pid, perSecond });
      if (figures.errors > 0) throw new Error(`${name}: ${figures.errors} wrong replies: ${figures.firstError}`);
      rounds[at]?.push(figures);
    }
  }
  const over = (at: number, pick: (figures: OpenLoopFigures) => number): number => median((rounds[at] ?? []).map(pick));
  const rows = targets.map(([name], at) => [
    name,
    whole(most[at] ?? 0),
    whole(perSecond),
    fine(over(at, ({ p50Ms }) => p50Ms)),
    fine(over(at, ({ p99Ms }) => p99Ms)),
    fine(over(at, ({ lateP99Ms }) => lateP99Ms)),
  ]);
  const ratio = (pick: (figures: OpenLoopFigures) => number): string => fine(over(1, pick) / over(0, pick));
  rows.push(['gateway to floor', '', '', ratio(({ p50Ms }) => p50Ms), ratio(({ p99Ms }) => p99Ms), '']);
  const heads = ['target', 'most requests/s:', 'requests/s:', 'p50 ms:', 'p99 ms:', 'late ms:'];
  process.stdout.write(markdownTable(heads, rows));
}
