import type { Gaps } from '../contract.ts';
import { registerContract } from '../contract.ts';
import { embedderCases } from './cases.ts';
import type { EmbedderRig } from './rig.ts';

/**
 * Proves that an embedder keeps `embedder/1`. To be called at the top of a vitest file.
 *
 * `open` makes a rig for one case; `gaps` names the cases that the embedder does not pass, with the reason.
 */
export function embedderContract(name: string, open: () => Promise<EmbedderRig> | EmbedderRig, gaps: Gaps = {}): void {
  registerContract(`${name} keeps embedder/1`, embedderCases, open, gaps);
}
