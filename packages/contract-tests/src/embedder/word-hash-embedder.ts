import { hash } from 'node:crypto';
import type { Embedder } from '@toolyard/protocol';
import { ToolyardError } from '@toolyard/protocol';

/** A test double: each word has a direction that its hash gives, and a text has that of their sum. It knows every word and no meaning. */
export function wordHashEmbedder(options: { readonly dimension?: number; readonly batchSize?: number } = {}): Embedder {
  const { dimension = 64, batchSize = 32 } = options;
  const id = `word-hash-${dimension}`;
  let closed = false;
  const close = async (): Promise<void> => {
    closed = true;
  };
  return {
    contract: 'embedder/1',
    id,
    dimension,
    batchSize,
    async embed(texts, _role, { signal } = {}) {
      if (closed) throw new ToolyardError('CLOSED', { what: id }, 'The embedder is closed.');
      if (signal?.aborted) throw new ToolyardError('CANCELLED', {}, 'The caller cancelled.', { cause: signal.reason });
      if (texts.length > batchSize) {
        const reason = `${texts.length} texts are more than ${batchSize}`;
        throw new ToolyardError('EMBEDDER_FAILED', { embedder: id, reason }, `The embedder failed: ${reason}.`);
      }
      return texts.map((text) => vectorOf(text, dimension));
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function vectorOf(text: string, dimension: number): Float32Array {
  const sum = new Float32Array(dimension);
  for (const [word] of text.toLowerCase().matchAll(/[\p{L}\p{N}]+/gu)) {
    const digest = hash('sha256', word, 'buffer');
    for (let i = 0; i < dimension; i++) sum[i] = (sum[i] ?? 0) + (digest[i % 32] ?? 0) / 127.5 - 1;
  }
  const norm = Math.hypot(...sum);
  return norm === 0 ? sum : sum.map((value) => value / norm);
}
