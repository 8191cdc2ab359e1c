import { resolve } from 'node:path';
import type { Embedder, TextRole } from '@toolyard/protocol';
import { optionalPackage } from '../../optional-package.ts';
import { throwIfCancelled } from '../../store/slices.ts';
import { checkEmbedCall, embedderClosed, embedderFailed, unitVector } from '../embed-call.ts';
import type { FeatureExtraction, TransformersModule } from './transformers-module.ts';

export interface TransformersEmbedderOptions {
  /** The name of a model on the hub: `Xenova/all-MiniLM-L6-v2`. With `folder`, only what `id` calls it. */
  readonly model: string;
  /** Where the files of the model lie; nothing is downloaded then. Default: the hub, through the cache of the library. */
  readonly folder?: string;
  /** Of the model on the hub. Default `main`. */
  readonly revision?: string;
  /** Which numbers the model calculates with: `fp32`, `q8`, … Default: the library's for the machine. */
  readonly dtype?: string;
  /** How a text's vector is made of its words': see the model's card. Default `mean`. */
  readonly pooling?: 'mean' | 'cls' | 'last_token';
  /** Put in front of texts, for models that were trained with such. */
  readonly prefixes?: { readonly query?: string; readonly document?: string };
  /** Texts that run through the model at once. Default 16. */
  readonly batchSize?: number;
  /** Where texts are cut before the tokenizer sees them, in UTF-16 units, prefix not included. Default 16,384. */
  readonly maxTextLength?: number;
}

/**
 * An embedder that runs a model in this process, by Transformers.js.
 *
 * Rejects with `PACKAGE_MISSING` where `@huggingface/transformers` is not installed, and with `EMBEDDER_FAILED` when the model cannot be
 * loaded. One batch runs at a time; an abort gives up waiting, and the batch that runs ends by itself.
 */
export async function transformersEmbedder(options: TransformersEmbedderOptions): Promise<Embedder> {
  return loadEmbedder(options, await optionalPackage<TransformersModule>('@huggingface/transformers'));
}

export async function loadEmbedder(
  options: TransformersEmbedderOptions,
  { pipeline }: TransformersModule,
): Promise<Embedder> {
  const { model, folder, revision = 'main', dtype, pooling = 'mean', prefixes } = options;
  const id = [model, revision, dtype ?? 'default', pooling, ...Object.values(prefixes ?? {})].join('/');
  try {
    // The library takes what cannot be a name on the hub for a path.
    const extract = await pipeline('feature-extraction', folder === undefined ? model : resolve(folder), {
      revision,
      local_files_only: folder !== undefined,
      ...(dtype === undefined ? {} : { dtype }),
    });
    const { dims } = await extract(['dimension'], { pooling, normalize: true });
    return new TransformersEmbedder(id, dims[1] ?? 0, options, extract);
  } catch (cause) {
    throw embedderFailed(id, 'the model cannot be loaded', cause);
  }
}

class TransformersEmbedder implements Embedder {
  readonly contract = 'embedder/1';
  readonly id: string;
  readonly dimension: number;
  readonly batchSize: number;
  readonly #options: TransformersEmbedderOptions;
  readonly #extract: FeatureExtraction;
  /** The end of what runs; the next batch waits for it. */
  #running: Promise<unknown> = Promise.resolve();
  #ending: Promise<void> | undefined;

  constructor(id: string, dimension: number, options: TransformersEmbedderOptions, extract: FeatureExtraction) {
    this.id = id;
    this.dimension = dimension;
    this.batchSize = options.batchSize ?? 16;
    this.#options = options;
    this.#extract = extract;
  }

  get closed(): boolean {
    return this.#ending !== undefined;
  }

  async embed(
    texts: readonly string[],
    role: TextRole,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<readonly Float32Array[]> {
    checkEmbedCall(this, texts, signal);
    const { prefixes, maxTextLength = 16_384 } = this.#options;
    const prefix = prefixes?.[role] ?? '';
    const inputs = texts.map((text) => prefix + text.slice(0, maxTextLength).toWellFormed());
    if (inputs.length === 0) return [];
    const work = this.#running.then(() => this.#run(inputs, signal));
    this.#running = work.catch(() => undefined);
    return orCancelled(work, signal);
  }

  close(): Promise<void> {
    // The library must not be torn down under a batch that runs.
    this.#ending ??= this.#running.then(() => this.#extract.dispose()).then(() => undefined);
    return this.#ending;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #run(inputs: string[], signal: AbortSignal | undefined): Promise<readonly Float32Array[]> {
    if (this.closed) throw embedderClosed(this.id);
    throwIfCancelled(signal);
    const { id, dimension } = this;
    let data: ArrayLike<number>;
    try {
      ({ data } = await this.#extract(inputs, { pooling: this.#options.pooling ?? 'mean', normalize: true }));
    } catch (cause) {
      throw embedderFailed(id, 'the model failed', cause);
    }
    if (data.length !== inputs.length * dimension)
      throw embedderFailed(id, `${inputs.length} texts gave ${data.length} numbers, not ${dimension} each`);
    const numbers = Float32Array.from(data);
    return inputs.map((_, i) => {
      const vector = unitVector(numbers.subarray(i * dimension, (i + 1) * dimension));
      if (vector === undefined) throw embedderFailed(id, 'a vector has a number that is none');
      return vector;
    });
  }
}

/** Settles as the work does, or when the signal aborts. */
async function orCancelled<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  const { promise, resolve } = Promise.withResolvers<void>();
  const given = (): void => resolve();
  signal.addEventListener('abort', given, { once: true });
  try {
    return await Promise.race([
      work,
      promise.then((): never => {
        throwIfCancelled(signal);
        throw new Error('the signal did not abort');
      }),
    ]);
  } finally {
    signal.removeEventListener('abort', given);
  }
}
