import { expect, it } from 'vitest';
import { createToolIndex } from '../create-tool-index.ts';
import { staticEmbedder } from '../dense/static/static-embedder.ts';
import { tool } from '../testing/tools.ts';
import { answers, comparedTools, createComparison, questions, type Question } from './comparison.ts';
import { featureCount, features, type Feature } from './features.ts';
import { fittedWeights } from './fitted-weights.ts';

/** Two tools: of `feature`, the first has 0.75 and the second 0.5. */
function two(feature: Feature) {
  const rows = new Float64Array(2 * featureCount);
  rows[features.indexOf(feature)] = 0.75;
  rows[featureCount + features.indexOf(feature)] = 0.5;
  return { rows, starts: [0, featureCount], sums: [-2, -1], gate: 0.4, several: true };
}

const never = 1e9;

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
      // More than 0.6 said: right. There, behind by more than 0.5: left. At last, no further split, which is left.
      [0, 0, 1, 0, 0, 0, 0, 0.6, never, -0.5, never, never, never, never, 1, 2, 3, 4, 5, 6, 7, 8],
      // Sum more than 0.5 behind the best: left, left, left.
      [2, 2, 2, 2, 2, 2, 2, -0.5, -0.5, -0.5, -0.5, -0.5, -0.5, -0.5, 10, 0, 0, 0, 0, 0, 0, 20],
    ],
  });
  expect([...compare(two('said'))]).toEqual([7 + 10, 1 + 20]);
});

it('has whole trees, which ask what there is', () => {
  const { asked, trees } = fittedWeights.pieces.compared ?? { asked: [], trees: [] };
  expect(trees.length).toBeGreaterThan(0);
  for (const question of asked) expect(questions).toContain(question);
  for (const tree of trees) {
    expect(tree).toHaveLength(22);
    for (const place of tree.slice(0, 7)) expect(asked[place]).toBeDefined();
    expect(tree.every(Number.isFinite)).toBe(true);
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
