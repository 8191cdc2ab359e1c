import { column } from '../store/column.ts';
import { fieldCount } from './fields.ts';

const longest = 0xffff;

/** In `bytes`: the length stands aside, see `long`. */
export const aside = 255;

/** How many terms each field of each slot has, at most 65,535. Most are short, and rankings read them all over the place: a byte each keeps them near. */
export class FieldLengths {
  #bytes: Uint8Array = new Uint8Array(64 * fieldCount);
  readonly #long = new Map<number, number>();

  /** By `slot * fieldCount + field`; `aside` for what is too long. Ask anew after each change. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** What stands aside at this place. */
  long(place: number): number {
    return this.#long.get(place) ?? aside;
  }

  set(slot: number, lengths: ArrayLike<number>): void {
    const first = slot * fieldCount;
    if (first + fieldCount > this.#bytes.length) {
      const grown = column(Uint8Array, Math.ceil((slot + 1) * 1.25) * fieldCount);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    for (let place = first; place < first + fieldCount; place += 1) {
      if (this.#bytes[place] === aside) this.#long.delete(place);
      const length = lengths[place - first] ?? 0;
      this.#bytes[place] = Math.min(length, aside);
      if (length >= aside) this.#long.set(place, Math.min(length, longest));
    }
  }

  clear(slot: number): void {
    this.set(slot, []);
  }

  /** Those of the first slots. */
  save(slots: number): Uint16Array {
    const saved = new Uint16Array(slots * fieldCount);
    saved.set(this.#bytes.subarray(0, saved.length));
    for (const [place, length] of this.#long) saved[place] = length;
    return saved;
  }

  static restore(saved: Uint16Array): FieldLengths {
    const lengths = new FieldLengths();
    lengths.#bytes = Uint8Array.from(saved, (length) => Math.min(length, aside));
    saved.forEach((length, place) => {
      if (length >= aside) lengths.#long.set(place, length);
    });
    return lengths;
  }
}
