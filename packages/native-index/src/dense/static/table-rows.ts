import { QuantisedSlots } from '../../vectors/flat/quantised-slots.ts';
import type { StaticTable } from './table.ts';

const maxBytes = 2 ** 28;
/** Of the median length. Rows that are shorter are those of words like "the", of marks, and of what never stood in a text. */
const telling = 0.3;

/** The rows of a table, where many of them can be compared in one go. They are copied, so that the file need not be kept. */
export class TableRows {
  readonly dimension: number;
  readonly bound: number;
  readonly scales: Float32Array;
  readonly #rows: QuantisedSlots;
  readonly #weights: Float32Array;

  constructor({ dimension, scales, codes }: StaticTable) {
    this.dimension = dimension;
    this.bound = scales.length;
    this.scales = scales;
    this.#rows = new QuantisedSlots(dimension, maxBytes);
    const lengths = new Float32Array(scales.length);
    for (let row = 0; row < scales.length; row += 1) {
      const own = codes.subarray(row * dimension, (row + 1) * dimension);
      if (this.#rows.restore(row, own)) lengths[row] = (scales[row] ?? 0) * lengthOf(own);
    }
    const least = telling * (lengths.toSorted()[lengths.length >> 1] ?? 0);
    this.#weights = lengths.map((length) => (length < least ? 0 : length));
  }

  /** Its codes; zeros for a row without any. */
  codes(row: number): Int8Array {
    return this.#rows.vector(row);
  }

  /** How much the row tells of a text: its length, or 0 where that is next to nothing. */
  weight(row: number): number {
    return this.#weights[row] ?? 0;
  }

  /** Cosines of each of `from` with each of `to`: those with `to[0]` first. NaN where one has no direction. */
  similarities(from: readonly number[], to: readonly number[]): Float32Array {
    return this.#rows.between(from, to);
  }
}

function lengthOf(codes: Int8Array): number {
  let squares = 0;
  for (let at = 0; at < codes.length; at += 1) squares += (codes[at] ?? 0) ** 2;
  return Math.sqrt(squares);
}
