import type { VectorIndex } from '@toolyard/protocol';
import { ToolyardError } from '@toolyard/protocol';
import { checkVector, orNone } from '../check-vector.ts';
import { encodeVectors, type StoredVectors } from '../stored-vectors.ts';
import { QuantisedSlots } from './quantised-slots.ts';

export interface FlatOptions {
  readonly dimension: number;
  /** Bound on the memory for vectors, a multiple of 64 KiB. Default and at most 2 GiB. */
  readonly maxBytes: number;
}

/** Looks at every vector, so that the answer is exact up to the rounding to eight bits. */
export function flatIndex({ dimension, maxBytes }: FlatOptions, stored?: StoredVectors): VectorIndex {
  const slots = new QuantisedSlots(dimension, maxBytes);
  let open = true;
  stored?.into(slots);

  const checkOpen = (): void => {
    if (!open) throw new ToolyardError('CLOSED', { what: 'vector index' }, 'The vector index is closed.');
  };
  const close = (): void => {
    open = false;
    slots.close();
  };
  return {
    contract: 'vector-index/1',
    dimension,
    get size() {
      return slots.size;
    },
    set(slot, vector) {
      checkOpen();
      checkVector(vector, dimension);
      slots.set(slot, vector);
    },
    delete(slot) {
      checkOpen();
      return slots.delete(slot);
    },
    nearest(query, limit, allowed) {
      checkOpen();
      checkVector(query, dimension);
      return slots.nearest(query, limit, allowed);
    },
    similarity(query, slot) {
      checkOpen();
      checkVector(query, dimension);
      return orNone(slots.similarities(query, [slot])[0]);
    },
    similarities(query, asked) {
      checkOpen();
      checkVector(query, dimension);
      return slots.similarities(query, asked);
    },
    save() {
      checkOpen();
      return encodeVectors(slots);
    },
    close,
    [Symbol.dispose]: close,
  };
}
