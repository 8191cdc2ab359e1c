/** Measures one size of index in a process of its own: `measure.ts TOOLS all|words`. Prints one line of JSON. Needs `--expose-gc`. */
import {
  createToolIndex,
  loadToolIndex,
  staticEmbedder,
  type ToolDocument,
  type ToolIndex,
} from '@toolyard/native-index';
import { catalogue } from './catalogue.ts';
import { watchLoop } from './loop-watch.ts';

export interface SearchFigures {
  readonly tools: number;
  readonly parts: string;
  readonly perSecond: number;
  readonly holdMs: number;
  readonly gcMs: number;
  readonly bytesPerTool: number;
  readonly shortP50Ms: number;
  readonly shortP99Ms: number;
  readonly longP50Ms: number;
  readonly longP99Ms: number;
  readonly saveMs: number;
  readonly savedBytesPerTool: number;
  readonly loadMs: number;
}

const warmUps = 200;
const rounds = 5;

const count = Number(process.argv[2]);
const parts = process.argv[3] ?? 'all';
const { tool, shortQuery, longQuery } = catalogue(count);

function usedBytes(): number {
  if (globalThis.gc === undefined) throw new Error('start it with --expose-gc');
  // Twice, because what is finalised in one is given back in the next.
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function timed<T>(work: () => Promise<T>): Promise<readonly [T, number]> {
  const start = performance.now();
  const result = await work();
  return [result, performance.now() - start];
}

async function times(
  index: ToolIndex,
  queryOf: (number: number) => string,
  queries: number,
): Promise<readonly number[]> {
  const taken: number[] = [];
  for (let number = -warmUps; number < queries; number += 1) {
    const query = queryOf(number + warmUps);
    const [, ms] = await timed(() => index.search(query));
    if (number >= 0) taken.push(ms);
  }
  return taken.sort((a, b) => a - b);
}

const at = (sorted: readonly number[], share: number): number => sorted[Math.floor(sorted.length * share)] ?? 0;
const median = (numbers: readonly number[]): number =>
  at(
    [...numbers].sort((a, b) => a - b),
    0.5,
  );

async function build(
  embedder: Awaited<ReturnType<typeof staticEmbedder>> | null,
  tools: readonly ToolDocument[],
): Promise<ToolIndex> {
  const index = await createToolIndex({ embedder });
  await index.upsert(tools);
  return index;
}

const embedder = parts === 'all' ? await staticEmbedder() : null;
// What is compiled and remembered once, whatever the size, is not the index's.
{
  await using warm = await build(
    embedder,
    Array.from({ length: 500 }, (_, number) => tool(number)),
  );
  for (let number = 0; number < 50; number += 1) await warm.search(longQuery(number));
}
const before = usedBytes();
let tools: ToolDocument[] = Array.from({ length: count }, (_, number) => tool(number));
globalThis.gc?.();
const [[index, buildMs], holds] = await watchLoop(() => timed(() => build(embedder, tools)));
tools = [];
const bytesPerTool = (usedBytes() - before) / count;
const queries = Math.max(200, Math.min(2000, 40_000_000 / count / 10));
const short = await times(index, shortQuery, queries);
const long = await times(index, longQuery, queries);
const [saved, saveMs] = await timed(() => index.save());
await index.close();
const loads: number[] = [];
for (let round = 0; round < rounds; round += 1) {
  const [loaded, ms] = await timed(() => loadToolIndex(saved, { embedder }));
  await loaded.close();
  loads.push(ms);
}
const figures: SearchFigures = {
  tools: count,
  parts,
  perSecond: (count / buildMs) * 1000,
  holdMs: holds.longestMs,
  gcMs: holds.longestGcMs,
  bytesPerTool,
  shortP50Ms: at(short, 0.5),
  shortP99Ms: at(short, 0.99),
  longP50Ms: at(long, 0.5),
  longP99Ms: at(long, 0.99),
  saveMs,
  savedBytesPerTool: saved.byteLength / count,
  loadMs: median(loads),
};
process.stdout.write(`${JSON.stringify(figures)}\n`);
