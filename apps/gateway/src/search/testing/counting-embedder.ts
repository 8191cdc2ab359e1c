import { staticEmbedder } from '@toolyard/native-index';
import type { Embedder } from '@toolyard/protocol';

/** The one that ships with the index, which notes the texts of tools that it is given. */
export async function countingEmbedder(): Promise<Embedder & { readonly embedded: readonly string[] }> {
  const embedder = await staticEmbedder();
  const embedded: string[] = [];
  return {
    contract: 'embedder/1',
    id: embedder.id,
    dimension: embedder.dimension,
    batchSize: embedder.batchSize,
    embedded,
    embed(texts, role, options) {
      if (role === 'document') embedded.push(...texts);
      return embedder.embed(texts, role, options);
    },
    close: () => embedder.close(),
    [Symbol.asyncDispose]: () => embedder.close(),
  };
}
