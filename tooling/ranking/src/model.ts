import { meanMetrics, scoreRanking, type Metrics } from '@toolyard/native-index/evaluate';
import { features } from '@toolyard/native-index/tuning';
import { calibrate, fit, scoreTools } from './fit.ts';
import type { Judged, JudgedSet } from './gather.ts';

const ridge = 3e-4;

export interface Model {
  readonly bias: number;
  /** Of the features, and then of the same times the request's gate. */
  readonly weights: Float64Array;
}

/** Requests for one thing and for several are different enough to be weighed apart. */
export interface Models {
  readonly one: Model;
  readonly several: Model;
}

/** `from`: models from which to set out, which saves time and changes nothing. */
export function fitModels(sets: readonly JudgedSet[], used: readonly boolean[], from?: Models): Models {
  const of = (several: boolean): Model => {
    const examples = sets
      .flatMap(({ queries, names }) => [...queries, ...names])
      .filter((judged) => judged.several === several && judged.example.relevant.includes(1))
      .map(({ example }) => example);
    const start = from?.[several ? 'several' : 'one'].weights;
    const weights = fit(examples, features.length, used, ridge, start);
    return { weights, bias: calibrate(examples, features.length, weights) };
  };
  return { one: of(false), several: of(true) };
}

export function measureModels(queries: readonly Judged[], models: Models): Metrics | undefined {
  const all = queries.flatMap(({ query, example, several, tools }) => {
    const scores = scoreTools(example, features.length, models[several ? 'several' : 'one'].weights);
    const ranked = [...scores.keys()]
      .sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0))
      .slice(0, 10)
      .map((tool) => tools[tool] ?? '');
    return scoreRanking(query, ranked) ?? [];
  });
  return meanMetrics(all);
}
