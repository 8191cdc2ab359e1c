import type { Cases, Gaps } from '../contract.ts';
import { registerContract } from '../contract.ts';
import { change } from './cases/change.ts';
import { search } from './cases/search.ts';
import { storage } from './cases/storage.ts';
import type { VectorIndexRig } from './rig.ts';

export const vectorIndexCases: Cases<VectorIndexRig> = { ...search, ...change, ...storage };

/**
 * Proves that an index keeps `vector-index/1`. To be called at the top of a vitest file.
 *
 * `open` makes a rig for one case; `gaps` names the cases that the index does not pass, with the reason.
 */
export function vectorIndexContract(
  name: string,
  open: () => Promise<VectorIndexRig> | VectorIndexRig,
  gaps: Gaps = {},
): void {
  registerContract(`${name} keeps vector-index/1`, vectorIndexCases, open, gaps);
}
