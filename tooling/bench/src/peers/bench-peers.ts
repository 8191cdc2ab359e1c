import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { openBenchYard } from '../commands/bench-yard.ts';
import { programs } from '../commands/places.ts';
import type { Contestant } from './contestant.ts';
import { type Bout, measureContestant } from './measure-contestant.ts';
import { ours } from './ours.ts';
import { leftOut, peers } from './peers.ts';
import { type Entry, peersReport } from './report.ts';
import { versionOf } from './install-peer.ts';

export const peersUsage = `npm run bench -- peers [--connections 64] [--seconds 3] [--rounds 3] [--only NAME,NAME] [--json FILE]

  Other gateways and proxies beside the gateway and the floor, with the same server, in three ways: from HTTP to HTTP, from HTTP to a process, from a process to HTTP.
  They are installed from npm in exact versions (tooling/bench/src/peers/versions.json), without install scripts, into node_modules/.cache/toolyard-bench, and listen on the
  loopback interface only. One at a time: each is started, warmed for two seconds, measured, ended. --only takes names such as "mcp-hub"; floor and gateway are always measured.
`;

/** Measures what else there is, beside the gateway, and prints a table for each way. */
export async function benchPeers(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      connections: { type: 'string', default: '64' },
      seconds: { type: 'string', default: '3' },
      rounds: { type: 'string', default: '3' },
      only: { type: 'string' },
      json: { type: 'string' },
    },
  });
  const bout: Bout = {
    connections: Number(values.connections),
    seconds: Number(values.seconds),
    rounds: Number(values.rounds),
  };
  const only = values.only?.split(',');
  const wanted = [...ours, ...peers.filter(({ name }) => only === undefined || only.includes(name))];
  await using yard = await openBenchYard();
  const upstream = await yard.start(1, [programs.upstream]);
  const entries: Entry[] = [];
  for (const contestant of wanted) {
    process.stderr.write(`${contestant.name}, ${contestant.way}, ${contestant.speech} …\n`);
    const version = await versionOf(contestant.name).catch(() => undefined);
    const outcome = await measureContestant(contestant, { yard, upstreamUrl: upstream.url }, bout).then(
      (score) => ({ score }),
      (error: unknown) => ({ reason: reasonOf(error, contestant) }),
    );
    entries.push({ name: contestant.name, way: contestant.way, speech: contestant.speech, version, ...outcome });
  }
  process.stdout.write(peersReport(entries, leftOut));
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(entries, null, 2)}\n`);
}

function reasonOf(error: unknown, { name }: Contestant): string {
  const reason = error instanceof Error ? error.message : String(error);
  return reason === '' ? `${name} failed without a word` : reason.slice(0, 400);
}
