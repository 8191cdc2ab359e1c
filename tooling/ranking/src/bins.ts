import { rounded } from './rounded.ts';

export const mostBins = 64;

export interface Binned {
  readonly bins: Uint8Array;
  /** A value above `edges[n]` is in a bin after `n`. */
  readonly edges: readonly number[];
}

/** The values of one column in at most `mostBins` bins, about equally full. */
export function toBins(
  groups: readonly { readonly answers: Float64Array; readonly relevant: Uint8Array }[],
  width: number,
  column: number,
  rows: number,
): Binned {
  const values = new Float64Array(rows);
  let row = 0;
  for (const { answers, relevant } of groups)
    for (let tool = 0; tool < relevant.length; tool += 1) values[row++] = answers[tool * width + column] ?? 0;
  const sorted = values.toSorted();
  const distinct = sorted.filter((value, at) => at === 0 || value !== sorted[at - 1]);
  const from = distinct.length <= mostBins ? distinct : sorted;
  const pieces = Math.min(mostBins, distinct.length);
  const edges: number[] = [];
  for (let piece = 1; piece < pieces; piece += 1) {
    const at = Math.round((piece * from.length) / pieces);
    const edge = rounded(((from[at - 1] ?? 0) + (from[at] ?? 0)) / 2);
    if (edge > (edges.at(-1) ?? -Infinity)) edges.push(edge);
  }
  const bins = Uint8Array.from(values, (value) => {
    let low = 0;
    let high = edges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (value > (edges[middle] ?? 0)) low = middle + 1;
      else high = middle;
    }
    return low;
  });
  return { bins, edges };
}
