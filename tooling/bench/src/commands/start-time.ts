import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fine, markdownTable, whole } from '../figures/markdown.ts';
import { median } from '../figures/percentile.ts';
import { exchange, HttpConnection } from '../load/http-connection.ts';
import { modernPost } from '../load/messages.ts';
import { startTarget, type Target } from '../processes/start-target.ts';
import { openBenchYard } from './bench-yard.ts';
import { programs } from './places.ts';
import { startFleet } from './upstream-fleet.ts';

export const startUsage = `npm run bench -- start [--servers 1,10] [--delay-ms 0] [--rounds 10]

  From the start of the process to "ready" with servers over HTTP, beside what the slowest of them takes to answer server/discover and tools/list when it is asked directly, and a program of Node
  that only listens. With a data folder of its own each time ("first start"), and with one where what Node compiled is kept ("later"). Medians, with the fastest and slowest run, and CPU time.
`;

/** Starts that are thrown away: the first also reads files from the disk; a data folder is made by the first start, and what the second compiles is kept. */
const warmUps = 2;

/** Prints how long the gateway takes from its start until it is ready. */
export async function benchStart(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      servers: { type: 'string', default: '1,10' },
      'delay-ms': { type: 'string', default: '0' },
      rounds: { type: 'string', default: '10' },
    },
  });
  const rounds = Number(values.rounds);
  const rows: (readonly string[])[] = [];
  await using yard = await openBenchYard();
  const listening = await timed(rounds, () => startTarget(0, [programs.upstream]));
  rows.push(['a program of Node that only listens', ...listening, '']);
  for (const servers of values.servers.split(',').map(Number)) {
    const fleet = await startFleet(yard, { servers, tools: 10, delayMs: Number(values['delay-ms']) });
    const own = await Promise.all(fleet.urls.map(ownMs));
    const gatewayArgs = [...(await yard.gatewayArgs({ servers: fleet.servers })), '--port', '0'];
    const startIn = (data: string): Promise<Target> =>
      startTarget(0, gatewayArgs, { env: { ...yard.gatewayEnv, TOOLYARD_DATA: join(yard.folder, data) } });
    const what = servers === 1 ? 'gateway, 1 server' : `gateway, ${servers} servers`;
    const slowest = fine(Math.max(...own));
    const first = await timed(rounds, (round) => startIn(`data-${servers}-${round}`));
    rows.push([`${what}, first start`, ...first, slowest]);
    rows.push([`${what}, later`, ...(await timed(rounds, () => startIn(`data-${servers}`))), slowest]);
    await fleet.target[Symbol.asyncDispose]();
  }
  const heads = ['what', 'ready after ms:', 'fastest:', 'slowest:', 'CPU ms:', 'its slowest server alone, ms:'];
  process.stdout.write(markdownTable(heads, rows));
}

async function timed(rounds: number, start: (round: number) => Promise<Target>): Promise<readonly string[]> {
  const ready: number[] = [];
  const cpu: number[] = [];
  for (let round = -warmUps; round < rounds; round += 1) {
    await using target = await start(round);
    if (round < 0) continue;
    ready.push(target.readyMs);
    cpu.push(target.readyCpuMs);
  }
  return [median(ready), Math.min(...ready), Math.max(...ready), median(cpu)].map(whole);
}

/** What one server takes to be reached and to say what it offers. */
async function ownMs(text: string): Promise<number> {
  const url = new URL(text);
  const began = performance.now();
  const connection = new HttpConnection(url);
  await exchange(connection, modernPost(url, 'server/discover'));
  await exchange(connection, modernPost(url, 'tools/list'));
  connection.close();
  return performance.now() - began;
}
