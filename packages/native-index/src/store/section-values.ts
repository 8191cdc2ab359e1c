import { damaged } from './stored-index.ts';

export function encodeJson(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

/** Throws `INDEX_INVALID`. */
export function parseJson(section: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(section));
  } catch (error) {
    throw damaged('a section is not what it should be', error);
  }
}

export function bytesOf(numbers: Uint32Array | Uint16Array): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}

/** The bytes as numbers, in place: sections are copies that begin where numbers may. Throws `INDEX_INVALID` for half a number. */
export function numbersOf<A>(
  { buffer, byteOffset, byteLength }: Uint8Array,
  kind: { readonly BYTES_PER_ELEMENT: number; new (buffer: ArrayBufferLike, offset: number, length: number): A },
): A {
  if (byteLength % kind.BYTES_PER_ELEMENT !== 0) throw damaged('a section is cut off');
  return new kind(buffer, byteOffset, byteLength / kind.BYTES_PER_ELEMENT);
}
