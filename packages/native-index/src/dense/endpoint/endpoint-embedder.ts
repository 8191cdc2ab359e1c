import { hash } from 'node:crypto';
import type { Embedder, TextRole } from '@toolyard/protocol';
import { LRUCache } from 'lru-cache';
import { throwIfCancelled } from '../../store/slices.ts';
import { checkEmbedCall, embedderClosed, embedderFailed } from '../embed-call.ts';
import type { EndpointEmbedderOptions } from './endpoint-options.ts';
import { post } from './post.ts';
import { readVectors } from './read-vectors.ts';

/**
 * An embedder behind any endpoint that speaks OpenAI's `POST /embeddings`.
 *
 * Blank texts have the zero vector and are not sent. Throws `EMBEDDER_FAILED` for a URL that is not HTTP, and for a
 * header or key that cannot be sent.
 */
export function endpointEmbedder(options: EndpointEmbedderOptions): Embedder {
  return new EndpointEmbedder(options);
}

class EndpointEmbedder implements Embedder {
  readonly contract = 'embedder/1';
  readonly id: string;
  readonly dimension: number;
  readonly batchSize: number;
  readonly #options: EndpointEmbedderOptions;
  readonly #url: URL;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #known: LRUCache<string, Float32Array> | undefined;
  readonly #closing = new AbortController();

  constructor(options: EndpointEmbedderOptions) {
    const { model, dimension, prefixes, apiKey, cacheSize = 1_000 } = options;
    const spoken = JSON.stringify([prefixes?.query ?? '', prefixes?.document ?? '']);
    this.id = `${model}/${dimension}/${hash('sha256', spoken).slice(0, 8)}`;
    this.dimension = dimension;
    this.batchSize = options.batchSize ?? 64;
    this.#options = options;
    this.#url = embeddingsUrl(options.url, this.id);
    this.#headers = checkedHeaders(this.id, {
      ...options.headers,
      ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
      'content-type': 'application/json',
      accept: 'application/json',
    });
    this.#known = cacheSize === 0 ? undefined : new LRUCache({ max: cacheSize });
  }

  get closed(): boolean {
    return this.#closing.signal.aborted;
  }

  async embed(
    texts: readonly string[],
    role: TextRole,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<readonly Float32Array[]> {
    checkEmbedCall(this, texts, signal);
    const { prefixes, maxTextLength = 8_000 } = this.#options;
    const prefix = prefixes?.[role] ?? '';
    const inputs = texts.map((text) => {
      const cut = text.slice(0, maxTextLength).toWellFormed();
      return cut.trim() === '' ? undefined : prefix + cut;
    });
    const vectors = new Map<string, Float32Array>();
    const missing: string[] = [];
    for (const input of new Set(inputs)) {
      if (input === undefined) continue;
      const vector = this.#known?.get(keyOf(input));
      if (vector === undefined) missing.push(input);
      else vectors.set(input, vector);
    }
    if (missing.length > 0) {
      const made = await this.#ask(missing, signal);
      for (const [i, vector] of made.entries()) {
        const input = missing[i] ?? '';
        vectors.set(input, vector);
        this.#known?.set(keyOf(input), vector);
      }
    }
    const zero = new Float32Array(this.dimension);
    return inputs.map((input) => (input === undefined ? zero : (vectors.get(input) ?? zero)).slice());
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#known?.clear();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #ask(inputs: readonly string[], signal: AbortSignal | undefined): Promise<readonly Float32Array[]> {
    const { model, requestDimension, timeoutMs, maxAttempts, firstDelayMs, maxDelayMs } = this.#options;
    const { id, dimension } = this;
    const wish = requestDimension === true ? { dimensions: dimension } : {};
    try {
      const answer = await post({
        id,
        url: this.#url,
        headers: this.#headers,
        body: JSON.stringify({ model, input: inputs, encoding_format: 'float', ...wish }),
        // A number has some twenty characters, and what is around the vectors is short.
        maxAnswerBytes: 65_536 + inputs.length * (1_024 + dimension * 64),
        timeoutMs: timeoutMs ?? 30_000,
        maxAttempts: maxAttempts ?? 4,
        firstDelayMs: firstDelayMs ?? 500,
        maxDelayMs: maxDelayMs ?? 20_000,
        signal: signal === undefined ? this.#closing.signal : AbortSignal.any([this.#closing.signal, signal]),
      });
      return readVectors(answer, { id, count: inputs.length, dimension });
    } catch (error) {
      if (this.closed) throw embedderClosed(id);
      throwIfCancelled(signal);
      throw error;
    }
  }
}

function embeddingsUrl(base: string | URL, id: string): URL {
  const url = URL.parse(String(base));
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    throw embedderFailed(id, 'its URL is not one of HTTP, or has credentials in it');
  // Whoever copied the whole address means the same.
  if (!/\/embeddings\/?$/.test(url.pathname)) url.pathname = `${url.pathname.replace(/\/+$/, '')}/embeddings`;
  return url;
}

/** What `fetch` says of a header that it does not take has the value in it, and that may be the key. */
function checkedHeaders(id: string, headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  try {
    return Object.fromEntries(new Headers(headers));
  } catch {
    throw embedderFailed(id, 'its key or one of its headers has characters that cannot be sent');
  }
}

function keyOf(input: string): string {
  return hash('sha256', input, 'base64url');
}
