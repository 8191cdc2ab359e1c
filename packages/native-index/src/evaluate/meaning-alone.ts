import type { Embedder } from '@toolyard/protocol';
import { toolText } from '../dense/tool-text.ts';
import { throwIfCancelled } from '../store/slices.ts';
import { schemaText } from '../text/schema-text.ts';
import type { ToolDocument } from '../tool-document.ts';
import { vectorIndex } from '../vectors/vector-index.ts';
import type { Searcher } from './evaluate-set.ts';

const defaultLimit = 10;

/**
 * Ranks by the cosine of query and tool and by nothing else, with the texts that an index would embed: what an index is to be better than.
 * Rejects with what the embedder rejects with, as its searches do.
 */
export async function meaningAlone(
  tools: readonly ToolDocument[],
  embedder: Embedder,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<Searcher & Disposable> {
  const vectors = await vectorIndex({ dimension: embedder.dimension, expected: tools.length });
  try {
    for (let from = 0; from < tools.length; from += embedder.batchSize) {
      throwIfCancelled(signal);
      const texts = tools
        .slice(from, from + embedder.batchSize)
        .map((tool) => toolText(tool, schemaText(tool.inputSchema)));
      const made = await embedder.embed(texts, 'document', signal && { signal });
      made.forEach((vector, at) => {
        if (hasDirection(vector)) vectors.set(from + at, vector);
      });
    }
  } catch (error) {
    vectors.close();
    throw error;
  }
  return {
    async search(query, { limit = defaultLimit, signal: given } = {}) {
      const [vector] = await embedder.embed([query], 'query', given && { signal: given });
      const nearest = vector !== undefined && hasDirection(vector) ? vectors.nearest(vector, limit) : [];
      return { hits: nearest.flatMap(({ slot }) => tools[slot] ?? []), dense: 'used' };
    },
    [Symbol.dispose]: () => vectors.close(),
  };
}

/** A text in which the model knows no word has the zero vector, which is near to nothing. */
function hasDirection(vector: Float32Array): boolean {
  return vector.some((value) => value !== 0);
}
