import { LRUCache } from 'lru-cache';

const largest = 127;

/** Remembers vectors by the fingerprint of the text they were made of, in eight bits a number, all in one array. */
export class EmbeddingCache {
  readonly #max: number;
  /** In which row the vector lies. */
  readonly #rows: LRUCache<string, number>;
  #dimension = 0;
  #levels = new Int8Array();

  constructor(max: number) {
    this.#max = max;
    this.#rows = new LRUCache({ max });
  }

  get(key: string): Float32Array | undefined {
    const row = this.#rows.get(key);
    return row === undefined ? undefined : Float32Array.from(this.#at(row));
  }

  set(key: string, vector: Float32Array): void {
    let peak = 0;
    for (let at = 0; at < vector.length; at += 1) peak = Math.max(peak, Math.abs(vector[at] ?? 0));
    const kept = this.#place(key, vector.length);
    for (let at = 0; at < kept.length; at += 1)
      kept[at] = peak === 0 ? 0 : Math.round(((vector[at] ?? 0) / peak) * largest);
  }

  /** The least recently used first, so that `restore` in this order keeps the order. The vectors are views that hold until the next `set`. */
  entries(): readonly (readonly [key: string, vector: Int8Array])[] {
    return [...this.#rows.rkeys()].flatMap((key) => {
      const row = this.#rows.peek(key);
      return row === undefined ? [] : [[key, this.#at(row)] as const];
    });
  }

  restore(key: string, vector: Int8Array): void {
    this.#place(key, vector.length).set(vector);
  }

  #at(row: number): Int8Array {
    return this.#levels.subarray(row * this.#dimension, (row + 1) * this.#dimension);
  }

  /** The key's row, or the one of what was not used for longest. All vectors have one dimension. */
  #place(key: string, dimension: number): Int8Array {
    this.#dimension = dimension;
    const known = this.#rows.get(key);
    if (known !== undefined) return this.#at(known);
    const row = this.#rows.size < this.#max ? this.#rows.size : (this.#rows.pop() ?? 0);
    this.#rows.set(key, row);
    if ((row + 1) * dimension > this.#levels.length) {
      const grown = new Int8Array(Math.min(this.#max, 2 * row + 16) * dimension);
      grown.set(this.#levels);
      this.#levels = grown;
    }
    return this.#at(row);
  }
}
