import { toolHeadline, wordsOf } from '../dense/tool-text.ts';
import { PackedLists } from '../lexical/packed-lists.ts';
import type { ToolDocument } from '../tool-document.ts';
import type { PieceVectors } from './piece-vectors.ts';

/** Where a piece stands in a tool. */
export const inName = 1;
export const inHeadline = 2;

/** Of a tool's name, and of its headline. */
const most = 64;

/** The pieces of each tool's name and headline, by slot: some 60 bytes a tool. */
export class ToolPieces {
  readonly vectors: PieceVectors;
  readonly #lists: PackedLists;
  readonly #scratch: Uint32Array = new Uint32Array(2 * 2 * most);

  constructor(vectors: PieceVectors, lists: PackedLists = new PackedLists()) {
    this.vectors = vectors;
    this.#lists = lists;
  }

  /** What `save` gave for so many slots. Throws `RangeError` where it is not what it should be. */
  static restore(vectors: PieceVectors, saved: Uint8Array, slots: number): ToolPieces {
    const lists = PackedLists.restore(saved, slots);
    for (let slot = 0; slot < slots; slot += 1) {
      const end = 2 * lists.read(slot);
      const { pairs } = lists;
      for (let at = 0; at < end; at += 2)
        if ((pairs[at] ?? 0) >= vectors.bound) throw new RangeError('a piece is none of the embedder’s');
    }
    return new ToolPieces(vectors, lists);
  }

  set(slot: number, tool: ToolDocument): void {
    const count = this.#note(toolHeadline(tool), inHeadline, this.#note(wordsOf(tool.name), inName, 0));
    this.#lists.write(slot, this.#scratch, count);
  }

  /** Puts the pieces of a text among the first `count` pairs in `#scratch`, in the order of pieces; returns how many there are then. */
  #note(text: string, place: number, count: number): number {
    const pairs = this.#scratch;
    let size = count;
    for (const piece of this.vectors.encode(text, most)) {
      if (this.vectors.weight(piece) <= 0) continue;
      let at = 2 * size;
      while (at > 0 && (pairs[at - 2] ?? 0) > piece) at -= 2;
      if (at > 0 && pairs[at - 2] === piece) {
        pairs[at - 1] = (pairs[at - 1] ?? 0) | place;
        continue;
      }
      pairs.copyWithin(at + 2, at, 2 * size);
      pairs[at] = piece;
      pairs[at + 1] = place;
      size += 1;
    }
    return size;
  }

  delete(slot: number): void {
    this.#lists.clear(slot);
  }

  /** How many different pieces the tool has; they stand in `pairs` until the next call. */
  read(slot: number): number {
    return this.#lists.read(slot);
  }

  /** What `read` read, in the order of pieces: `[piece, where it stands, …]`. */
  get pairs(): Uint32Array {
    return this.#lists.pairs;
  }

  save(slots: number): Uint8Array {
    return this.#lists.save(slots);
  }
}
