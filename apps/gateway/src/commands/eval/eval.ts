import { resolve } from 'node:path';

import { unknownLabels } from '@toolyard/native-index/evaluate';
import type { Embedder, Transport } from '@toolyard/protocol';

import { type ExitCode, exitCodes } from '../../cli/exit-codes.ts';
import type { Surroundings } from '../../cli/surroundings.ts';
import { oneLine } from '../../cli/table.ts';
import { gatewayTools } from '../../client/gateway-tools.ts';
import { interruptible } from '../../client/interruptible.ts';
import type { EvalOptions } from './eval-options.ts';
import { findSets, type SetSource } from './find-sets.ts';
import { measure } from './measure.ts';
import { openEmbedder } from './open-embedder.ts';
import { createProgress, type Progress } from './progress.ts';
import { openRankings } from './rankings-file.ts';
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
  const measured = await interruptible(surroundings, async (signal) => {
    const sources = await findSets(options, cwd, ask);
    const embedder = await openEmbedder(options, surroundings);
    using progress = createProgress(err);
    try {
      const sets: MeasuredSet[] = [];
      for (const source of sources) {
        const rankings = options.rankings === undefined ? undefined : resolve(cwd, options.rankings);
        const parts = { options, embedder, rankings, several: sources.length > 1, progress, signal, err };
        sets.push(await measureSet(source, parts));
      }
      return sets;
    } finally {
      await embedder?.close();
    }
  });
  out(options.json ? reportJson(measured) : renderReport(measured));
  return exitCodes.ok;
}

interface SetParts {
  readonly options: EvalOptions;
  readonly embedder: Embedder | null;
  readonly rankings: string | undefined;
  readonly several: boolean;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly err: (text: string) => void;
}

async function measureSet(source: SetSource, parts: SetParts): Promise<MeasuredSet> {
  const { options, embedder, rankings, several, progress, signal, err } = parts;
  const name = oneLine(source.name);
  progress.now(() => `${name}: reading`);
  const set = await source.read(signal);
  warnOfLabels(name, unknownLabels(set), err);
  await using file = rankings === undefined ? undefined : await openRankings(rankings, source.name, several);
  progress.now(() => `${name}: taking ${set.tools.length} tools in`);
  const measured = await measure(set, {
    embedder,
    graph: options.graph,
    parts: options.parts,
    signal,
    onRanking: (ranking) => file?.add(ranking),
    onStep: (part, done) => progress.now(() => `${name}: ${part}, ${done} of ${set.queries.length} queries`),
  });
  await file?.save();
  const failures = measured.at(-1)?.evaluation.embedderFailures ?? 0;
  if (failures > 0) err(`${name}: the embedder failed for ${failures} queries, which were ranked by words alone.`);
  return { name: source.name, tools: set.tools.length, parts: measured };
}

function warnOfLabels(set: string, unknown: readonly string[], err: (text: string) => void): void {
  const [first] = unknown;
  if (first === undefined) return;
  const named = unknown.length === 1 ? 'A label names a tool' : `${unknown.length} labels name tools`;
  err(`${set}: ${named} that the set does not have, such as "${oneLine(first)}": they count as not found.`);
}
