import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { fine, markdownTable, whole } from '../figures/markdown.ts';
import { percentile } from '../figures/percentile.ts';
import { exchange, HttpConnection } from '../load/http-connection.ts';
import { modernPost } from '../load/messages.ts';
import { cpuSeconds } from '../processes/usage.ts';
import { heldBy, probed } from './heap.ts';
import { openBenchYard } from './bench-yard.ts';
import { startFleet } from './upstream-fleet.ts';

export const manyServersUsage = `npm run bench -- servers [--servers 1000] [--tools 10] [--delay-ms 20] [--lists 100] [--snapshot FILE]

  Many servers over HTTP behind one gateway, each on a port of its own, that answer after --delay-ms: how long until all of them are up, how many were being asked at the same time, what the
  gateway holds in memory, and how long a page of tools/list takes, the first time and from then on (all pages, --lists times over). The gateway's pages are those of its default settings.
  --snapshot writes a heap snapshot of the gateway after that.
`;

const pollMs = 250;

/** Starts a gateway with many servers and prints how it fares. */
export async function benchManyServers(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      servers: { type: 'string', default: '1000' },
      tools: { type: 'string', default: '10' },
      'delay-ms': { type: 'string', default: '20' },
      lists: { type: 'string', default: '100' },
      snapshot: { type: 'string' },
    },
  });
  const count = Number(values.servers);
  await using yard = await openBenchYard();
  const options = { servers: count, tools: Number(values.tools), delayMs: Number(values['delay-ms']) };
  const fleet = await startFleet(yard, options);
  const started = performance.now();
  const gateway = await yard.startGateway({ servers: fleet.servers, ...probed }, { ipc: true });
  const readyMs = performance.now() - started;
  const url = new URL(gateway.url);
  const up = await untilUp(url, count);
  const allMs = performance.now() - started;
  const peaks = await fleet.peaks();
  const memory = gateway.memory();
  const startCpu = cpuSeconds(gateway.pid);

  const connection = new HttpConnection(url);
  const first = await walk(connection, url);
  const times: number[] = [];
  const listCpu = cpuSeconds(gateway.pid);
  for (let round = 0; round < Number(values.lists); round += 1) times.push(...(await walk(connection, url)).pageMs);
  connection.close();
  if (values.snapshot !== undefined) await gateway.ask(values.snapshot);
  const cpuMs = ((cpuSeconds(gateway.pid) - listCpu) * 1_000) / times.length;
  const held = await heldBy(gateway);
  const rows: (readonly [string, string])[] = [
    ['servers up', `${up} of ${count}`],
    ['ready for clients after', `${fine(readyMs / 1_000)} s`],
    ['all up after', `${fine(allMs / 1_000)} s`],
    ['CPU time until then', `${fine(startCpu)} s`],
    ['servers asked at the same time, at most', whole(peaks.servers)],
    ['sockets to servers, at most', whole(peaks.sockets)],
    ['requests to servers', whole(peaks.requests)],
    ['memory, all up', `${whole(memory.mebibytes)} MiB`],
    ['tools, in so many pages', `${whole(first.tools)} in ${first.pageMs.length}`],
    [
      'a page',
      `${whole(first.tools / first.pageMs.length)} tools, ${whole(first.bytes / first.pageMs.length / 1_024)} KiB`,
    ],
    ['first page, nothing cached', `${fine(first.pageMs[0] ?? 0)} ms`],
    ['a page from then on, p50', `${fine(percentile(times, 50))} ms`],
    ['a page from then on, p99', `${fine(percentile(times, 99))} ms`],
    ['CPU time for a page', `${fine(cpuMs)} ms`],
    ['held after a full collection', `${whole(held.heldBytes / 1_048_576)} MiB`],
    ['memory, after that', `${whole(gateway.memory().mebibytes)} MiB`],
  ];
  process.stdout.write(markdownTable([`${whole(count)} servers of ${values.tools} tools`, ':'], rows));
}

/** Resolves with how many are up once none is starting any more. */
async function untilUp(url: URL, count: number): Promise<number> {
  const endMs = performance.now() + 300_000;
  for (;;) {
    const { servers } = (await (await fetch(new URL('/health', url))).json()) as { servers: { state: string }[] };
    const up = servers.filter(({ state }) => state === 'healthy').length;
    if (up === count || performance.now() > endMs) return up;
    await pause(pollMs);
  }
}

interface Walk {
  readonly tools: number;
  readonly bytes: number;
  readonly pageMs: readonly number[];
}

/** All pages of the list, one after the other. */
async function walk(connection: HttpConnection, url: URL): Promise<Walk> {
  const pageMs: number[] = [];
  let tools = 0;
  let bytes = 0;
  let cursor: string | undefined;
  do {
    const request = modernPost(url, 'tools/list', cursor === undefined ? {} : { cursor });
    const sent = performance.now();
    const { body } = await exchange(connection, request);
    pageMs.push(performance.now() - sent);
    bytes += body.length;
    tools += body.split('"inputSchema"').length - 1;
    cursor = /"nextCursor" *: *"([^"]+)"/.exec(body)?.[1];
  } while (cursor !== undefined);
  return { tools, bytes, pageMs };
}
