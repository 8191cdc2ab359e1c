import type { Embedder } from '@toolyard/protocol';
import { describe, expect, test } from 'vitest';
import { embedderCases } from './cases.ts';
import { embedderContract } from './embedder-contract.ts';
import type { EmbedderRig } from './rig.ts';
import { wordHashEmbedder } from './word-hash-embedder.ts';

const rigOf =
  (change: (embedder: Embedder) => Partial<Embedder> = () => ({})) =>
  (): EmbedderRig => ({
    async open() {
      const embedder = wordHashEmbedder();
      return { ...embedder, ...change(embedder) };
    },
    [Symbol.asyncDispose]: async () => {},
  });

embedderContract('wordHashEmbedder()', rigOf());

const sabotages: readonly [how: string, rig: () => EmbedderRig, title: string][] = [
  [
    'answers backwards',
    rigOf((real) => ({ embed: async (...asked) => (await real.embed(...asked)).toReversed() })),
    'vectors come in the order of the texts, and a batch gives what single texts give',
  ],
  [
    'forgets the length',
    rigOf((real) => ({
      embed: async (...asked) => (await real.embed(...asked)).map((vector) => vector.map((value) => value * 2)),
    })),
    'a text has one vector of unit length, and always the same',
  ],
  [
    'answers NaN for the empty text',
    rigOf((real) => ({
      embed: async (texts, ...rest) => {
        const vectors = await real.embed(texts, ...rest);
        return vectors.map((vector, i) => (texts[i] === '' ? vector.fill(Number.NaN) : vector));
      },
    })),
    'the empty text, blanks and marks have a vector of unit length or the zero vector',
  ],
  [
    'gives the vector that it keeps',
    rigOf((real) => {
      const kept = new Map<string, Float32Array>();
      return {
        embed: async ([text = ''], ...rest) => {
          const vector = kept.get(text) ?? (await real.embed([text], ...rest))[0] ?? new Float32Array();
          kept.set(text, vector);
          return [vector];
        },
      };
    }),
    'a vector may be written over, and the next answer is not changed by that',
  ],
  [
    'goes on when it is aborted',
    rigOf((real) => ({ embed: (texts, role) => real.embed(texts, role) })),
    'an abort rejects with CANCELLED, before the call and during it, and the next call is answered',
  ],
  [
    'takes any number of texts',
    rigOf((real) => ({ embed: (texts, ...rest) => real.embed(texts.slice(0, 32), ...rest) })),
    'a full batch is answered, and one text more is refused with EMBEDDER_FAILED',
  ],
  ['cannot be closed', rigOf(() => ({ close: async () => {} })), 'closed twice it is closed, and refuses texts'],
];

describe('the suite notices an embedder that', () => {
  test.each(sabotages)('%s', async (_how, open, title) => {
    const check = embedderCases[title];
    if (check === undefined) throw new Error(`there is no case "${title}"`);
    await using rig = open();
    await expect(check(rig)).rejects.toThrow();
  });
});
