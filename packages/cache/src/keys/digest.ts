import { createHash } from 'node:crypto';

/** SHA-256 over the parts with their lengths, so that no two lists of parts run into one. 43 characters that fit into any key. */
export function digest(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  const length = Buffer.allocUnsafe(4);
  for (const part of parts) {
    const bytes = typeof part === 'string' ? bytesOf(part) : part;
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  }
  return hash.digest('base64url');
}

/** Halves of surrogate pairs have no UTF-8, and all would become the same replacement character: such a text is told by its code units. */
function bytesOf(text: string): Uint8Array {
  return text.isWellFormed() ? Buffer.from(text) : Buffer.concat([Buffer.from([0xff]), Buffer.from(text, 'utf16le')]);
}
