import { featureCount, features, type Feature } from './features.ts';

/** So many tools that are the best by the weighted sum are compared with one another. */
export const comparedTools = 30;

/** What a tree may ask of a tool: a feature; how far it is behind the most that a compared tool has of it (0 or less); the same of the sum; and of the request, its gate and whether it asks for several things. */
export type Question = Feature | `${Feature}Behind` | 'sumBehind' | 'gate' | 'several';

export const questions: readonly Question[] = [
  ...features,
  ...features.map((feature) => `${feature}Behind` as const),
  'sumBehind',
  'gate',
  'several',
];

/** How many questions a tree asks one after another. */
export const treeDepth = 4;
const splits = 2 ** treeDepth - 1;

export interface FittedTrees {
  readonly asked: readonly Question[];
  /**
   * One line a tree, its fifteen splits from the root down, level by level: what each asks, as a place in `asked`; the values above which it goes right; and what the sixteen
   * leaves add, from left to right.
   */
  readonly trees: readonly (readonly number[])[];
}

/** What is known of the request and of the tools that are compared. */
export interface Compared {
  /** Features of all candidates. */
  readonly rows: Float64Array;
  /** Where the features of each compared tool start in `rows`. */
  readonly starts: readonly number[];
  /** The weighted sum of each. */
  readonly sums: readonly number[];
  readonly gate: number;
  readonly several: boolean;
}

/** The answers to all `questions`, one tool after another. */
export function answers({ rows, starts, sums, gate, several }: Compared): Float64Array {
  const width = questions.length;
  const found = new Float64Array(starts.length * width);
  for (let feature = 0; feature < featureCount; feature += 1) {
    let most = -Infinity;
    for (const start of starts) {
      const value = rows[start + feature] ?? 0;
      if (value > most) most = value;
    }
    let cell = feature;
    for (const start of starts) {
      const value = rows[start + feature] ?? 0;
      found[cell] = value;
      found[cell + featureCount] = value - most;
      cell += width;
    }
  }
  const best = Math.max(...sums);
  let cell = 2 * featureCount;
  for (const sum of sums) {
    found[cell] = sum - best;
    found[cell + 1] = gate;
    found[cell + 2] = several ? 1 : 0;
    cell += width;
  }
  return found;
}

/** What the comparison adds to the sum of each compared tool. */
export type Comparison = (compared: Compared) => Float64Array;

export function createComparison({ asked, trees }: FittedTrees): Comparison {
  const columns = asked.map((question) => questions.indexOf(question));
  const ask = Int32Array.from(trees.flatMap((tree) => tree.slice(0, splits).map((place) => columns[place] ?? 0)));
  const above = Float64Array.from(trees.flatMap((tree) => tree.slice(splits, 2 * splits)));
  const adds = Float64Array.from(trees.flatMap((tree) => tree.slice(2 * splits)));
  const width = questions.length;
  return (compared) => {
    const known = answers(compared);
    const added = new Float64Array(compared.starts.length);
    for (let tool = 0, from = 0; tool < added.length; tool += 1, from += width) {
      let sum = 0;
      for (let split = 0, leaf = 0; split < ask.length; split += splits, leaf += splits + 1) {
        let at = 0;
        for (let level = 0; level < treeDepth; level += 1) {
          const value = known[from + (ask[split + at] ?? 0)] ?? 0;
          at = 2 * at + (value > (above[split + at] ?? 0) ? 2 : 1);
        }
        sum += adds[leaf + at - splits] ?? 0;
      }
      added[tool] = sum;
    }
    return added;
  };
}
