import { parseArgs } from 'node:util';
import { fine, markdownTable, whole } from '../figures/markdown.ts';
import { runForJson } from '../processes/run-for-json.ts';
import type { SlowFigures, SlowOrder } from '../load/slow-load.ts';
import { openBenchYard } from './bench-yard.ts';
import { programs } from './places.ts';

export const slowCallsUsage = `npm run bench -- slow-calls [--calls 10000] [--slow-ms 3000] [--at-once N] [--upstream http|stdio] [--timeout-s 120]

  So many calls at the same time, each on a connection of its own, of a tool that takes --slow-ms: how many are answered, when, and what the gateway holds meanwhile. --at-once is
  calls.maxConcurrent of the server (default: --calls, or as many as "ulimit -n" leaves room for; the rest waits in the gateway); its other settings are the gateway's own.
`;

/** For what is not a call: listening, the log, spare. */
const otherFiles = 500;

/** Makes many slow calls at once and prints what became of them. */
export async function benchSlowCalls(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      calls: { type: 'string', default: '10000' },
      'slow-ms': { type: 'string', default: '3000' },
      'at-once': { type: 'string' },
      upstream: { type: 'string', default: 'http' },
      'timeout-s': { type: 'string', default: '120' },
    },
  });
  const calls = Number(values.calls);
  const files = openFiles();
  const room = values.upstream === 'http' ? Math.min(calls, files - calls - otherFiles) : calls;
  const maxConcurrent = Number(values['at-once'] ?? room);
  const env = { BENCH_DELAY_MS: values['slow-ms'] };
  await using yard = await openBenchYard();
  const target =
    values.upstream === 'http'
      ? { url: (await yard.start(1, [programs.upstream], { env })).url }
      : { command: process.execPath, args: [programs.upstreamStdio], env };
  const gateway = await yard.startGateway({ servers: { bench: { ...target, calls: { maxConcurrent } } } });
  const idle = gateway.memory();
  const order: SlowOrder = {
    url: gateway.url,
    pid: gateway.pid,
    calls,
    timeoutMs: Number(values['timeout-s']) * 1_000,
  };
  const program = new URL('../load/slow-load.ts', import.meta.url).pathname;
  const figures = (await runForJson(1, [program, JSON.stringify(order)])) as SlowFigures;
  const rows: (readonly [string, string])[] = [
    ['calls at the same time', `${whole(calls)} of ${values['slow-ms']} ms each`],
    ['`calls.maxConcurrent` of the server', whole(maxConcurrent)],
    ['files a process may open (`ulimit -n`)', whole(files)],
    ['answered', whole(figures.answered)],
    [
      'refused or lost',
      `${whole(figures.failed)}${figures.firstFailure === '' ? '' : `, the first: ${figures.firstFailure}`}`,
    ],
    ['all connected after', `${fine(figures.connectedMs / 1_000)} s`],
    ['calls open at once, at most', whole(figures.mostOpen)],
    ['a call, p50 / p99', `${fine(figures.p50Ms / 1_000)} / ${fine(figures.p99Ms / 1_000)} s`],
    ['all over after', `${fine(figures.totalMs / 1_000)} s`],
    ['CPU time of the gateway', `${fine(figures.cpuSeconds)} s`],
    [
      'memory of the gateway, idle / with the calls',
      `${whole(idle.mebibytes)} / ${whole(figures.memory.mebibytes)} MiB`,
    ],
  ];
  process.stdout.write(markdownTable(['slow calls', ':'], rows));
}

function openFiles(): number {
  const report = process.report.getReport() as {
    readonly userLimits?: { readonly open_files?: { readonly soft: number | 'unlimited' } };
  };
  const soft = report.userLimits?.open_files?.soft;
  return typeof soft === 'number' ? soft : 1_000_000;
}
