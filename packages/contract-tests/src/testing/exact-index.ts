import { crc32 } from 'node:zlib';
import type { VectorIndex } from '@toolyard/protocol';
import { ToolyardError } from '@toolyard/protocol';
import { cosine, exactNearest, type Vectors } from '../vectors/kit.ts';
import type { VectorIndexRig } from '../vectors/rig.ts';

const fail = (code: 'VECTOR_INVALID' | 'INDEX_INVALID'): ToolyardError =>
  new ToolyardError(code, { reason: 'it is not what was expected' }, 'This cannot be used.');

/** The reference: a map, and a look at each vector with all its digits. */
export function exactIndex(dimension: number, saved?: Uint8Array): VectorIndex {
  let vectors: Vectors | undefined = saved === undefined ? new Map() : load(dimension, saved);

  const opened = (): Vectors => {
    if (vectors === undefined)
      throw new ToolyardError('CLOSED', { what: 'vector index' }, 'The vector index is closed.');
    return vectors;
  };
  const checked = (vector: Float32Array): Float32Array => {
    const usable = vector.length === dimension && vector.every(Number.isFinite) && vector.some((value) => value !== 0);
    if (!usable) throw fail('VECTOR_INVALID');
    return vector;
  };
  const close = (): void => {
    vectors = undefined;
  };
  return {
    contract: 'vector-index/1',
    dimension,
    get size() {
      return vectors?.size ?? 0;
    },
    set(slot, vector) {
      const into = opened();
      if (!Number.isInteger(slot) || slot < 0 || slot >= 2 ** 31) throw fail('VECTOR_INVALID');
      into.set(slot, checked(vector).slice());
    },
    delete: (slot) => opened().delete(slot),
    nearest(query, limit, allowed) {
      const found = exactNearest(opened(), checked(query), limit >= 1 ? limit : 0, allowed);
      return found.map(({ slot, similarity }) => ({ slot, similarity: Math.max(-1, Math.min(1, similarity)) }));
    },
    similarity(query, slot) {
      const vector = opened().get(slot);
      checked(query);
      return vector === undefined ? undefined : cosine(query, vector);
    },
    save() {
      const body = Buffer.from(JSON.stringify([dimension, [...opened()].map(([slot, vector]) => [slot, [...vector]])]));
      const sum = Buffer.alloc(4);
      sum.writeUInt32LE(crc32(body));
      return Buffer.concat([sum, body]);
    },
    close,
    [Symbol.dispose]: close,
  };
}

function load(dimension: number, saved: Uint8Array): Vectors {
  const bytes = Buffer.from(saved);
  if (bytes.length < 4 || crc32(bytes.subarray(4)) !== bytes.readUInt32LE()) throw fail('INDEX_INVALID');
  const [made, entries] = JSON.parse(bytes.subarray(4).toString()) as [number, [number, number[]][]];
  if (made !== dimension) throw fail('INDEX_INVALID');
  return new Map(entries.map(([slot, vector]) => [slot, Float32Array.from(vector)]));
}

/** `alter` makes another index out of each that is opened. */
export function exactRig(
  alter: (index: VectorIndex, saved?: Uint8Array) => VectorIndex = (index) => index,
): VectorIndexRig {
  return {
    open: async (dimension, saved) => alter(exactIndex(dimension, saved), saved),
    [Symbol.asyncDispose]: async () => {},
  };
}
