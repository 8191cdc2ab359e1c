import type { Embedder } from '@toolyard/protocol';

/** Vectors of the pieces that texts are made of, each for itself. All of it answers at once, so that a search need not wait. */
export interface PieceVectors {
  /** Numbers of pieces are below this. */
  readonly bound: number;
  /** Numbers of the first `most` pieces of a text, in order; 0 for a word that is unknown. */
  encode(text: string, most: number): readonly number[];
  /** How much a piece tells of a text; 0 where that is next to nothing, and it is left out. */
  weight(piece: number): number;
  /** Cosines of each of `from` with each of `to`: those with `to[0]` first. NaN where one has no direction. */
  similarities(from: readonly number[], to: readonly number[]): Float32Array;
}

/** An embedder that knows its pieces too: an index then compares requests with tools piece by piece (late interaction). */
export interface PieceEmbedder extends Embedder {
  /** Of use until the embedder is closed. */
  readonly pieces: PieceVectors;
}

/** `undefined` for an embedder of whole texts only. */
export function piecesOf(embedder: Embedder & Partial<Pick<PieceEmbedder, 'pieces'>>): PieceVectors | undefined {
  return embedder.pieces;
}
