import { hash } from 'node:crypto';

const lengthBytes = 4;

/** SHA-256 over the parts with their lengths, so that no two lists of parts run into one. 43 characters that fit into any key. */
export function digest(...parts: readonly (string | Uint8Array)[]): string {
  const all = parts.flatMap((part) => {
    const bytes = typeof part === 'string' ? bytesOf(part) : part;
    const length = Buffer.allocUnsafe(lengthBytes);
    length.writeUInt32BE(bytes.length);
    return [length, bytes];
  });
  return hash('sha256', Buffer.concat(all), 'base64url');
}

/** Halves of surrogate pairs have no UTF-8, and all would become the same replacement character: such a text is told by its code units. */
function bytesOf(text: string): Uint8Array {
  return text.isWellFormed() ? Buffer.from(text) : Buffer.concat([Buffer.from([0xff]), Buffer.from(text, 'utf16le')]);
}
