import { createHash } from 'node:crypto';

/**
 * SHA-256 over whole definitions, byte for byte and in order, so that a changed description is noticed as well as a changed name.
 * Lengths go in too: no two lists of definitions run together to the same input.
 */
export function fingerprint(definitions: Iterable<Uint8Array>): string {
  const hash = createHash('sha256');
  const length = new Uint8Array(4);
  const view = new DataView(length.buffer);
  for (const bytes of definitions) {
    view.setUint32(0, bytes.length);
    hash.update(length).update(bytes);
  }
  return hash.digest('base64url');
}
