import { fieldCount, withOneMore } from './fields.ts';
import { PairLists } from './pair-lists.ts';
import { Vocabulary } from './vocabulary.ts';

const longestField = 0xffff;

/**
 * Which terms stand in which fields of which tools, both ways round: tools of a term (to find), terms of a tool (to compare and to take out).
 * Nothing in it is computed from the whole, so that a tool comes and goes at its own cost.
 */
export class LexicalIndex {
  readonly vocabulary: Vocabulary;
  /** By term number: `[slot, counts, …]`. */
  readonly tools: PairLists;
  /** By slot: `[term number, counts, …]`. */
  readonly terms: PairLists;
  #lengths: Uint16Array;

  constructor(
    vocabulary: Vocabulary = new Vocabulary(),
    tools: PairLists = new PairLists(),
    terms: PairLists = new PairLists(),
    lengths: Uint16Array = new Uint16Array(64 * fieldCount),
  ) {
    this.vocabulary = vocabulary;
    this.tools = tools;
    this.terms = terms;
    this.#lengths = lengths;
  }

  /** How many terms each field of each slot has, `fieldCount` numbers a slot. Ask anew after each change. */
  get lengths(): Uint16Array {
    return this.#lengths;
  }

  /** The slot has to be empty. `texts`: the terms of each field. */
  add(slot: number, texts: readonly (readonly string[])[]): void {
    if ((slot + 1) * fieldCount > this.#lengths.length) {
      const grown = new Uint16Array(Math.ceil(slot * 1.5 + 1) * fieldCount);
      grown.set(this.#lengths);
      this.#lengths = grown;
    }
    const counts = new Map<number, number>();
    texts.forEach((terms, field) => {
      this.#lengths[slot * fieldCount + field] = Math.min(terms.length, longestField);
      for (const term of terms) {
        const number = this.vocabulary.numberFor(term);
        counts.set(number, withOneMore(counts.get(number) ?? 0, field));
      }
    });
    for (const [term, count] of counts) {
      this.tools.push(term, slot, count);
      this.terms.push(slot, term, count);
    }
  }

  remove(slot: number): void {
    const start = this.terms.start(slot);
    const end = start + 2 * this.terms.length(slot);
    for (let at = start; at < end; at += 2) {
      const term = this.terms.data[at] ?? 0;
      this.tools.delete(term, slot);
      if (this.tools.length(term) === 0) this.vocabulary.release(term);
    }
    this.terms.clear(slot);
    this.#lengths.fill(0, slot * fieldCount, (slot + 1) * fieldCount);
  }

  /** Tools that have the term, of those that are allowed. */
  countTools(term: number, allowed: Uint8Array | undefined): number {
    if (allowed === undefined) return this.tools.length(term);
    const start = this.tools.start(term);
    const end = start + 2 * this.tools.length(term);
    let count = 0;
    for (let at = start; at < end; at += 2) if (allowed[this.tools.data[at] ?? 0] === 1) count += 1;
    return count;
  }

  /** Whether any tool that is allowed has the term. */
  isUsed(term: number, allowed: Uint8Array | undefined): boolean {
    const start = this.tools.start(term);
    const end = start + 2 * this.tools.length(term);
    if (allowed === undefined) return end > start;
    for (let at = start; at < end; at += 2) if (allowed[this.tools.data[at] ?? 0] === 1) return true;
    return false;
  }
}
