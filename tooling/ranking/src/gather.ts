import { readLabelledSet, type LabelledQuery } from '@toolyard/native-index/evaluate';
import { collectFeatures, features, nameGate } from '@toolyard/native-index/tuning';
import type { ToolDocument } from '@toolyard/native-index';
import type { Embedder } from '@toolyard/protocol';
import type { Example } from './fit.ts';

/** A labelled set as the ranking sees it. */
export interface JudgedSet {
  readonly name: string;
  readonly queries: readonly Judged[];
  /** Names of its tools as requests for them; for finding weights only. */
  readonly names: readonly Judged[];
}

export interface Judged {
  readonly query: LabelledQuery;
  readonly example: Example;
  readonly several: boolean;
  /** Ids, as in the example. */
  readonly tools: readonly string[];
}

/** Besides the right ones, only so many tools a query take part: the rest teach nothing. */
const kept = 60;
/** How many tools of a set are asked for by their names, and how much these requests count together, where the set's own count 1. */
const mostNames = 200;
const namesCount = 0.2;
const telling = (['lexicalShare', 'denseShare', 'segmentLexicalBest', 'segmentDenseBest', 'nameSaid'] as const).map(
  (name) => features.indexOf(name),
);

/** Reads a set and judges its tools for each query. Where a query names a `main` tool, that one is looked for: what it depends on is the graph's business. */
export async function gather(name: string, folder: string, embedder: Embedder | null): Promise<JudgedSet> {
  const set = await readLabelledSet(folder);
  const width = features.length;
  return {
    name,
    queries: await judge(set.queries, 1),
    names: await judge(byName(set.tools), namesCount),
  };

  /** `count`: of all together. */
  async function judge(queries: readonly LabelledQuery[], count: number): Promise<readonly Judged[]> {
    const judged = await collectFeatures({ ...set, queries }, embedder);
    return judged
      .filter(({ query }) => query.relevant.length > 0)
      .map((one) => {
        const query =
          one.query.main === undefined
            ? one.query
            : { ...one.query, relevant: [one.query.main], equivalents: new Map<string, readonly string[]>() };
        const right = new Set(query.relevant);
        for (const [id, others] of query.equivalents) if (right.has(id)) for (const other of others) right.add(other);
        const row = (tool: number): Float64Array => one.features.subarray(tool * width, (tool + 1) * width);
        const hope = one.tools.map((_, tool) => telling.reduce((sum, feature) => sum + (row(tool)[feature] ?? 0), 0));
        const order = [...hope.keys()]
          .sort((a, b) => (hope[b] ?? 0) - (hope[a] ?? 0))
          .filter((tool, place) => place < kept || right.has(one.tools[tool] ?? ''));
        const chosen = new Float64Array(order.length * width);
        order.forEach((tool, place) => chosen.set(row(tool), place * width));
        const tools = order.map((tool) => one.tools[tool] ?? '');
        const relevant = Uint8Array.from(tools, (id) => (right.has(id) ? 1 : 0));
        return {
          query,
          several: one.segments > 1,
          tools,
          example: { weight: count / judged.length, gate: nameGate(one.features), features: chosen, relevant },
        };
      });
  }
}

/** A tool that is called by its name has to be found, which requests of people hardly ever teach. */
function byName(tools: readonly ToolDocument[]): readonly LabelledQuery[] {
  const step = Math.max(1, Math.ceil(tools.length / mostNames));
  return tools
    .filter((_, at) => at % step === 0)
    .map(({ id, name }) => ({
      id,
      query: name,
      relevant: [id],
      equivalents: new Map([
        [id, tools.filter((other) => other.name === name && other.id !== id).map((other) => other.id)],
      ]),
      main: undefined,
    }));
}
