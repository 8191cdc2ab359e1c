import { resolve } from 'node:path';

import { unknownLabels } from '@toolyard/native-index/evaluate';
import type { Embedder, Transport } from '@toolyard/protocol';

import { CommandFailure, type ExitCode, exitCodes } from '../../cli/exit-codes.ts';
import type { Surroundings } from '../../cli/surroundings.ts';
import { oneLine } from '../../cli/table.ts';
import { gatewayTools } from '../../client/gateway-tools.ts';
import { interruptible } from '../../client/interruptible.ts';
import type { EvalOptions } from './eval-options.ts';
import { findSets, type SetSource } from './find-sets.ts';
import { belowFloors, readFloors } from './floors.ts';
import { measure } from './measure.ts';
import { openEmbedder } from './open-embedder.ts';
import { createProgress, type Progress } from './progress.ts';
import { openRankings, type RankingsFile } from './rankings-file.ts';
import { type MeasuredSet, renderReport, reportJson } from './report.ts';

/** Measures the search for tools on labelled sets, in this process. Asks the running gateway only for the tools of a catalogue that no file holds. */
export async function evaluate(
  options: EvalOptions,
  surroundings: Surroundings,
  transport: Transport,
  version: string,
): Promise<ExitCode> {
  const { cwd, out, err } = surroundings;
  const ask = (signal: AbortSignal): ReturnType<typeof gatewayTools> =>
    gatewayTools(options, surroundings, transport, version, signal);
  const { measured, below } = await interruptible(surroundings, async (signal) => {
    const sources = await findSets(options, cwd, ask);
    const floors = options.floor === undefined ? {} : await readFloors(resolve(cwd, options.floor), options.floor);
    await using embedder = await openEmbedder(options, surroundings);
    await using rankings = await rankingsOf(options, sources, cwd);
    using progress = createProgress(err);
    const sets: MeasuredSet[] = [];
    for (const source of sources)
      sets.push(await measureSet(source, { options, embedder, rankings, progress, signal, err }));
    return { measured: sets, below: belowFloors(floors, sets) };
  });
  out(options.json ? reportJson(measured) : renderReport(measured));
  for (const sentence of below) err(sentence);
  return below.length === 0 ? exitCodes.ok : exitCodes.failed;
}

/** Before anything is opened: writing must not take away what is to be read. */
async function rankingsOf(
  { rankings }: EvalOptions,
  sources: readonly SetSource[],
  cwd: string,
): Promise<RankingsFile | undefined> {
  if (rankings === undefined) return undefined;
  const path = resolve(cwd, rankings);
  if (sources.some(({ files }) => files.includes(path)))
    throw new CommandFailure(exitCodes.usage, `--rankings ${rankings} would overwrite a file of the set.`);
  return openRankings(path, rankings, sources.length > 1);
}

interface SetParts {
  readonly options: EvalOptions;
  readonly embedder: Embedder | null;
  readonly rankings: RankingsFile | undefined;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly err: (text: string) => void;
}

async function measureSet(source: SetSource, parts: SetParts): Promise<MeasuredSet> {
  const { options, embedder, rankings, progress, signal, err } = parts;
  const name = oneLine(source.name);
  progress.now(() => `${name}: reading`);
  const set = await source.read(signal);
  warnOfLabels(name, unknownLabels(set), err);
  const measured = await measure(set, {
    embedder,
    graph: options.graph,
    parts: options.parts,
    signal,
    onRanking: (ranking) => rankings?.add(source.name, ranking),
    onStep: (part, done) =>
      progress.now(() => `${name}, ${part}: ${set.tools.length} tools, ${done} of ${set.queries.length} queries`),
  });
  await rankings?.flush();
  const failures = measured.at(-1)?.evaluation.embedderFailures ?? 0;
  if (failures > 0) {
    const which = failures === 1 ? '1 query, which was' : `${failures} queries, which were`;
    err(`${name}: The embedder failed for ${which} ranked by words alone.`);
  }
  return { name: source.name, tools: set.tools.length, parts: measured };
}

function warnOfLabels(set: string, unknown: readonly string[], err: (text: string) => void): void {
  const [first] = unknown;
  if (first === undefined) return;
  const named = unknown.length === 1 ? 'A label names a tool' : `${unknown.length} labels name tools`;
  err(`${set}: ${named} that the set does not have, such as "${oneLine(first)}": they count as not found.`);
}
