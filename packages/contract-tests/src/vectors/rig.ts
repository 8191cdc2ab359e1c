import type { VectorIndex } from '@toolyard/protocol';

/** What opens the kind of index under test. A case gets a fresh one, and closes each index that it opened. */
export interface VectorIndexRig extends AsyncDisposable {
  /** Empty, or with what `save` of another gave. */
  open(dimension: number, saved?: Uint8Array): Promise<VectorIndex>;
}
