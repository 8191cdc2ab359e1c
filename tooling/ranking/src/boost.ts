import { mostBins, toBins } from './bins.ts';
import { rounded } from './rounded.ts';
import { slopes } from './slopes.ts';

/** One request, with the tools that are compared. */
export interface Group {
  /** How much it counts. */
  readonly weight: number;
  /** `width` numbers a tool. */
  readonly answers: Float64Array;
  /** What each tool has before any tree. */
  readonly sums: Float64Array;
  /** 1 for a tool that answers the request. */
  readonly relevant: Uint8Array;
}

export interface BoostOptions {
  readonly rounds: number;
  /** How many questions a tree asks one after another; at most 7. */
  readonly depth: number;
  /** What a tree adds is that much of what it would. */
  readonly rate: number;
  /** Holds leaves back. */
  readonly ridge: number;
  /** Of a leaf: how much the requests in it may still learn (the sum of second derivatives, a request counting 1 on average). */
  readonly leastLearnt: number;
  /** Of a leaf. */
  readonly leastTools: number;
  /** Of the columns, that many each tree may ask, drawn anew, so that trees do not all lean on the same. */
  readonly columns: number;
}

/** Its splits (column, value above which it goes right) and its leaves, level by level. A split that none was found for sends all to the left. */
export interface Tree {
  readonly columns: readonly number[];
  readonly above: readonly number[];
  readonly adds: readonly number[];
}

interface Leaf {
  readonly slope: number;
  readonly bend: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Gradient-boosted trees (Friedman 2001; second order as in Chen and Guestrin 2016) under the loss of `fit`: each relevant tool against all that are not. `signs`: 1 for
 * a column of which more never adds less, -1 for the reverse, 0 for either, `undefined` for a column that is not asked. The draws are the same in each run.
 */
export function boost(
  groups: readonly Group[],
  signs: readonly (number | undefined)[],
  options: BoostOptions,
): readonly Tree[] {
  const width = signs.length;
  const splits = 2 ** options.depth - 1;
  const wanted = groups.filter(({ relevant }) => relevant.includes(1) && relevant.includes(0));
  const scale = wanted.length / wanted.reduce((sum, { weight }) => sum + weight, 0);
  const sums = Float64Array.from(wanted.flatMap((group) => [...group.sums]));
  const rows = sums.length;
  const binned = signs.map((sign, column) => (sign === undefined ? undefined : toBins(wanted, width, column, rows)));
  const slope = new Float64Array(rows);
  const bend = new Float64Array(rows);
  const trees: Tree[] = [];
  const askable = [...signs.keys()].filter((column) => signs[column] !== undefined);
  const random = draws();
  const node = new Uint8Array(rows);
  for (let round = 0; round < options.rounds; round += 1) {
    let start = 0;
    for (const { weight, relevant } of wanted) {
      slopes(sums, slope, bend, start, relevant, weight * scale);
      start += relevant.length;
    }
    const drawn = new Set(
      askable
        .map((column) => [random(), column] as const)
        .toSorted(([a], [b]) => a - b)
        .slice(0, options.columns)
        .map(([, column]) => column),
    );
    trees.push(grow(drawn));
  }
  return trees;

  function grow(drawn: ReadonlySet<number>): Tree {
    node.fill(0);
    const columns = Array.from({ length: splits }, () => 0);
    const above = Array.from({ length: splits }, () => Infinity);
    const leaves: (Leaf | undefined)[] = [{ slope: total(slope), bend: total(bend), low: -Infinity, high: Infinity }];
    for (let level = 0; level < options.depth; level += 1) {
      const first = 2 ** level - 1;
      const found = bestSplits(first, 2 ** level, leaves, drawn);
      found.forEach((split, place) => {
        const at = first + place;
        const leaf = leaves[at];
        if (leaf === undefined) return;
        if (split === undefined) {
          leaves[2 * at + 1] = leaf;
          return;
        }
        columns[at] = split.column;
        above[at] = split.above;
        leaves[2 * at + 1] = split.left;
        leaves[2 * at + 2] = split.right;
      });
      for (let row = 0; row < rows; row += 1) {
        const at = node[row] ?? 0;
        const split = found[at - first];
        const right = split !== undefined && (binned[split.column]?.bins[row] ?? 0) > split.bin;
        node[row] = 2 * at + (right ? 2 : 1);
      }
    }
    const adds = Array.from({ length: splits + 1 }, (_, place) => {
      const leaf = leaves[splits + place];
      return leaf === undefined ? 0 : rounded(options.rate * valueOf(leaf));
    });
    for (let row = 0; row < rows; row += 1) sums[row] = (sums[row] ?? 0) + (adds[(node[row] ?? 0) - splits] ?? 0);
    return { columns, above, adds };
  }

  function bestSplits(
    first: number,
    count: number,
    leaves: readonly (Leaf | undefined)[],
    drawn: ReadonlySet<number>,
  ): (Split | undefined)[] {
    const best = Array.from({ length: count }, (): Split | undefined => undefined);
    const slopesOf = new Float64Array(count * mostBins);
    const bendsOf = new Float64Array(count * mostBins);
    const toolsOf = new Float64Array(count * mostBins);
    binned.forEach((column, number) => {
      if (column === undefined || !drawn.has(number)) return;
      const { bins, edges } = column;
      slopesOf.fill(0);
      bendsOf.fill(0);
      toolsOf.fill(0);
      for (let row = 0; row < rows; row += 1) {
        const cell = ((node[row] ?? 0) - first) * mostBins + (bins[row] ?? 0);
        slopesOf[cell] = (slopesOf[cell] ?? 0) + (slope[row] ?? 0);
        bendsOf[cell] = (bendsOf[cell] ?? 0) + (bend[row] ?? 0);
        toolsOf[cell] = (toolsOf[cell] ?? 0) + 1;
      }
      const sign = signs[number] ?? 0;
      for (let place = 0; place < count; place += 1) {
        const leaf = leaves[first + place];
        if (leaf === undefined) continue;
        let all = 0;
        for (let bin = 0; bin < mostBins; bin += 1) all += toolsOf[place * mostBins + bin] ?? 0;
        let [downLeft, bendLeft, toolsLeft] = [0, 0, 0];
        for (let bin = 0; bin < edges.length; bin += 1) {
          downLeft += slopesOf[place * mostBins + bin] ?? 0;
          bendLeft += bendsOf[place * mostBins + bin] ?? 0;
          toolsLeft += toolsOf[place * mostBins + bin] ?? 0;
          const bendRight = leaf.bend - bendLeft;
          if (toolsLeft < options.leastTools || all - toolsLeft < options.leastTools) continue;
          if (bendLeft < options.leastLearnt || bendRight < options.leastLearnt) continue;
          const left = { ...leaf, slope: downLeft, bend: bendLeft };
          const right = { ...leaf, slope: leaf.slope - downLeft, bend: bendRight };
          const [less, more] = [valueOf(left), valueOf(right)];
          if (sign !== 0 && sign * (more - less) < 0) continue;
          const gain = gainOf(left) + gainOf(right) - gainOf(leaf);
          if (gain <= (best[place]?.gain ?? 1e-6)) continue;
          // What lies between them stays between them further down.
          const middle = (less + more) / 2;
          best[place] = {
            column: number,
            bin,
            above: edges[bin] ?? 0,
            gain,
            left: sign === 0 ? left : sign > 0 ? { ...left, high: middle } : { ...left, low: middle },
            right: sign === 0 ? right : sign > 0 ? { ...right, low: middle } : { ...right, high: middle },
          };
        }
      }
    });
    return best;
  }

  function valueOf({ slope, bend, low, high }: Leaf): number {
    return Math.min(high, Math.max(low, -slope / (bend + options.ridge)));
  }

  function gainOf(leaf: Leaf): number {
    const value = valueOf(leaf);
    return -(2 * leaf.slope * value + (leaf.bend + options.ridge) * value * value);
  }
}

interface Split {
  readonly column: number;
  readonly bin: number;
  readonly above: number;
  readonly gain: number;
  readonly left: Leaf;
  readonly right: Leaf;
}

/** Numbers from 0 to 1 (Park and Miller 1988). */
function draws(): () => number {
  let seed = 7;
  return () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
}

function total(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}
