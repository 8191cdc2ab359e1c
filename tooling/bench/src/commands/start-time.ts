import { parseArgs } from 'node:util';
import { fine, markdownTable, whole } from '../figures/markdown.ts';
import { median } from '../figures/percentile.ts';
import { exchange, HttpConnection } from '../load/http-connection.ts';
import { modernPost } from '../load/messages.ts';
import { startTarget } from '../processes/start-target.ts';
import { openBenchYard } from './bench-yard.ts';
import { programs } from './places.ts';
import { startFleet } from './upstream-fleet.ts';

export const startUsage = `npm run bench -- start [--servers 1,10] [--delay-ms 0] [--rounds 10]

  From the start of the process to "ready" with servers over HTTP, beside what the slowest of them takes to answer server/discover and tools/list when it is asked directly, and a program of Node
  that only listens. Medians, with the fastest and slowest run.
`;

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
  const listening: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await using upstream = await startTarget(0, [programs.upstream]);
    listening.push(upstream.readyMs);
  }
  rows.push(['a program of Node that only listens', ...spread(listening), '']);
  for (const servers of values.servers.split(',').map(Number)) {
    const fleet = await startFleet(yard, { servers, tools: 10, delayMs: Number(values['delay-ms']) });
    const own = await Promise.all(fleet.urls.map(ownMs));
    const setting = { servers: fleet.servers };
    const ready: number[] = [];
    // The first run also reads files from the disk.
    for (let round = -1; round < rounds; round += 1) {
      const gatewayArgs = [...(await yard.gatewayArgs(setting)), '--port', '0'];
      await using gateway = await startTarget(0, gatewayArgs, { env: yard.gatewayEnv });
      if (round >= 0) ready.push(gateway.readyMs);
    }
    const what = servers === 1 ? 'gateway, 1 server' : `gateway, ${servers} servers`;
    rows.push([what, ...spread(ready), fine(Math.max(...own))]);
    await fleet.target[Symbol.asyncDispose]();
  }
  const heads = ['what', 'ready after ms:', 'fastest:', 'slowest:', 'its slowest server alone, ms:'];
  process.stdout.write(markdownTable(heads, rows));
}

function spread(times: readonly number[]): readonly string[] {
  return [whole(median(times)), whole(Math.min(...times)), whole(Math.max(...times))];
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
