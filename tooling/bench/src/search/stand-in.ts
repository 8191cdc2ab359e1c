import type { Embedder } from '@toolyard/protocol';
import { draws } from './draws.ts';

/** Vectors without meaning, to measure what vectors of another size cost. */
export function standIn(dimension: number): Embedder {
  const close = (): Promise<void> => Promise.resolve();
  return {
    contract: 'embedder/1',
    id: 'stand-in',
    dimension,
    batchSize: 4096,
    embed: (texts) => Promise.resolve(texts.map((text) => vectorOf(text, dimension))),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function vectorOf(text: string, dimension: number): Float32Array {
  let seed = 0;
  for (let at = 0; at < text.length; at += 1) seed = Math.imul(seed, 31) + text.charCodeAt(at);
  const next = draws(seed);
  return Float32Array.from({ length: dimension }, () => next() - 0.5);
}
