import { column } from '../store/column.ts';
import { IdTable } from '../store/id-table.ts';
import { lettersOf } from './letters.ts';

/** Terms and their numbers. The number of a term that was let go is given to the next new one. */
export class Vocabulary {
  /** By number; an empty string for a free one. */
  readonly #terms: string[] = [];
  readonly #numbers = new IdTable(this.#terms);
  readonly #free: number[] = [];
  #letters: Int32Array = new Int32Array(64);

  /** Numbers are below this. */
  get bound(): number {
    return this.#terms.length;
  }

  number(term: string): number | undefined {
    return this.#numbers.slot(term);
  }

  /** `undefined` for a number that is free. */
  term(number: number): string | undefined {
    return this.#terms[number] || undefined;
  }

  /** A set of the letters in the term, to compare with that of another word. */
  letters(number: number): number {
    return this.#letters[number] ?? 0;
  }

  numberFor(term: string): number {
    const known = this.#numbers.slot(term);
    if (known !== undefined) return known;
    const number = this.#free.pop() ?? this.#terms.length;
    this.#place(term, number);
    return number;
  }

  release(number: number): void {
    if (this.term(number) === undefined) return;
    this.#numbers.delete(number);
    this.#terms[number] = '';
    this.#free.push(number);
  }

  /** By number; an empty string stands for a free one. */
  save(): readonly string[] {
    return this.#terms;
  }

  static restore(terms: readonly string[]): Vocabulary {
    const vocabulary = new Vocabulary();
    terms.forEach((term, number) => {
      if (term !== '') return vocabulary.#place(term, number);
      vocabulary.#terms[number] = '';
      vocabulary.#free.push(number);
    });
    return vocabulary;
  }

  #place(term: string, number: number): void {
    if (number >= this.#letters.length) {
      const grown = column(Int32Array, Math.ceil((number + 1) * 1.25));
      grown.set(this.#letters);
      this.#letters = grown;
    }
    this.#terms[number] = term;
    this.#numbers.add(term, number);
    this.#letters[number] = lettersOf(term);
  }
}
