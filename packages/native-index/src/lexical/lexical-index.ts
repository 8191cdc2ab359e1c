import { column } from '../store/column.ts';
import { CountMarks } from './count-marks.ts';
import { FieldLengths } from './field-lengths.ts';
import { type FieldCounts, inParameters, withOneMore } from './fields.ts';
import { PackedLists } from './packed-lists.ts';
import { Postings } from './postings.ts';
import { Vocabulary } from './vocabulary.ts';

/**
 * Which terms stand in which fields of which tools, both ways round: tools of a term (to find), terms of a tool (to compare and to take out).
 * Nothing in it is computed from the whole, so that a tool comes and goes at its own cost.
 */
export class LexicalIndex {
  readonly vocabulary: Vocabulary;
  /** By term number: slots, and how the term stands in each, as a mark. */
  readonly tools: Postings = new Postings();
  /** How terms stand in tools, by mark. */
  readonly marks: CountMarks;
  /** By slot: term numbers and marks. */
  readonly #terms: PackedLists;
  readonly lengths: FieldLengths;
  /** By term: 1 where it has ever stood in a parameter. */
  #parameters: Uint8Array = new Uint8Array(64);
  #scratch: Uint32Array = new Uint32Array(256);

  constructor(
    vocabulary: Vocabulary = new Vocabulary(),
    marks: CountMarks = new CountMarks(),
    terms: PackedLists = new PackedLists(),
    lengths: FieldLengths = new FieldLengths(),
  ) {
    this.vocabulary = vocabulary;
    this.marks = marks;
    this.#terms = terms;
    this.lengths = lengths;
  }

  /** `terms` and `tools` as `saveTerms` and `countAllTools` gave them. Throws `RangeError` where they are not what they should be. */
  static restore(
    vocabulary: Vocabulary,
    marks: CountMarks,
    terms: Uint8Array,
    tools: Uint32Array,
    lengths: FieldLengths,
    slots: number,
  ): LexicalIndex {
    const packed = PackedLists.restore(terms, slots);
    const index = new LexicalIndex(vocabulary, marks, packed, lengths);
    if (tools.length !== vocabulary.bound || tools.some((count) => count > slots))
      throw new RangeError('the counts of tools are wrong');
    tools.forEach((count, term) => index.tools.reserve(term, count));
    for (let slot = 0; slot < slots; slot += 1) {
      const end = 2 * packed.read(slot);
      const { pairs } = packed;
      for (let at = 0; at < end; at += 2) {
        const term = pairs[at] ?? 0;
        const mark = pairs[at + 1] ?? 0;
        if (term >= vocabulary.bound || mark >= marks.size) throw new RangeError('a list points outside');
        index.tools.append(term, slot, mark);
        index.#note(term, mark);
      }
    }
    return index;
  }

  /** Tools of each term. */
  countAllTools(): Uint32Array {
    return Uint32Array.from({ length: this.vocabulary.bound }, (_, term) => this.tools.length(term));
  }

  saveTerms(slots: number): Uint8Array {
    return this.#terms.save(slots);
  }

  /** How many terms the tool has; they stand in `read` until the next call. */
  readTerms(slot: number): number {
    return this.#terms.read(slot);
  }

  /** What `readTerms` read: `[term number, mark, …]`. */
  get read(): Uint32Array {
    return this.#terms.pairs;
  }

  /** The slot has to be empty. `texts`: the terms of each field. */
  add(slot: number, texts: readonly (readonly string[])[]): void {
    this.lengths.set(
      slot,
      texts.map(({ length }) => length),
    );
    const counts = new Map<number, FieldCounts>();
    texts.forEach((terms, field) => {
      for (const term of terms) {
        const number = this.vocabulary.numberFor(term);
        counts.set(number, withOneMore(counts.get(number) ?? 0, field));
      }
    });
    if (this.#scratch.length < 3 * counts.size) this.#scratch = new Uint32Array(6 * counts.size);
    // The terms in order behind, the pairs in front.
    const terms = this.#scratch.subarray(2 * counts.size, 3 * counts.size);
    let at = 0;
    for (const term of counts.keys()) terms[at++] = term;
    terms.sort();
    at = 0;
    for (const term of terms) {
      const mark = this.marks.markFor(counts.get(term) ?? 0);
      this.tools.insert(term, slot, mark);
      this.#note(term, mark);
      this.#scratch[at++] = term;
      this.#scratch[at++] = mark;
    }
    this.#terms.write(slot, this.#scratch, counts.size);
  }

  remove(slot: number): void {
    const end = 2 * this.readTerms(slot);
    const { read } = this;
    for (let at = 0; at < end; at += 2) {
      const term = read[at] ?? 0;
      this.tools.delete(term, slot);
      if (this.tools.length(term) === 0) this.vocabulary.release(term);
    }
    this.#terms.clear(slot);
    this.lengths.clear(slot);
  }

  /** Whether the term stands in a parameter; may be true still when it no longer does. */
  isParameter(term: number): boolean {
    return this.#parameters[term] === 1;
  }

  /** Tools that have the term, of those that are allowed. */
  countTools(term: number, allowed: Uint8Array | undefined): number {
    if (allowed === undefined) return this.tools.length(term);
    const keys = this.tools.keys(term);
    const start = this.tools.start(term);
    const end = start + this.tools.length(term);
    let count = 0;
    for (let at = start; at < end; at += 1) if (allowed[keys[at] ?? 0] === 1) count += 1;
    return count;
  }

  /** Whether any tool that is allowed has the term. */
  isUsed(term: number, allowed: Uint8Array | undefined): boolean {
    if (allowed === undefined) return this.tools.length(term) > 0;
    const keys = this.tools.keys(term);
    const start = this.tools.start(term);
    const end = start + this.tools.length(term);
    for (let at = start; at < end; at += 1) if (allowed[keys[at] ?? 0] === 1) return true;
    return false;
  }

  #note(term: number, mark: number): void {
    if (((this.marks.counts[mark] ?? 0) & inParameters) === 0) return;
    if (term >= this.#parameters.length) {
      const grown = column(Uint8Array, Math.ceil((term + 1) * 1.25));
      grown.set(this.#parameters);
      this.#parameters = grown;
    }
    this.#parameters[term] = 1;
  }
}
