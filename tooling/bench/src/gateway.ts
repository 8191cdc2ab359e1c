import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { LoadFigures, Target } from './processes.ts';
import { runLoad, startTarget } from './processes.ts';

export const gatewayUsage = `npm run bench -- [gateway] [--connections 1,16,64] [--seconds 3] [--rounds 3] [--result-bytes 64] [--upstream http|stdio] [--json FILE]

  Targets run one at a time on core 0; the load and the upstream run on core 1.
  Every round measures all targets in turn; the table shows medians over the rounds.
  With a stdio upstream the floor is a bare pipe relay, and the processes of the server run on core 0, too.
`;

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
interface Row extends LoadFigures {
  readonly target: string;
  readonly connections: number;
  readonly cpuMicrosPerRequest: number;
}

const median = (numbers: readonly number[]): number => [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? 0;

async function measure(name: string, target: Target, connections: number, seconds: string, tool: string): Promise<Row> {
  const before = target.cpuSeconds();
  const figures = await runLoad(1, [here('load.ts'), target.url, String(connections), seconds, tool]);
  const cpu = target.cpuSeconds() - before;
  if (figures.errors > 0) throw new Error(`${name}: ${figures.errors} wrong replies, the first: ${figures.firstError}`);
  return { target: name, connections, cpuMicrosPerRequest: (cpu * 1e6) / figures.requests, ...figures };
}

function summarize(rows: readonly Row[], target: string, connections: number): Row {
  const mine = rows.filter((row) => row.target === target && row.connections === connections);
  const over = (pick: (row: Row) => number) => median(mine.map(pick));
  return {
    target,
    connections,
    requests: over((row) => row.requests),
    perSecond: over((row) => row.perSecond),
    p50Ms: over((row) => row.p50Ms),
    p99Ms: over((row) => row.p99Ms),
    cpuMicrosPerRequest: over((row) => row.cpuMicrosPerRequest),
    errors: 0,
    firstError: '',
  };
}

function print(summaries: readonly Row[]): void {
  process.stdout.write('connections  target      requests/s  p50 ms  p99 ms  CPU µs/request  of the floor\n');
  for (const row of summaries) {
    const floor = summaries.find((other) => other.target === 'floor' && other.connections === row.connections);
    const share = floor === undefined ? '' : `${((100 * row.perSecond) / floor.perSecond).toFixed(0)}%`;
    process.stdout.write(
      `${String(row.connections).padStart(11)}  ${row.target.padEnd(10)}  ${row.perSecond.toFixed(0).padStart(10)}  ` +
        `${row.p50Ms.toFixed(2).padStart(6)}  ${row.p99Ms.toFixed(2).padStart(6)}  ` +
        `${row.cpuMicrosPerRequest.toFixed(0).padStart(14)}  ${share.padStart(12)}\n`,
    );
  }
}

/** Measures direct access, the floor, the gateway and an SDK proxy side by side, in one run, and prints them as ratios. */
export async function benchGateway(args: readonly string[]): Promise<void> {
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
  const folder = await mkdtemp(join(tmpdir(), 'toolyard-bench-'));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const env = { BENCH_RESULT_BYTES: values['result-bytes'] };
  const file = join(folder, 'bench.yaml');
  const main = here('../../../apps/gateway/dist/main.js');
  const targets: (readonly [string, Target, string])[] = [];
  const start = async (name: string, tool: string, args: readonly string[]): Promise<void> => {
    targets.push([name, stack.use(await startTarget(0, args, env)), tool]);
  };
  if (values.upstream === 'stdio') {
    const server = here('targets/upstream-stdio.ts');
    // A process of the gateway is given nothing of its environment.
    const definition = { command: process.execPath, args: [server], env };
    await writeFile(file, JSON.stringify({ servers: { bench: definition } }));
    await start('floor', 'echo', [here('targets/floor-stdio.ts'), server]);
  } else {
    const upstream = stack.use(await startTarget(1, [here('targets/upstream.ts')], env));
    await writeFile(file, JSON.stringify({ servers: { bench: { url: upstream.url } } }));
    await start('direct', 'echo', [here('targets/upstream.ts')]);
    await start('floor', 'echo', [here('targets/floor.ts'), upstream.url]);
    await start('sdk-proxy', 'echo', [here('targets/sdk-proxy.ts'), upstream.url]);
  }
  await start('gateway', 'bench__echo', [main, 'up', file, '--port', '0']);
  const connectionCounts = values.connections.split(',').map(Number);
  for (const [name, target, tool] of targets) await measure(name, target, 16, '1', tool);
  const rows: Row[] = [];
  for (let round = 0; round < Number(values.rounds); round += 1) {
    for (const connections of connectionCounts) {
      for (const [name, target, tool] of targets) {
        rows.push(await measure(name, target, connections, values.seconds, tool));
      }
    }
  }
  const summaries = connectionCounts.flatMap((connections) =>
    targets.map(([name]) => summarize(rows, name, connections)),
  );
  print(summaries);
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify({ summaries, rows }, null, 2)}\n`);
}
