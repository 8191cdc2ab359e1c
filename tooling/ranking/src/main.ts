import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { staticEmbedder } from '@toolyard/native-index';
import type { Metrics } from '@toolyard/native-index/evaluate';
import { features } from '@toolyard/native-index/tuning';
import { gather, type JudgedSet } from './gather.ts';
import { fitModels, measureModels, type Models } from './model.ts';
import { writeFitted } from './write-fitted.ts';

const { positionals, values } = parseArgs({ allowPositionals: true, options: { write: { type: 'string' } } });
const [data] = positionals;
if (data === undefined) {
  console.error('usage: npm start -- DATA_FOLDER [--write FOLDER]');
  process.exit(2);
}

const folders = (await readdir(data, { withFileTypes: true }))
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);
const found: Record<string, Models> = {};
await using embedder = await staticEmbedder();
/**
 * For each thing that an index may know: the embedder, which features that leaves, under which names the weights go, and whether the best are compared after that, which raised what is found of
 * sets that took no part only where pieces are known.
 */
const kinds = [
  { label: 'all', with: embedder, without: /^$/, name: 'pieces', compares: true },
  {
    label: 'whole texts',
    with: { ...embedder, pieces: undefined },
    without: /^late/,
    name: 'vectors',
    compares: false,
  },
  { label: 'words alone', with: null, without: /^late|dense/i, name: 'words', compares: false },
] as const;
for (const { label, with: given, without, name: kind, compares } of kinds) {
  const sets: JudgedSet[] = [];
  for (const name of folders) sets.push(await gather(name, join(data, name), given));
  const used = features.map((feature) => !without.test(feature));
  const models = fitModels(sets, used, compares);
  for (const held of sets) {
    const others = fitModels(
      sets.filter((set) => set !== held),
      used,
      compares,
      models,
    );
    report(`${label}, without it`, held.name, measureModels(held.queries, others));
  }
  for (const set of sets) report(`${label}, with it`, set.name, measureModels(set.queries, models));
  found[kind] = models;
}
if (values.write !== undefined) await writeFitted(values.write, found);

function report(label: string, set: string, metrics: Metrics | undefined): void {
  if (metrics === undefined) return;
  const { hitAt1, recallAt5, ndcgAt10, completeAt10 } = metrics;
  const numbers = [hitAt1, recallAt5, ndcgAt10, completeAt10].map((value) => value.toFixed(3)).join('  ');
  console.log(`${label.padEnd(24)}${set.padEnd(16)}hit@1, recall@5, NDCG@10, complete@10: ${numbers}`);
}
