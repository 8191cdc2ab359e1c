import { crc32 } from 'node:zlib';
import { type CacheEntry, RawObject, ToolyardError } from '@toolyard/protocol';
import type { FoundEntry } from '../shared/found-entry.ts';

/*
 * An entry as Redis keeps it, numbers big-endian:
 *
 *   0  magic "TYC1"        4  freshMs    8  keepMs    12  length of the stamp    16  length of the result
 *   20  CRC-32 of the slot's name, the header up to here, stamp and result
 *   24  stamp, then the result
 *
 * The age is `keepMs` less the time that Redis still gives it, so that no gateway's clock matters.
 */
const magic = 0x54_59_43_31;
const headerBytes = 24;
const checksumAt = 20;

export function encodeFrame(slot: string, entry: CacheEntry, keepMs: number, stamp: string): Buffer {
  const stampBytes = Buffer.from(stamp);
  const header = Buffer.alloc(headerBytes);
  for (const [at, value] of [magic, entry.freshMs, keepMs, stampBytes.length, entry.result.bytes.length].entries())
    header.writeUInt32BE(value, at * 4);
  const frame = Buffer.concat([header, stampBytes, entry.result.bytes]);
  frame.writeUInt32BE(checksum(slot, frame), checksumAt);
  return frame;
}

/**
 * The entry, or `undefined` for what this version did not write into this slot, what is damaged, or what was written under another stamp: before a drop.
 * `leftMs`: how long Redis keeps it.
 */
export function decodeFrame(
  slot: string,
  frame: Buffer | null | undefined,
  leftMs: number,
  stamp: string,
): Decoded | undefined {
  if (!frame || frame.length < headerBytes || frame.readUInt32BE(0) !== magic) return undefined;
  const [freshMs, keepMs, stampBytes, resultBytes] = [4, 8, 12, 16].map((at) => frame.readUInt32BE(at)) as Numbers;
  if (frame.length !== headerBytes + stampBytes + resultBytes) return undefined;
  if (frame.readUInt32BE(checksumAt) !== checksum(slot, frame)) return undefined;
  if (frame.toString('utf8', headerBytes, headerBytes + stampBytes) !== stamp) return undefined;
  if (leftMs <= 0 || leftMs > keepMs) return undefined;
  const result = readResult(frame.subarray(headerBytes + stampBytes));
  return result && { result, freshMs, staleMs: keepMs - freshMs, ageMs: keepMs - leftMs };
}

export type Decoded = Omit<FoundEntry, 'shared'>;

type Numbers = [freshMs: number, keepMs: number, stampBytes: number, resultBytes: number];

function checksum(slot: string, frame: Buffer): number {
  const head = crc32(frame.subarray(0, checksumAt), crc32(slot));
  return crc32(frame.subarray(headerBytes), head);
}

function readResult(bytes: Buffer): RawObject | undefined {
  try {
    return RawObject.read(bytes);
  } catch (error) {
    if (ToolyardError.is(error)) return undefined;
    throw error;
  }
}
