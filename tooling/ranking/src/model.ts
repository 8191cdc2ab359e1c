import { meanMetrics, scoreRanking, type Metrics } from '@toolyard/native-index/evaluate';
import {
  answers,
  comparedTools,
  createComparison,
  features,
  questions,
  treeDepth,
  type FittedTrees,
} from '@toolyard/native-index/tuning';
import { boost, type Group, type Tree } from './boost.ts';
import { calibrate, fit, scoreTools } from './fit.ts';
import type { Judged, JudgedSet } from './gather.ts';

const ridge = 3e-4;
const trees = { rounds: 40, depth: treeDepth, rate: 0.1, ridge: 3, leastLearnt: 30, leastTools: 100, columns: 24 };

/** Of these, more may speak against a tool: they are what its neighbours have as well. */
const eitherWay = new Set(['serverLexical', 'serverDense', 'gate', 'several']);
const speakAgainst = new Set(['manyRead', 'verbDiffers']);

export interface Model {
  readonly bias: number;
  /** Of the features, and then of the same times the request's gate. */
  readonly weights: Float64Array;
}

/** Requests for one thing and for several are different enough to be weighed apart; the best are compared in the same way. */
export interface Models {
  readonly one: Model;
  readonly several: Model;
  /** `undefined`: they are not compared. */
  readonly trees: FittedTrees | undefined;
}

/** `compares`: whether to grow trees as well. `from`: models from which to set out, which saves time and changes nothing. */
export function fitModels(
  sets: readonly JudgedSet[],
  used: readonly boolean[],
  compares: boolean,
  from?: Models,
): Models {
  const learnt = sets
    .flatMap(({ queries, names }) => [...queries, ...names])
    .filter(({ example }) => example.relevant.includes(1));
  const weightsFor = (several: boolean): Float64Array => {
    const examples = learnt.filter((judged) => judged.several === several).map(({ example }) => example);
    return fit(examples, features.length, used, ridge, from?.[several ? 'several' : 'one'].weights);
  };
  const weights = { one: weightsFor(false), several: weightsFor(true) };
  const grow = (): FittedTrees =>
    written(
      boost(
        learnt.map((judged) => compare(judged, weights).group),
        signs(used),
        trees,
      ),
    );
  const found = compares ? grow() : undefined;
  const model = (several: boolean): Model => {
    const judged = learnt.filter((one) => one.several === several);
    const bias = calibrate(
      judged.map(({ example }) => example),
      judged.map((one) => scores(one, weights, found)),
    );
    return { bias, weights: weights[several ? 'several' : 'one'] };
  };
  return { one: model(false), several: model(true), trees: found };
}

export function measureModels(queries: readonly Judged[], models: Models): Metrics | undefined {
  const weights = { one: models.one.weights, several: models.several.weights };
  const all = queries.flatMap((judged) => {
    const scored = scores(judged, weights, models.trees);
    const ranked = [...scored.keys()]
      .sort((a, b) => (scored[b] ?? 0) - (scored[a] ?? 0))
      .slice(0, 10)
      .map((tool) => judged.tools[tool] ?? '');
    return scoreRanking(judged.query, ranked) ?? [];
  });
  return meanMetrics(all);
}

type Weights = Readonly<Record<'one' | 'several', Float64Array>>;

function scores(judged: Judged, weights: Weights, found: FittedTrees | undefined): Float64Array {
  const { sums, best, compared } = compare(judged, weights);
  if (found === undefined) return sums;
  const added = createComparison(found)(compared);
  best.forEach((tool, place) => (sums[tool] = (sums[tool] ?? 0) + (added[place] ?? 0)));
  return sums;
}

/** What there is to compare among the best by their sums. */
function compare({ example, several }: Judged, weights: Weights) {
  const sums = scoreTools(example, features.length, weights[several ? 'several' : 'one']);
  const best = [...sums.keys()].sort((a, b) => (sums[b] ?? 0) - (sums[a] ?? 0)).slice(0, comparedTools);
  const own = best.map((tool) => sums[tool] ?? 0);
  const compared = {
    rows: example.features,
    starts: best.map((tool) => tool * features.length),
    sums: own,
    gate: example.gate,
    several,
  };
  const group: Group = {
    weight: example.weight,
    answers: answers(compared),
    sums: Float64Array.from(own),
    relevant: Uint8Array.from(best, (tool) => example.relevant[tool] ?? 0),
  };
  return { sums, best, compared, group };
}

function signs(used: readonly boolean[]): readonly (number | undefined)[] {
  return questions.map((question) => {
    const name = question.replace(/Behind$/, '');
    const feature = features.findIndex((one) => one === name);
    if (feature !== -1 && used[feature] !== true) return undefined;
    if (eitherWay.has(name)) return 0;
    return speakAgainst.has(name) ? -1 : 1;
  });
}

/** As the index reads them: a split that sends all to the left asks the first question. */
function written(grown: readonly Tree[]): FittedTrees {
  const asked = [...new Set(grown.flatMap(({ columns }) => columns))].sort((a, b) => a - b);
  return {
    asked: asked.flatMap((column) => questions[column] ?? []),
    trees: grown.map(({ columns, above, adds }) => [
      ...columns.map((column) => asked.indexOf(column)),
      ...above.map((value) => (value === Infinity ? 1e9 : value)),
      ...adds,
    ]),
  };
}
