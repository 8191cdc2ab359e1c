import { createToolIndex, type ToolDocument, type ToolIndex, toolGraph } from '@toolyard/native-index';
import {
  type Evaluation,
  evaluateSet,
  type LabelledSet,
  meaningAlone,
  type QueryRanking,
  type Searcher,
} from '@toolyard/native-index/evaluate';
import type { Embedder } from '@toolyard/protocol';

import type { GraphChoice } from './eval-options.ts';

/** What of the ranking took part. */
export type Part = 'words' | 'meaning' | 'words and meaning' | 'with graph';

export interface MeasuredPart {
  readonly part: Part;
  readonly evaluation: Evaluation;
}

export interface MeasureOptions {
  readonly embedder: Embedder | null;
  readonly graph: GraphChoice;
  /** All parts, not only the whole. */
  readonly parts: boolean;
  /** Told of each ranking of the whole. */
  readonly onRanking: (ranking: QueryRanking) => void;
  /** Told what is measured now, and with how many queries so far; none while tools are taken in. */
  readonly onStep: (part: Part, queries: number) => void;
  readonly signal: AbortSignal;
}

/** How many tools are ranked for a query: what a model would be given, and all that is scored. */
export const selected = 10;

/** After what was found come the other tools, in the order of their ids: a ranking has ten of them wherever the set has. */
function filled(searcher: Searcher, tools: readonly ToolDocument[]): Searcher {
  const ids = tools.map(({ id }) => id).sort();
  return {
    async search(query, options) {
      const { hits, dense } = await searcher.search(query, options);
      const found = new Set(hits.map(({ id }) => id));
      for (const id of ids) {
        if (found.size >= selected) break;
        found.add(id);
      }
      return { hits: [...found].map((id) => ({ id })), dense };
    },
  };
}

/** Measures a set; the whole comes last. Declared dependencies take part only where they are asked for, so that they do not hide what inference is worth. */
export async function measure(set: LabelledSet, options: MeasureOptions): Promise<readonly MeasuredPart[]> {
  const { embedder, graph, parts, signal, onRanking, onStep } = options;
  const known = graph === 'declared' ? set : { ...set, tools: set.tools.map(withoutDependencies) };
  const measured: MeasuredPart[] = [];
  const run = async (part: Part, searcher: Searcher, expand: GraphChoice, last: boolean): Promise<void> => {
    let done = 0;
    onStep(part, done);
    const evaluation = await evaluateSet(known, filled(searcher, known.tools), {
      search: { limit: selected, expand },
      signal,
      onRanking: (ranking) => {
        onStep(part, (done += 1));
        if (last) onRanking(ranking);
      },
    });
    measured.push({ part, evaluation });
  };
  if (parts && embedder !== null) {
    onStep('words', 0);
    await using words = await indexOf(known.tools, null, 'none', signal);
    await run('words', words, 'none', false);
    onStep('meaning', 0);
    using meaning = await meaningAlone(known.tools, embedder, { signal });
    await run('meaning', meaning, 'none', false);
  }
  const fused: Part = embedder === null ? 'words' : 'words and meaning';
  onStep(fused, 0);
  await using index = await indexOf(known.tools, embedder, graph, signal);
  if (parts || graph === 'none') await run(fused, index, 'none', graph === 'none');
  if (graph !== 'none') await run('with graph', index, graph, true);
  return measured;
}

async function indexOf(
  tools: readonly ToolDocument[],
  embedder: Embedder | null,
  graph: GraphChoice,
  signal: AbortSignal,
): Promise<ToolIndex> {
  const index = await createToolIndex({ embedder, graph: graph === 'none' ? null : toolGraph() });
  try {
    await index.upsert(tools, { signal });
    return index;
  } catch (error) {
    await index.close();
    throw error;
  }
}

function withoutDependencies({ dependsOn: _, ...tool }: ToolDocument): ToolDocument {
  return tool;
}
