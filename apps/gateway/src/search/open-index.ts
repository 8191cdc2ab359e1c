import type { ToolIndex } from '@toolyard/native-index';
import type { Embedder } from '@toolyard/protocol';

import type { Logger } from '../log/logger.ts';
import type { IndexFile } from './index-file.ts';

/** An index, and what it stands on. */
export interface OpenIndex {
  readonly index: ToolIndex;
  close(): Promise<void>;
}

/** The index that the last run left, or an empty one where that cannot be used. `embedder` is closed with it; default: the one that needs nothing. */
export async function openIndex(file: IndexFile, log: Logger, embedder?: Embedder): Promise<OpenIndex> {
  // Loaded with the first search only: a gateway that lists its tools directly does without.
  const { createToolIndex, loadToolIndex, staticEmbedder } = await import('@toolyard/native-index');
  const options = { embedder: embedder ?? (await staticEmbedder()) };
  const index = (await restored()) ?? (await createToolIndex(options));
  return {
    index,
    async close() {
      await index.close();
      await options.embedder.close();
    },
  };

  async function restored(): Promise<ToolIndex | undefined> {
    try {
      const saved = await file.read();
      return saved === undefined ? undefined : await loadToolIndex(saved, options);
    } catch (error) {
      log.warn({ err: error }, 'The saved search index cannot be used; it is made anew.');
      return undefined;
    }
  }
}
