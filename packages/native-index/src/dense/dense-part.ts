import { type Embedder, type TextRole, ToolyardError, type VectorIndex } from '@toolyard/protocol';
import { fingerprint } from '../store/fingerprints.ts';
import type { ToolPieces } from '../late/tool-pieces.ts';
import { throwIfCancelled } from '../store/slices.ts';
import type { EmbeddingCache } from './embedding-cache.ts';

const maxQueryLength = 8192;

/** Meaning: an embedder, and the vectors it made of the tools. */
export class DensePart {
  readonly embedder: Embedder;
  /** Of all that is said of each tool. */
  readonly vectors: VectorIndex;
  /** Of each tool's headline. */
  readonly headlines: VectorIndex;
  readonly cache: EmbeddingCache;
  /** Where the embedder knows its pieces. */
  readonly pieces: ToolPieces | undefined;

  constructor(
    embedder: Embedder,
    vectors: VectorIndex,
    headlines: VectorIndex,
    cache: EmbeddingCache,
    pieces?: ToolPieces,
  ) {
    this.embedder = embedder;
    this.vectors = vectors;
    this.headlines = headlines;
    this.cache = cache;
    this.pieces = pieces;
  }

  /** One vector a text, `undefined` for one in which the model knows no word. Asks the model only for what the cache does not have. */
  async embedTools(
    texts: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<readonly (Float32Array | undefined)[]> {
    const keys = texts.map((text) => fingerprint(text));
    const missing = new Map<string, string>();
    const found = new Map<string, Float32Array>();
    keys.forEach((key, at) => {
      const kept = this.cache.get(key);
      if (kept === undefined) missing.set(key, texts[at] ?? '');
      else found.set(key, kept);
    });
    const missingKeys = [...missing.keys()];
    const made = await this.#embed([...missing.values()], 'document', signal);
    missingKeys.forEach((key, at) => {
      const vector = made[at];
      if (vector === undefined) return;
      found.set(key, vector);
      this.cache.set(key, vector);
    });
    return keys.map((key) => usable(found.get(key)));
  }

  async embedQuery(
    texts: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<readonly (Float32Array | undefined)[]> {
    const cut = texts.map((text) => text.slice(0, maxQueryLength).toWellFormed());
    return (await this.#embed(cut, 'query', signal)).map(usable);
  }

  async #embed(
    texts: readonly string[],
    role: TextRole,
    signal: AbortSignal | undefined,
  ): Promise<readonly Float32Array[]> {
    const { embedder } = this;
    const vectors: Float32Array[] = [];
    for (let from = 0; from < texts.length; from += embedder.batchSize) {
      throwIfCancelled(signal);
      const batch = texts.slice(from, from + embedder.batchSize);
      let made: readonly Float32Array[];
      try {
        made = await embedder.embed(batch, role, signal === undefined ? undefined : { signal });
      } catch (error) {
        throwIfCancelled(signal);
        throw ToolyardError.is(error) ? error : failed(embedder, 'it threw an error of its own', error);
      }
      throwIfCancelled(signal);
      if (made.length !== batch.length) throw failed(embedder, `${batch.length} texts gave ${made.length} vectors`);
      for (const vector of made) {
        if (vector.length !== embedder.dimension)
          throw failed(embedder, `a vector has ${vector.length} numbers, not ${embedder.dimension}`);
        if (!isFinite(vector)) throw failed(embedder, 'a vector has a number that is none');
        vectors.push(vector);
      }
    }
    return vectors;
  }
}

/** By arithmetic, since an iterator or a call of `Number.isFinite` makes an object of each number: what is infinite or none has no difference from itself. */
function isFinite(vector: Float32Array): boolean {
  for (let at = 0; at < vector.length; at += 1) {
    const value = vector[at] ?? 0;
    if (value - value !== 0) return false;
  }
  return true;
}

function usable(vector: Float32Array | undefined): Float32Array | undefined {
  if (vector === undefined) return undefined;
  for (let at = 0; at < vector.length; at += 1) if (vector[at] !== 0) return vector;
  return undefined;
}

function failed(embedder: Embedder, reason: string, cause?: unknown): ToolyardError {
  return new ToolyardError(
    'EMBEDDER_FAILED',
    { embedder: embedder.id, reason },
    `The embedder ${embedder.id} failed: ${reason}.`,
    { cause },
  );
}
