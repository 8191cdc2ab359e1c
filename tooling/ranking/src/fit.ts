/** One request, with the tools that were looked at closely. */
export interface Example {
  /** How much it counts. */
  readonly weight: number;
  /** By how much the second half of the weights is added to the first. */
  readonly gate: number;
  /** `width` numbers a tool. */
  readonly features: Float64Array;
  /** 1 for a tool that answers the request. */
  readonly relevant: Uint8Array;
}

const steps = 25;

/**
 * Weights under which the relevant tools come first most surely: each relevant tool against all that are not, in a softmax (a conditional logit), with a
 * ridge towards zero. The sum has one best point, which Newton's method finds; nothing is drawn by chance. There are `2 * width` weights: those of the features, and
 * those of the same times the request's gate. Weights of features for which `used` is false stay 0. `start`: where to set out.
 */
export function fit(
  examples: readonly Example[],
  width: number,
  used: readonly boolean[],
  ridge: number,
  start: Float64Array = new Float64Array(2 * width),
): Float64Array {
  const size = 2 * width;
  const total = examples.reduce((sum, { weight }) => sum + weight, 0);
  const penalised = (at: Float64Array): Measured => {
    const measured = measure(examples, width, at);
    const { slope, bend } = measured;
    let { loss } = measured;
    for (let a = 0; a < size; a += 1) {
      loss += (ridge * total * (at[a] ?? 0) ** 2) / 2;
      slope[a] = used[a % width] === true ? (slope[a] ?? 0) + ridge * total * (at[a] ?? 0) : 0;
      for (let b = 0; b < size; b += 1) {
        if (used[a % width] !== true || used[b % width] !== true) bend[a * size + b] = a === b ? 1 : 0;
        else if (a === b) bend[a * size + b] = (bend[a * size + b] ?? 0) + ridge * total;
      }
    }
    return { loss, slope, bend };
  };
  let weights = Float64Array.from(start);
  let here = penalised(weights);
  for (let step = 0; step < steps; step += 1) {
    const move = solve(here.bend, here.slope, size);
    let next = here;
    let reached = weights;
    // A whole step may leap over the best point: then a half, a quarter.
    for (let length = 1; length > 1e-3; length /= 2) {
      reached = weights.map((weight, a) => weight - length * (move[a] ?? 0));
      next = penalised(reached);
      if (next.loss < here.loss) break;
    }
    if (!(next.loss < here.loss)) break;
    const gained = here.loss - next.loss;
    weights = reached;
    here = next;
    if (gained < 1e-6 * total) break;
  }
  return weights;
}

interface Measured {
  readonly loss: number;
  readonly slope: Float64Array;
  readonly bend: Float64Array;
}

function measure(examples: readonly Example[], width: number, weights: Float64Array): Measured {
  const size = 2 * width;
  const slope = new Float64Array(size);
  const bend = new Float64Array(size * size);
  let loss = 0;
  const mean = new Float64Array(width);
  const spread = new Float64Array(width * width);
  for (const example of examples) {
    const { weight, gate, features, relevant } = example;
    const scores = scoreTools(example, width, weights);
    const wanted = relevant.reduce((sum, is) => sum + is, 0);
    spread.fill(0);
    for (let one = 0; one < relevant.length; one += 1) {
      if (relevant[one] !== 1) continue;
      const top = scores.reduce(
        (best, score, tool) => (relevant[tool] === 1 && tool !== one ? best : Math.max(best, score)),
        -Infinity,
      );
      let sum = 0;
      const share = scores.map((score, tool) => (relevant[tool] === 1 && tool !== one ? 0 : Math.exp(score - top)));
      for (const part of share) sum += part;
      const part = weight / wanted;
      loss -= part * Math.log((share[one] ?? 0) / sum || Number.MIN_VALUE);
      mean.fill(0);
      for (let tool = 0; tool < share.length; tool += 1) {
        const chance = (share[tool] ?? 0) / sum;
        if (chance < 1e-6) continue;
        for (let a = 0; a < width; a += 1) {
          const value = chance * (features[tool * width + a] ?? 0);
          if (value === 0) continue;
          mean[a] = (mean[a] ?? 0) + value;
          for (let b = 0; b <= a; b += 1) {
            spread[a * width + b] = (spread[a * width + b] ?? 0) + part * value * (features[tool * width + b] ?? 0);
          }
        }
      }
      for (let a = 0; a < width; a += 1) {
        const down = part * ((mean[a] ?? 0) - (features[one * width + a] ?? 0));
        slope[a] = (slope[a] ?? 0) + down;
        slope[width + a] = (slope[width + a] ?? 0) + gate * down;
        for (let b = 0; b <= a; b += 1)
          spread[a * width + b] = (spread[a * width + b] ?? 0) - part * (mean[a] ?? 0) * (mean[b] ?? 0);
      }
    }
    for (let a = 0; a < width; a += 1) {
      for (let b = 0; b < width; b += 1) {
        const value = spread[Math.max(a, b) * width + Math.min(a, b)] ?? 0;
        add(bend, a * size + b, value);
        add(bend, (width + a) * size + b, gate * value);
        add(bend, a * size + width + b, gate * value);
        add(bend, (width + a) * size + width + b, gate * gate * value);
      }
    }
  }
  return { loss, slope, bend };
}

function add(to: Float64Array, at: number, value: number): void {
  to[at] = (to[at] ?? 0) + value;
}

export function scoreTools({ features, gate }: Example, width: number, weights: Float64Array): Float64Array {
  const scores = new Float64Array(features.length / width);
  const counts = weights.slice(0, width).map((weight, a) => weight + gate * (weights[width + a] ?? 0));
  for (let tool = 0; tool < scores.length; tool += 1) {
    let sum = 0;
    for (let a = 0; a < width; a += 1) sum += (counts[a] ?? 0) * (features[tool * width + a] ?? 0);
    scores[tool] = sum;
  }
  return scores;
}

/** The bias under which as many tools are taken for right as are. `scored`: the sums of each example's tools. */
export function calibrate(examples: readonly Example[], scored: readonly Float64Array[]): number {
  let low = -40;
  let high = 40;
  for (let step = 0; step < 60; step += 1) {
    const bias = (low + high) / 2;
    let surplus = 0;
    scored.forEach((scores, at) => {
      const { weight = 0, relevant } = examples[at] ?? {};
      scores.forEach((score, tool) => {
        surplus += weight * (1 / (1 + Math.exp(-score - bias)) - (relevant?.[tool] ?? 0));
      });
    });
    if (surplus > 0) high = bias;
    else low = bias;
  }
  return (low + high) / 2;
}

/** Solves `matrix · x = vector` by Gauss's elimination with pivots. */
function solve(matrix: Float64Array, vector: Float64Array, width: number): Float64Array {
  const rows = Array.from({ length: width }, (_, row) => [
    ...matrix.subarray(row * width, (row + 1) * width),
    vector[row] ?? 0,
  ]);
  const at = (row: number, column: number): number => rows[row]?.[column] ?? 0;
  for (let column = 0; column < width; column += 1) {
    let pivot = column;
    for (let row = column + 1; row < width; row += 1)
      if (Math.abs(at(row, column)) > Math.abs(at(pivot, column))) pivot = row;
    const [a, b] = [rows[column], rows[pivot]];
    if (a === undefined || b === undefined) continue;
    rows[column] = b;
    rows[pivot] = a;
    for (let row = 0; row < width; row += 1) {
      const target = rows[row];
      if (row === column || target === undefined || at(column, column) === 0) continue;
      const factor = at(row, column) / at(column, column);
      for (let k = column; k <= width; k += 1) target[k] = (target[k] ?? 0) - factor * at(column, k);
    }
  }
  return Float64Array.from(rows, (_, row) => at(row, width) / (at(row, row) || 1));
}
