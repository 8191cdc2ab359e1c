import type { TableRows } from './table-rows.ts';
import { maxPieces, type WordPieces } from './word-pieces.ts';

/**
 * Makes what gives the direction of the sum of a text's rows: unit length, or the zero vector when the text has no piece that the table knows.
 * A piece that occurs n times counts log2(1 + n) times, so that what a document repeats does not drown what it is about; tables are trained so.
 */
export function rowSummer(rows: TableRows, pieces: WordPieces): (text: string) => Float32Array {
  const { dimension, scales } = rows;
  const room = new Int32Array(maxPieces);
  return (text) => {
    const found = pieces.encode(text);
    const ids = room.subarray(0, found.length);
    ids.set(found);
    ids.sort();
    const sum = new Float32Array(dimension);
    for (let first = 0, next = 0; first < ids.length; first = next) {
      const id = ids[first] ?? 0;
      while (ids[next] === id) next += 1;
      const weight = (scales[id] ?? 0) * Math.log2(1 + next - first);
      if (weight === 0) continue;
      const codes = rows.codes(id);
      for (let at = 0; at < dimension; at += 1) sum[at] = (sum[at] ?? 0) + weight * (codes[at] ?? 0);
    }
    let squares = 0;
    for (let at = 0; at < dimension; at += 1) squares += (sum[at] ?? 0) ** 2;
    if (squares === 0) return sum;
    const length = Math.sqrt(squares);
    for (let at = 0; at < dimension; at += 1) sum[at] = (sum[at] ?? 0) / length;
    return sum;
  };
}
