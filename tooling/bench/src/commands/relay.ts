import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { fine, markdownTable, percent, whole } from '../figures/markdown.ts';
import { median } from '../figures/percentile.ts';
import type { Target } from '../processes/start-target.ts';
import { openBenchYard } from './bench-yard.ts';
import type { LoadFigures } from '../load/tally.ts';
import { measureTarget } from './measure-target.ts';
import { programs } from './places.ts';

export const relayUsage = `npm run bench -- [gateway] [--connections 1,16,64] [--seconds 3] [--rounds 3] [--result-bytes 64] [--upstream http|stdio] [--json FILE]

  One call of a tool through the gateway, beside the server itself, the floor and a proxy made of the official SDK.
  Targets run one at a time on core 0; the load and the upstream run on core 1.
  Every round measures all targets in turn; the table shows medians over the rounds.
  With a stdio upstream the floor is a bare pipe relay, and the processes of the server run on core 0, too.
`;

interface Row extends Pick<LoadFigures, 'perSecond' | 'p50Ms' | 'p99Ms' | 'cpuMicrosPerRequest'> {
  readonly target: string;
  readonly connections: number;
}

function summarize(rows: readonly Row[], target: string, connections: number): Row {
  const mine = rows.filter((row) => row.target === target && row.connections === connections);
  const over = (pick: (row: Row) => number) => median(mine.map(pick));
  return {
    target,
    connections,
    perSecond: over((row) => row.perSecond),
    p50Ms: over((row) => row.p50Ms),
    p99Ms: over((row) => row.p99Ms),
    cpuMicrosPerRequest: over((row) => row.cpuMicrosPerRequest),
  };
}

function table(summaries: readonly Row[]): string {
  const heads = ['connections:', 'target', 'requests/s:', 'p50 ms:', 'p99 ms:', 'CPU µs/request:', 'of the floor:'];
  const rows = summaries.map(({ connections, target, perSecond, p50Ms, p99Ms, cpuMicrosPerRequest }) => {
    const floor = summaries.find((other) => other.target === 'floor' && other.connections === connections);
    const share = floor === undefined ? '' : percent(perSecond / floor.perSecond);
    return [String(connections), target, whole(perSecond), fine(p50Ms), fine(p99Ms), whole(cpuMicrosPerRequest), share];
  });
  return markdownTable(heads, rows);
}

/** Measures direct access, the floor, the gateway and an SDK proxy side by side, in one run, and prints them as ratios. */
export async function benchRelay(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      connections: { type: 'string', default: '1,16,64' },
      seconds: { type: 'string', default: '3' },
      rounds: { type: 'string', default: '3' },
      'result-bytes': { type: 'string', default: '64' },
      upstream: { type: 'string', default: 'http' },
      json: { type: 'string' },
    },
  });
  await using yard = await openBenchYard();
  const env = { BENCH_RESULT_BYTES: values['result-bytes'] };
  const targets: (readonly [string, Target])[] = [];
  const add = async (name: string, started: Promise<Target>): Promise<unknown> => targets.push([name, await started]);
  if (values.upstream === 'stdio') {
    // A process of the gateway is given nothing of its environment.
    const bench = { command: process.execPath, args: [programs.upstreamStdio], env };
    await add('floor', yard.start(0, [programs.floorStdio, programs.upstreamStdio], { env }));
    await add('gateway', yard.startGateway({ servers: { bench } }));
  } else {
    const upstream = await yard.start(1, [programs.upstream], { env });
    await add('direct', yard.start(0, [programs.upstream], { env }));
    await add('floor', yard.start(0, [programs.floor, upstream.url]));
    await add('SDK proxy', yard.start(0, [programs.sdkProxy, upstream.url]));
    await add('gateway', yard.startGateway({ servers: { bench: { url: upstream.url } } }));
  }
  const connectionCounts = values.connections.split(',').map(Number);
  const seconds = Number(values.seconds);
  for (const [name, target] of targets)
    await measureTarget(name, target, { speech: 'modern', connections: 16, seconds: 1 });
  const rows: Row[] = [];
  for (let round = 0; round < Number(values.rounds); round += 1) {
    for (const connections of connectionCounts) {
      for (const [name, target] of targets) {
        const figures = await measureTarget(name, target, { speech: 'modern', connections, seconds });
        rows.push({ target: name, connections, ...figures });
      }
    }
  }
  const summaries = connectionCounts.flatMap((connections) =>
    targets.map(([name]) => summarize(rows, name, connections)),
  );
  process.stdout.write(table(summaries));
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify({ summaries, rows }, null, 2)}\n`);
}
