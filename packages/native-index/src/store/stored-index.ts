import { crc32 } from 'node:zlib';
import { ToolyardError } from '@toolyard/protocol';

/**
 * Sections in one piece of bytes. Numbers are u32, little-endian: magic, CRC-32 of all that follows, count of sections, length of each; then the
 * sections, each from a multiple of eight bytes on, so that arrays of numbers can be read in place.
 */
const magic = 0x32_49_59_54; // TYI2
const maxSections = 64;

export function encodeSections(sections: readonly Uint8Array[]): Uint8Array {
  const lengths = sections.map(({ byteLength }) => byteLength);
  const starts = startsOf(lengths);
  const bytes = new Uint8Array(starts.at(-1) ?? 0);
  const header = new DataView(bytes.buffer);
  header.setUint32(0, magic, true);
  header.setUint32(8, sections.length, true);
  sections.forEach((section, at) => {
    header.setUint32(12 + 4 * at, section.byteLength, true);
    bytes.set(section, starts[at]);
  });
  header.setUint32(4, crc32(bytes.subarray(8)), true);
  return bytes;
}

/** Throws `INDEX_INVALID`. */
export function decodeSections(bytes: Uint8Array): readonly Uint8Array[] {
  const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength < 12 || header.getUint32(0, true) !== magic)
    throw damaged('this is no saved index of this version');
  if (header.getUint32(4, true) !== crc32(bytes.subarray(8))) throw damaged('the checksum is wrong');
  const count = header.getUint32(8, true);
  if (count > maxSections || 12 + 4 * count > bytes.byteLength) throw damaged('it has too many sections');
  const lengths = Array.from({ length: count }, (_, at) => header.getUint32(12 + 4 * at, true));
  const starts = startsOf(lengths);
  if (starts.at(-1) !== bytes.byteLength) throw damaged('it is longer or shorter than it says');
  // A copy, so that what is read does not keep the whole alive or depend on where it lay; `slice` of a Buffer makes none.
  return lengths.map((length, at) => new Uint8Array(bytes.subarray(starts[at], (starts[at] ?? 0) + length)));
}

export function damaged(reason: string, cause?: unknown): ToolyardError {
  return new ToolyardError('INDEX_INVALID', { reason }, `The stored index cannot be used: ${reason}.`, { cause });
}

/** Where each section starts, and where the last one ends. */
function startsOf(lengths: readonly number[]): readonly number[] {
  let at = roundUp(12 + 4 * lengths.length);
  return [...lengths, 0].map((length) => {
    const start = at;
    at = roundUp(at + length);
    return start;
  });
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}
