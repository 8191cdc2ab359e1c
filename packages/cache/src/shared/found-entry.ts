import type { KeptEntry } from '@toolyard/protocol';

/** Longest time that anything is kept. */
export const maxKeepMs: number = 7 * 86_400_000;

/** A kept entry with all that it was written with. */
export interface FoundEntry extends KeptEntry {
  readonly staleMs: number;
  readonly shared: boolean;
}

/** Of two answers the one that was made later. */
export function newest<T extends KeptEntry>(one: T | undefined, other: T | undefined): T | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return other.ageMs < one.ageMs ? other : one;
}
