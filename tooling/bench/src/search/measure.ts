/** Measures one size of index in a process of its own: `measure.ts TOOLS all|wide|words`. Prints one line of JSON. Needs `--expose-gc`. */
import {
  createToolIndex,
  loadToolIndex,
  staticEmbedder,
  type ToolDocument,
  type ToolIndex,
} from '@toolyard/native-index';
import type { Embedder } from '@toolyard/protocol';
import { catalogue } from './catalogue.ts';
import { watchLoop } from './loop-watch.ts';
import { countSharedBytes } from './shared-bytes.ts';
import { standIn } from './stand-in.ts';
import { median } from '../figures/percentile.ts';
import { type QueryTimes, summarize } from './query-times.ts';

export interface SearchFigures {
  readonly tools: number;
  readonly parts: string;
  readonly perSecond: number;
  readonly holdMs: number;
  readonly holdCpuMs: number;
  /** The longest pause for garbage collection while tools were taken in; where one falls into a turn, it is part of that turn's hold. */
  readonly gcMs: number;
  readonly bytesPerTool: number;
  readonly short: QueryTimes;
  readonly long: QueryTimes;
  readonly saveMs: number;
  readonly savedBytesPerTool: number;
  readonly loadMs: number;
}

const warmUps = 300;
const rounds = 5;

const count = Number(process.argv[2]);
const parts = process.argv[3] ?? 'all';
const { tool, shortQuery, longQuery } = catalogue(count);
const sharedBytes = countSharedBytes();

function usedBytes(): number {
  if (globalThis.gc === undefined) throw new Error('start it with --expose-gc');
  // Twice, because what is finalised in one is given back in the next.
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external + sharedBytes();
}

async function timed<T>(work: () => Promise<T>): Promise<readonly [T, number]> {
  const start = performance.now();
  const result = await work();
  return [result, performance.now() - start];
}

async function timesOf(index: ToolIndex, queryOf: (number: number) => string, queries: number): Promise<QueryTimes> {
  const wallMs: number[] = [];
  const cpuMs: number[] = [];
  for (let number = -warmUps; number < queries; number += 1) {
    const query = queryOf(number + warmUps);
    const before = process.cpuUsage();
    const [, ms] = await timed(() => index.search(query));
    const { user, system } = process.cpuUsage(before);
    if (number < 0) continue;
    wallMs.push(ms);
    cpuMs.push((user + system) / 1000);
  }
  return summarize(wallMs, cpuMs);
}

async function embedderFor(name: string): Promise<Embedder | null> {
  if (name === 'words') return null;
  return name === 'wide' ? standIn(384) : await staticEmbedder();
}

async function build(embedder: Embedder | null, tools: readonly ToolDocument[]): Promise<ToolIndex> {
  const index = await createToolIndex({ embedder });
  await index.upsert(tools);
  return index;
}

const embedder = await embedderFor(parts);
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
const queries = Math.max(400, Math.min(2000, 40_000_000 / count / 10));
const short = await timesOf(index, shortQuery, queries);
const long = await timesOf(index, longQuery, queries);
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
  holdCpuMs: holds.longestCpuMs,
  gcMs: holds.longestGcMs,
  bytesPerTool,
  short,
  long,
  saveMs,
  savedBytesPerTool: saved.byteLength / count,
  loadMs: median(loads),
};
process.stdout.write(`${JSON.stringify(figures)}\n`);
