/** Tag of `bytes json = 1`: field 1, length-delimited. */
const jsonTag = 0x0a;

/** Size of a `Message` whose JSON is so long. */
export function encodedSize(jsonBytes: number): number {
  return 1 + varintSize(jsonBytes) + jsonBytes;
}

/** Writes the protobuf message `Message` of `proto/mcp.proto`. */
export function encodeMessage(json: Uint8Array): Buffer {
  const message = Buffer.allocUnsafe(encodedSize(json.byteLength));
  let at = 0;
  message[at++] = jsonTag;
  let rest = json.byteLength;
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) message[at++] = (rest & 0x7f) | 0x80;
  message[at++] = rest;
  message.set(json, at);
  return message;
}

/**
 * Reads it, without copying: the JSON, empty where there is none. As protobuf has it, fields that are not known are skipped, and the last of several counts.
 * Throws where the bytes are no protobuf message.
 */
export function decodeMessage(message: Uint8Array): Uint8Array {
  let json: Uint8Array = new Uint8Array();
  for (let at = 0; at < message.byteLength;) {
    const tag = readVarint(message, at);
    const field = readField(message, tag.end, tag.value & 7);
    if (tag.value === jsonTag) json = message.subarray(field.from, field.end);
    else if (tag.value >>> 3 === 0) throw new Error('Malformed message: field number 0.');
    at = field.end;
  }
  return json;
}

interface Field {
  readonly from: number;
  readonly end: number;
}

function readField(message: Uint8Array, at: number, wireType: number): Field {
  switch (wireType) {
    case 0:
      return { from: at, end: readVarint(message, at).end };
    case 1:
      return bounded(message, at, 8);
    case 2: {
      const size = readVarint(message, at);
      return bounded(message, size.end, size.value);
    }
    case 5:
      return bounded(message, at, 4);
    default:
      throw new Error(`Malformed message: wire type ${wireType}.`);
  }
}

function bounded(message: Uint8Array, from: number, size: number): Field {
  if (size > message.byteLength - from) throw new Error('Malformed message: cut off.');
  return { from, end: from + size };
}

/** Values beyond 2^53 lose their low bits: they are only ever skipped, or refused as a size. */
function readVarint(message: Uint8Array, at: number): { readonly value: number; readonly end: number } {
  let value = 0;
  for (let index = 0; index < 10; index++) {
    const byte = message[at + index];
    if (byte === undefined) throw new Error('Malformed message: cut off.');
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { value, end: at + index + 1 };
  }
  throw new Error('Malformed message: a number of more than 64 bits.');
}

function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 0x80)) size++;
  return size;
}
