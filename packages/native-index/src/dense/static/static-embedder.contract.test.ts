import { embedderContract } from '@toolyard/contract-tests';
import { staticEmbedder } from './static-embedder.ts';

embedderContract('the static embedder', () => ({
  open: () => staticEmbedder(),
  [Symbol.asyncDispose]: () => Promise.resolve(),
}));
