import { fileURLToPath } from 'node:url';
import { setTimeout as pause } from 'node:timers/promises';
import { measureTarget } from '../commands/measure-target.ts';
import { median } from '../figures/percentile.ts';
import { openCaller } from '../load/caller.ts';
import { runLoad } from '../load/run-load.ts';
import type { LoadFigures } from '../load/tally.ts';
import type { StdioOrder } from '../load/stdio-load.ts';
import { runForJson } from '../processes/run-for-json.ts';
import type { Target } from '../processes/start-target.ts';
import type { Contestant, Listening, Place, Started } from './contestant.ts';

export interface Bout {
  readonly connections: number;
  readonly seconds: number;
  readonly rounds: number;
}

const warmSeconds = 2;
const patienceMs = 30_000;
const stdioLoad = fileURLToPath(new URL('../load/stdio-load.ts', import.meta.url));

/** Starts one contestant, measures it over and over, and ends it. Rejects where it cannot be started or called at all. */
export function measureContestant(contestant: Contestant, place: Place, bout: Bout): Promise<LoadFigures> {
  return contestant.way === 'stdio to http'
    ? measureStarted(contestant, place, bout)
    : measureListening(contestant, place, bout);
}

async function measureListening({ name, speech, start }: Listening, place: Place, bout: Bout): Promise<LoadFigures> {
  await using target = await start(place);
  await callable(target, speech);
  const order = { speech, connections: bout.connections, seconds: bout.seconds };
  await runLoad({ ...order, seconds: warmSeconds, url: target.url, pid: target.pid });
  const rounds: LoadFigures[] = [];
  for (let round = 0; round < bout.rounds; round += 1) rounds.push(await measureTarget(name, target, order, true));
  return summarize(rounds);
}

async function measureStarted(contestant: Started, place: Place, bout: Bout): Promise<LoadFigures> {
  const order: StdioOrder = {
    args: await contestant.args(place),
    env: { ...place.yard.gatewayEnv, MCP_REMOTE_CONFIG_DIR: place.yard.folder },
    speech: contestant.speech,
    connections: bout.connections,
    seconds: bout.seconds,
    warmSeconds,
  };
  const rounds: LoadFigures[] = [];
  for (let round = 0; round < bout.rounds; round += 1)
    rounds.push((await runForJson(1, [stdioLoad, JSON.stringify(order)])) as LoadFigures);
  return summarize(rounds);
}

/** Some listen before they have reached their servers. */
async function callable(target: Target, speech: Listening['speech']): Promise<void> {
  const end = performance.now() + patienceMs;
  for (;;) {
    try {
      const caller = await openCaller(speech, new URL(target.url));
      return await caller.close();
    } catch (error) {
      if (performance.now() > end) throw error;
      await pause(200);
    }
  }
}

function summarize(rounds: readonly LoadFigures[]): LoadFigures {
  const over = (pick: (round: LoadFigures) => number): number => median(rounds.map(pick));
  const sum = (pick: (round: LoadFigures) => number): number => rounds.reduce((all, round) => all + pick(round), 0);
  return {
    perSecond: over((round) => round.perSecond),
    p50Ms: over((round) => round.p50Ms),
    p99Ms: over((round) => round.p99Ms),
    cpuMicrosPerRequest: over((round) => round.cpuMicrosPerRequest),
    memory: {
      mebibytes: over(({ memory }) => memory.mebibytes),
      processes: over(({ memory }) => memory.processes),
    },
    requests: sum((round) => round.requests),
    errors: sum((round) => round.errors),
    firstError: rounds.find(({ firstError }) => firstError !== '')?.firstError ?? '',
  };
}
