import { createHash } from 'node:crypto';

/** First bytes of a table; the last of them is the version of the layout. */
const magic = 'TYSTAT\0\u0001';
const headerAt = magic.length + 4;
const maxHeaderBytes = 64 * 1024;
const decoder = new TextDecoder();

/** Rows of numbers, one for each piece of text. A number is its code times the scale of its row. */
export interface StaticTable {
  /** What made it; vectors of two tables do not compare. */
  readonly model: string;
  readonly dimension: number;
  /** The piece of each row; the unknown word is the first. */
  readonly vocabulary: readonly string[];
  readonly scales: Float32Array;
  readonly codes: Int8Array;
}

interface Header {
  readonly model: string;
  readonly dimension: number;
  readonly rows: number;
  readonly vocabularyBytes: number;
  /** Of all that follows the header. */
  readonly sha256: string;
}

/** Why bytes are no table. */
export class TableDamage extends Error {
  override readonly name = 'TableDamage';
}

/**
 * Reads what `tooling/embeddings` writes: the magic, the header's length (32 bits, little-endian), the header (JSON), and then the vocabulary
 * (UTF-8, one piece a line), the scales (32-bit floats, little-endian) and the codes (8 bits), row after row. The codes are not copied.
 * Throws `TableDamage` where anything is not as it says.
 */
export function readTable(bytes: Uint8Array): StaticTable {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (String.fromCharCode(...bytes.subarray(0, magic.length)) !== magic)
    throw new TableDamage('it does not begin as a table of this version');
  const headerBytes = bytes.length < headerAt ? 0 : view.getUint32(magic.length, true);
  const payloadAt = headerAt + headerBytes;
  if (headerBytes === 0 || headerBytes > maxHeaderBytes || payloadAt > bytes.length)
    throw new TableDamage('its header is cut off');
  const { model, dimension, rows, vocabularyBytes, sha256 } = readHeader(bytes.subarray(headerAt, payloadAt));

  const payload = bytes.subarray(payloadAt);
  if (payload.length !== vocabularyBytes + rows * (4 + dimension))
    throw new TableDamage('its length is not what its header says');
  if (createHash('sha256').update(payload).digest('hex') !== sha256)
    throw new TableDamage('its contents do not match their hash');
  const vocabulary = decoder.decode(payload.subarray(0, vocabularyBytes)).split('\n');
  if (vocabulary.length !== rows) throw new TableDamage('it has not one row for each piece');

  const scales = new Float32Array(rows);
  const scalesAt = payloadAt + vocabularyBytes;
  for (let row = 0; row < rows; row += 1) scales[row] = view.getFloat32(scalesAt + row * 4, true);
  const codes = new Int8Array(bytes.buffer, bytes.byteOffset + scalesAt + rows * 4, rows * dimension);
  return { model, dimension, vocabulary, scales, codes };
}

function readHeader(bytes: Uint8Array): Header {
  let header: Partial<Record<keyof Header, unknown>> | null;
  try {
    header = JSON.parse(decoder.decode(bytes)) as typeof header;
  } catch (cause) {
    throw new TableDamage('its header is not JSON', { cause });
  }
  const { model, dimension, rows, vocabularyBytes, sha256 } = header ?? {};
  if (
    typeof model !== 'string' ||
    typeof sha256 !== 'string' ||
    !isCount(dimension) ||
    !isCount(rows) ||
    !isCount(vocabularyBytes)
  )
    throw new TableDamage('its header lacks what it must say');
  return { model, dimension, rows, vocabularyBytes, sha256 };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 2 ** 31;
}
