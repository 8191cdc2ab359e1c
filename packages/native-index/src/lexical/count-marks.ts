import { countIn, type FieldCounts, fieldCount } from './fields.ts';

const mostMarks = 2 ** 16;
/** Marks below are the sets of fields: bit `n` for field `n`, each counted once. */
const plainMarks = 2 ** fieldCount;

/**
 * Numbers of 16 bits for field counts, of which a catalogue has some thousand different ones. When all numbers are given away, what is new counts each field
 * once.
 */
export class CountMarks {
  readonly #marks = new Map<FieldCounts, number>();
  #counts: Uint32Array = new Uint32Array(2 * plainMarks);
  #size = 0;

  constructor(more: Iterable<FieldCounts> = []) {
    for (let mark = 0; mark < plainMarks; mark += 1) {
      let counts = 0;
      for (let field = 0; field < fieldCount; field += 1) if ((mark >>> field) & 1) counts += 2 ** (4 * field);
      this.#add(counts);
    }
    for (const counts of more) this.#add(counts);
  }

  get size(): number {
    return this.#size;
  }

  /** By mark. Ask anew after each change. */
  get counts(): Uint32Array {
    return this.#counts;
  }

  markFor(counts: FieldCounts): number {
    const known = this.#marks.get(counts);
    if (known !== undefined) return known;
    if (this.#size < mostMarks) return this.#add(counts);
    let mark = 0;
    for (let field = 0; field < fieldCount; field += 1) if (countIn(counts, field) > 0) mark |= 1 << field;
    return mark;
  }

  /** What the constructor takes. */
  save(): Uint32Array {
    return this.#counts.slice(plainMarks, this.#size);
  }

  #add(counts: FieldCounts): number {
    const mark = this.#size;
    if (mark >= this.#counts.length) {
      const grown = new Uint32Array(mark * 2);
      grown.set(this.#counts);
      this.#counts = grown;
    }
    this.#counts[mark] = counts;
    this.#marks.set(counts, mark);
    this.#size += 1;
    return mark;
  }
}
