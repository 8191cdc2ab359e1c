import { vectorIndexContract, type VectorIndexRig } from '@toolyard/contract-tests';
import type { VectorIndex } from '@toolyard/protocol';
import { test } from 'vitest';
import { decodeVectors } from './stored-vectors.ts';
import { usearch } from './testing/installed-usearch.ts';
import { usearchIndex } from './usearch/usearch-index.ts';
import { vectorIndex } from './vector-index.ts';

type Open = VectorIndexRig['open'];

const rigOf = (open: Open) => (): VectorIndexRig => {
  const opened: VectorIndex[] = [];
  return {
    async open(dimension, saved) {
      const index = await open(dimension, saved);
      opened.push(index);
      return index;
    },
    async [Symbol.asyncDispose]() {
      for (const index of opened) index.close();
    },
  };
};

const saving = (saved: Uint8Array | undefined): { saved?: Uint8Array } => (saved === undefined ? {} : { saved });

vectorIndexContract(
  "vectorIndex({ kind: 'flat' })",
  rigOf((dimension, saved) => vectorIndex({ dimension, kind: 'flat', ...saving(saved) })),
);

if (typeof usearch === 'string') {
  const reason = usearch;
  test('usearch', ({ skip }) => skip(reason));
} else {
  const module = usearch;
  vectorIndexContract(
    "vectorIndex({ kind: 'usearch' })",
    rigOf((dimension, saved) => vectorIndex({ dimension, kind: 'usearch', ...saving(saved) })),
  );

  // As few vectors as the suite has would all be looked at: this one asks the graph wherever it can.
  vectorIndexContract(
    'usearch with its graph',
    rigOf(async (dimension, saved) => {
      const stored = saved === undefined ? undefined : decodeVectors(saved, dimension);
      return usearchIndex(module, { dimension, maxBytes: 2 ** 31, exactWork: 0 }, stored);
    }),
  );
}
