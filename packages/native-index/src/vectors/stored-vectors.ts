import { crc32 } from 'node:zlib';
import { ToolyardError } from '@toolyard/protocol';
import { maxSlot } from './check-vector.ts';
import type { QuantisedSlots } from './flat/quantised-slots.ts';

/**
 * What `save` gives, whatever the kind, so that one kind reads what another saved. Numbers are u32, little-endian:
 * magic, checksum (CRC-32) of all that follows, dimension, count, the slots ascending, their vectors in int8, and the graph of `usearch` or nothing.
 */
const magic = 0x31_56_59_54; // TYV1
const headerBytes = 16;

export interface StoredVectors {
  readonly size: number;
  /** What `usearch` saved; empty when it was another kind. */
  readonly graph: Uint8Array;
  into(slots: QuantisedSlots): void;
}

export function encodeVectors(slots: QuantisedSlots, graph: Uint8Array = new Uint8Array()): Uint8Array {
  const { dimension, size } = slots;
  const bytes = new Uint8Array(headerBytes + size * (4 + dimension) + graph.byteLength);
  const header = new DataView(bytes.buffer);
  header.setUint32(0, magic, true);
  header.setUint32(8, dimension, true);
  header.setUint32(12, size, true);
  let slotAt = headerBytes;
  let vectorAt = headerBytes + size * 4;
  for (const slot of slots.slots()) {
    header.setUint32(slotAt, slot, true);
    bytes.set(slots.vector(slot), vectorAt);
    slotAt += 4;
    vectorAt += dimension;
  }
  bytes.set(graph, vectorAt);
  header.setUint32(4, crc32(bytes.subarray(8)), true);
  return bytes;
}

/** Throws `INDEX_INVALID`. */
export function decodeVectors(bytes: Uint8Array, dimension: number): StoredVectors {
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength < headerBytes || data.getUint32(0, true) !== magic) throw invalid('these are no saved vectors');
  if (data.getUint32(4, true) !== crc32(bytes.subarray(8))) throw invalid('the checksum is wrong');
  const made = data.getUint32(8, true);
  if (made !== dimension) throw invalid(`it was made for dimension ${made}, not ${dimension}`);
  const size = data.getUint32(12, true);
  const vectorsAt = headerBytes + size * 4;
  const graphAt = vectorsAt + size * dimension;
  if (graphAt > bytes.byteLength) throw invalid('it ends too early');

  return {
    size,
    graph: bytes.subarray(graphAt),
    into(slots) {
      let previous = -1;
      for (let i = 0; i < size; i++) {
        const slot = data.getUint32(headerBytes + i * 4, true);
        if (slot <= previous || slot > maxSlot) throw invalid('its slots are not in order');
        previous = slot;
        const at = bytes.byteOffset + vectorsAt + i * dimension;
        if (!slots.restore(slot, new Int8Array(bytes.buffer, at, dimension))) throw invalid('it holds a zero vector');
      }
    },
  };
}

function invalid(reason: string): ToolyardError {
  return new ToolyardError('INDEX_INVALID', { reason }, `The stored vectors cannot be used: ${reason}.`);
}
