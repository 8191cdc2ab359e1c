import type { Cases, Gaps } from '../contract.ts';
import { registerContract } from '../contract.ts';
import { drops } from './cases/drops.ts';
import { keeping } from './cases/keeping.ts';
import { owners } from './cases/owners.ts';
import type { CacheStoreRig } from './rig.ts';

export const cacheStoreCases: Cases<CacheStoreRig> = { ...keeping, ...owners, ...drops };

/** Proves that a store keeps `cache-store/1`. To be called at the top of a vitest file; the arguments are those of `transportContract`. */
export function cacheStoreContract(
  name: string,
  open: () => Promise<CacheStoreRig> | CacheStoreRig,
  gaps: Gaps = {},
): void {
  registerContract(`${name} keeps cache-store/1`, cacheStoreCases, open, gaps);
}
