import { expect, it } from 'vitest';
import { boost, type Group, type Tree } from './boost.ts';

const options = { rounds: 40, depth: 3, rate: 0.2, ridge: 1, leastLearnt: 2, leastTools: 20, columns: 2 };

/** Requests of ten tools each, of which the one is right that has most of `worth`. */
function groups(count: number, worth: (first: number, second: number) => number): readonly Group[] {
  let seed = 11;
  const random = (): number => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
  return Array.from({ length: count }, () => {
    const answers = Float64Array.from({ length: 20 }, random);
    const hope = Array.from({ length: 10 }, (_, tool) => worth(answers[2 * tool] ?? 0, answers[2 * tool + 1] ?? 0));
    const best = hope.indexOf(Math.max(...hope));
    return {
      weight: 1,
      answers,
      sums: new Float64Array(10),
      relevant: Uint8Array.from(hope, (_, tool) => (tool === best ? 1 : 0)),
    };
  });
}

function added(trees: readonly Tree[], values: readonly number[]): number {
  return trees.reduce((sum, { columns, above, adds }) => {
    let at = 0;
    while (at < columns.length) at = 2 * at + ((values[columns[at] ?? 0] ?? 0) > (above[at] ?? 0) ? 2 : 1);
    return sum + (adds[at - columns.length] ?? 0);
  }, 0);
}

function foundFirst(trees: readonly Tree[], asked: readonly Group[]): number {
  const found = asked.filter(({ answers, relevant }) => {
    const sums = Array.from(relevant, (_, tool) => added(trees, [answers[2 * tool] ?? 0, answers[2 * tool + 1] ?? 0]));
    return relevant[sums.indexOf(Math.max(...sums))] === 1;
  });
  return found.length / asked.length;
}

it('finds what no weighted sum can: that two things only count together', () => {
  const both = groups(1200, (first, second) => Math.min(first, second));
  const trees = boost(both.slice(0, 1000), [1, 1], options);
  expect(trees).toHaveLength(40);
  expect(foundFirst(trees, both.slice(1000))).toBeGreaterThan(0.6);
});

it('asks as many questions in a row as it may: one alone cannot tell that two things have to agree', () => {
  const agree = groups(1200, (first, second) => (first - 0.5) * (second - 0.5));
  const found = (depth: number): number =>
    foundFirst(boost(agree.slice(0, 1000), [0, 0], { ...options, depth }), agree.slice(1000));
  expect(found(1)).toBeLessThan(0.5);
  expect(found(4)).toBeGreaterThan(0.7);
});

it('keeps to the sign of a column, whatever the examples say, and does not ask what is not to be asked', () => {
  const against = groups(500, (first, second) => second - 3 * Math.abs(first - 0.5));
  const rising = boost(against, [1, 0], options);
  const steps = Array.from({ length: 21 }, (_, at) => at / 20);
  for (const second of [0.1, 0.5, 0.9]) {
    const along = steps.map((first) => added(rising, [first, second]));
    expect(along.toSorted((a, b) => a - b)).toEqual(along);
  }
  const alone = boost(against, [undefined, 0], options);
  expect(
    alone.every(({ columns, above }) => columns.every((column, at) => column === 1 || above[at] === Infinity)),
  ).toBe(true);
});

it('begins where the sums are, and adds nothing where they leave nothing to learn', () => {
  const sure = groups(300, (first) => first).map((group) => ({
    ...group,
    sums: Float64Array.from(group.relevant, (is) => 30 * is),
  }));
  expect(Math.max(...boost(sure, [1, 1], options).flatMap(({ adds }) => adds.map(Math.abs)))).toBe(0);
});

it('gives the same trees in each run', () => {
  const some = groups(200, (first, second) => first + second);
  expect(boost(some, [1, 1], options)).toEqual(boost(some, [1, 1], options));
});
