import { elements, readJson } from '../../../wire/raw-object.ts';

const OPEN_ARRAY = 0x5b;
const white: ReadonlySet<number | undefined> = new Set([0x20, 0x09, 0x0a, 0x0d]);

/** Whether a body is meant for a batch (2025-03-26: basic, batching). Looks at its first byte only. */
export function isBatch(bytes: Uint8Array): boolean {
  let at = 0;
  while (white.has(bytes[at])) at += 1;
  return bytes[at] === OPEN_ARRAY;
}

/** The messages of a batch, each verbatim and not yet read; `undefined` where it is none, or no JSON. */
export function readBatch(bytes: Uint8Array): Uint8Array[] | undefined {
  if (!isBatch(bytes)) return undefined;
  try {
    return elements(readJson(bytes))?.map((element) => element.bytes);
  } catch {
    return undefined;
  }
}
