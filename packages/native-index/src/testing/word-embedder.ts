import type { Embedder } from '@toolyard/protocol';

/** Words that mean the same to this model, one direction a line. */
const meanings = [
  'mail email message letter',
  'send dispatch deliver',
  'weather forecast rain temperature',
  'picture image photo drawing',
  'remove delete erase discard',
  'file document',
  'money payment invoice',
];

/** A model of a few words, each with a direction of its own: enough to tell meaning from wording. Counts what it is asked. */
export function wordEmbedder(id = 'words/1'): Embedder & { readonly embedded: string[] } {
  const directions = new Map(meanings.flatMap((line, direction) => line.split(' ').map((word) => [word, direction])));
  const embedded: string[] = [];
  const close = (): Promise<void> => Promise.resolve();
  return {
    contract: 'embedder/1',
    id,
    dimension: meanings.length,
    batchSize: 8,
    embedded,
    async embed(texts) {
      await Promise.resolve();
      embedded.push(...texts);
      return texts.map((text) => {
        const vector = new Float32Array(meanings.length);
        for (const word of text.toLowerCase().match(/[a-z]+/g) ?? []) {
          const direction = directions.get(word);
          if (direction !== undefined) vector[direction] = (vector[direction] ?? 0) + 1;
        }
        const length = Math.hypot(...vector) || 1;
        return vector.map((value) => value / length);
      });
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
