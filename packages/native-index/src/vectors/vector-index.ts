import type { VectorIndex } from '@toolyard/protocol';
import { ToolyardError } from '@toolyard/protocol';
import { checkDimension } from './check-vector.ts';
import { optionalPackage } from '../optional-package.ts';
import { flatIndex } from './flat/flat-index.ts';
import { decodeVectors } from './stored-vectors.ts';
import { usearchIndex } from './usearch/usearch-index.ts';
import type { UsearchModule } from './usearch/usearch-module.ts';

export interface VectorIndexOptions {
  /** 1 to 16,384. */
  readonly dimension: number;
  /**
   * `flat` looks at every vector. `usearch` follows a graph; it needs the package of that name. Default `auto`: `usearch` from 200,000
   * vectors, where its package is installed, else `flat`.
   */
  readonly kind?: 'auto' | 'flat' | 'usearch';
  /** How many vectors there will be, for `auto`. Default: as many as are saved. */
  readonly expected?: number;
  /** Bound on the memory for vectors, which grows in steps. Default and at most 2 GiB. */
  readonly maxBytes?: number;
  /** What `save` of an index gave, of either kind: the index begins with that. Only from a place that nobody else writes to. */
  readonly saved?: Uint8Array;
  /** Ends the building of a graph for saved vectors that have none, with `CANCELLED`. */
  readonly signal?: AbortSignal;
}

const mostBytes = 2 ** 31;
/** Where a flat index takes some 2 ms, a graph a tenth of that, and building it half a minute. */
const graphPays = 200_000;

/**
 * An index of vectors in this process's memory.
 *
 * Rejects with `VECTOR_INVALID` for a dimension out of bounds, `INDEX_INVALID` when `saved` is damaged or of another dimension, `INDEX_FULL`
 * when it does not fit, and `PACKAGE_MISSING` when `usearch` was asked for and cannot be loaded.
 */
export function vectorIndex(options: VectorIndexOptions): Promise<VectorIndex> {
  return chooseIndex(options, () => optionalPackage<UsearchModule>('usearch'));
}

export async function chooseIndex(
  options: VectorIndexOptions,
  importUsearch: () => Promise<UsearchModule>,
): Promise<VectorIndex> {
  const { dimension, kind = 'auto', signal } = options;
  checkDimension(dimension);
  const maxBytes = Math.min(options.maxBytes ?? mostBytes, mostBytes);
  const stored = options.saved === undefined ? undefined : decodeVectors(options.saved, dimension);
  const expected = Math.max(options.expected ?? 0, stored?.size ?? 0);
  if (kind === 'flat' || (kind === 'auto' && expected < graphPays)) return flatIndex({ dimension, maxBytes }, stored);
  const usearch = await importUsearch().catch((error: unknown) => {
    if (kind === 'auto' && ToolyardError.is(error, 'PACKAGE_MISSING')) return undefined;
    throw error;
  });
  if (usearch === undefined) return flatIndex({ dimension, maxBytes }, stored);
  return usearchIndex(usearch, { dimension, maxBytes, signal }, stored);
}
