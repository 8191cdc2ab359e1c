import { LRUCache } from 'lru-cache';

const largest = 127;

/** Remembers vectors by the fingerprint of the text they were made of, in eight bits a number. */
export class EmbeddingCache {
  readonly #vectors: LRUCache<string, Int8Array>;

  constructor(max: number) {
    this.#vectors = new LRUCache({ max });
  }

  get(key: string): Float32Array | undefined {
    const kept = this.#vectors.get(key);
    return kept === undefined ? undefined : Float32Array.from(kept);
  }

  set(key: string, vector: Float32Array): void {
    let peak = 0;
    for (const value of vector) peak = Math.max(peak, Math.abs(value));
    const kept = new Int8Array(vector.length);
    for (let at = 0; at < kept.length && peak > 0; at += 1) kept[at] = Math.round(((vector[at] ?? 0) / peak) * largest);
    this.#vectors.set(key, kept);
  }

  /** The least recently used first, so that `restore` in this order keeps the order. */
  entries(): readonly (readonly [key: string, vector: Int8Array])[] {
    return [...this.#vectors.rkeys()].flatMap((key) => {
      const vector = this.#vectors.peek(key);
      return vector === undefined ? [] : [[key, vector] as const];
    });
  }

  restore(key: string, vector: Int8Array): void {
    this.#vectors.set(key, vector);
  }
}
