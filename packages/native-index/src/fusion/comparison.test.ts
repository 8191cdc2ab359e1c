import { expect, it } from 'vitest';
import { createToolIndex } from '../create-tool-index.ts';
import { staticEmbedder } from '../dense/static/static-embedder.ts';
import { tool } from '../testing/tools.ts';
import { answers, comparedTools, createComparison, questions, treeDepth, type Question } from './comparison.ts';
import { featureCount, features, type Feature } from './features.ts';
import { fittedWeights } from './fitted-weights.ts';

/** Two tools: of `feature`, the first has 0.75 and the second 0.5. */
function two(feature: Feature) {
  const rows = new Float64Array(2 * featureCount);
  rows[features.indexOf(feature)] = 0.75;
  rows[featureCount + features.indexOf(feature)] = 0.5;
  return { rows, starts: [0, featureCount], sums: [-2, -1], gate: 0.4, several: true };
}

const splits = 2 ** treeDepth - 1;

/** A tree that asks at some splits, numbered level by level (what is asked, and the value above which it goes right); all others send to the left. */
function tree(asks: Readonly<Record<number, readonly [number, number]>>, adds: readonly number[]): readonly number[] {
  const all = Array.from({ length: splits }, (_, at) => asks[at] ?? ([0, 1e9] as const));
  return [...all.map(([asked]) => asked), ...all.map(([, above]) => above), ...adds];
}

it.each<[Question, readonly number[]]>([
  ['dense', [0.75, 0.5]],
  ['denseBehind', [0, -0.25]],
  ['sumBehind', [-1, 0]],
  ['gate', [0.4, 0.4]],
  ['several', [1, 1]],
])('answers what %s is', (question, expected) => {
  const all = answers(two('dense'));
  const at = questions.indexOf(question);
  expect([all[at], all[questions.length + at]]).toEqual(expected);
});

it('goes down each tree by what is above, and adds up what the leaves say', () => {
  const compare = createComparison({
    asked: ['said', 'saidBehind', 'sumBehind'],
    trees: [
      // More than 0.6 said: right. There, behind by no more than 0.1: right again. Then left, and by the sum, at last, left once more.
      tree(
        { 0: [0, 0.6], 2: [1, -0.1], 13: [2, -0.5] },
        Array.from({ length: splits + 1 }, (_, leaf) => leaf + 1),
      ),
      // No more than 0.5 behind the best sum: right each time.
      tree(Object.fromEntries(Array.from({ length: splits }, (_, at) => [at, [2, -0.5] as const])), [
        100,
        ...Array.from({ length: splits - 1 }, () => 0),
        200,
      ]),
    ],
  });
  expect([...compare(two('said'))]).toEqual([13 + 100, 1 + 200]);
});

it('has whole trees, which ask what there is', () => {
  const { asked, trees } = fittedWeights.pieces.compared ?? { asked: [], trees: [] };
  expect(trees.length).toBeGreaterThan(0);
  for (const question of asked) expect(questions).toContain(question);
  for (const line of trees) {
    expect(line).toHaveLength(3 * splits + 1);
    for (const place of line.slice(0, splits)) expect(asked[place]).toBeDefined();
    expect(line.every(Number.isFinite)).toBe(true);
  }
});

it('compares the best only, where pieces are known', async () => {
  await using embedder = await staticEmbedder();
  await using index = await createToolIndex({ embedder });
  await using words = await createToolIndex({ embedder: null });
  const ids = Array.from({ length: 2 * comparedTools }, (_, at) => `${at}`.padStart(2, '0'));
  const orders = ids.map((id) => tool('store', `order_${id}`, `Gives the order${' again'.repeat(Number(id))}.`));
  await index.upsert(orders);
  await words.upsert(orders);
  const found = await Promise.all(ids.map((id) => index.explain('give the order', `store__order_${id}`)));
  const changed = found.filter((why) => (why?.features.at(-1)?.value ?? 0) !== 0);
  expect(found.every((why) => why?.features.at(-1)?.name === 'compared')).toBe(true);
  expect(changed.length).toBeGreaterThan(0);
  expect(changed.length).toBeLessThanOrEqual(comparedTools);
  const alone = await words.explain('give the order', 'store__order_00');
  expect(alone?.features.at(-1)).toEqual({ name: 'compared', value: 0, weight: 1 });
});
