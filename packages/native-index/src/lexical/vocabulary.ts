import { lettersOf } from './letters.ts';

/** Terms and their numbers. The number of a term that was let go is given to the next new one. */
export class Vocabulary {
  readonly #numbers = new Map<string, number>();
  readonly #terms: (string | undefined)[] = [];
  readonly #free: number[] = [];
  #letters: Int32Array = new Int32Array(64);

  /** Numbers are below this. */
  get bound(): number {
    return this.#terms.length;
  }

  number(term: string): number | undefined {
    return this.#numbers.get(term);
  }

  /** `undefined` for a number that is free. */
  term(number: number): string | undefined {
    return this.#terms[number];
  }

  /** A set of the letters in the term, to compare with that of another word. */
  letters(number: number): number {
    return this.#letters[number] ?? 0;
  }

  numberFor(term: string): number {
    const known = this.#numbers.get(term);
    if (known !== undefined) return known;
    const number = this.#free.pop() ?? this.#terms.length;
    this.#place(term, number);
    return number;
  }

  release(number: number): void {
    const term = this.#terms[number];
    if (term === undefined) return;
    this.#numbers.delete(term);
    this.#terms[number] = undefined;
    this.#free.push(number);
  }

  /** By number; an empty string stands for a free one. */
  save(): readonly string[] {
    return this.#terms.map((term) => term ?? '');
  }

  static restore(terms: readonly string[]): Vocabulary {
    const vocabulary = new Vocabulary();
    terms.forEach((term, number) => {
      if (term !== '') return vocabulary.#place(term, number);
      vocabulary.#terms[number] = undefined;
      vocabulary.#free.push(number);
    });
    return vocabulary;
  }

  #place(term: string, number: number): void {
    if (number >= this.#letters.length) {
      const grown = new Int32Array(number * 2);
      grown.set(this.#letters);
      this.#letters = grown;
    }
    this.#numbers.set(term, number);
    this.#terms[number] = term;
    this.#letters[number] = lettersOf(term);
  }
}
