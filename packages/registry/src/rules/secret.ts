import { createSecretKey, type KeyObject } from 'node:crypto';

const leastBytes = 32;

export type ParsedSecret = { readonly secret: KeyObject } | { readonly mistake: string };

/**
 * Reads a secret: at least 32 bytes, in hex or in base64 or base64url, with or without padding. What has hex digits only, an even number of them, is hex.
 * The key does not show its bytes where it is printed. `mistake` is a sentence that does not repeat the text.
 */
export function parseSecret(text: string): ParsedSecret {
  const wanted = `a secret has at least ${leastBytes} random bytes in hex or base64url, as "openssl rand -hex ${leastBytes}" prints them`;
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) return { mistake: `this is neither hex nor base64url; ${wanted}` };
  const isHex = text.length % 2 === 0 && /^[0-9a-f]+$/i.test(text);
  const bytes = Buffer.from(text, isHex ? 'hex' : 'base64url');
  if (bytes.length < leastBytes) return { mistake: `these are ${bytes.length} bytes; ${wanted}` };
  return { secret: createSecretKey(bytes) };
}
