import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto';

/** What only who has the key can read and write. */
export interface ParkedClaims {
  /** Where the call waits. */
  readonly node: string;
  /** Under what it waits there. */
  readonly id: string;
  /** Milliseconds since 1970, since nodes share no other clock. */
  readonly expiresMs: number;
}

export interface StateSeal {
  /** `binding` is not in the state, and has to be the same to open it. */
  seal(claims: ParkedClaims, binding: Uint8Array): string;
  /** `undefined` for what was not sealed with this key and this binding, whatever is wrong with it. */
  open(state: string, binding: Uint8Array): ParkedClaims | undefined;
}

const algorithm = 'aes-256-gcm';
const sealKeyBytes = 32;
const version = 1;
const prefixBytes = 8;
const nonceBytes = 12;
const tagBytes = 16;
const headBytes = 1 + nonceBytes;
/** No state of ours comes near it: a longer one is not even decoded. */
const maxStateLength = 1_024;
const shape = /^[A-Za-z0-9_-]+$/;

/**
 * Seals with AES-256-GCM. Layout, in base64url: version, nonce, ciphertext, tag.
 *
 * A nonce never comes twice under one key, also where several processes share it: it is a random part of 8 bytes, drawn for each seal and again
 * after 2^32 states, and a counter (NIST SP 800-38D, 8.2.1), so that the key needs no change however many states it seals.
 */
export function stateSeal(keyBytes: Uint8Array = randomBytes(sealKeyBytes)): StateSeal {
  if (keyBytes.byteLength !== sealKeyBytes) throw new RangeError(`A key to seal with has ${sealKeyBytes} bytes.`);
  const key = createSecretKey(keyBytes);
  let prefix = randomBytes(prefixBytes);
  let count = 0;

  return {
    seal({ node, id, expiresMs }, binding) {
      const nonce = nextNonce();
      const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagBytes }).setAAD(binding);
      const sealed = cipher.update(JSON.stringify([node, id, expiresMs]), 'utf8');
      const last = cipher.final();
      return Buffer.concat([Buffer.of(version), nonce, sealed, last, cipher.getAuthTag()]).toString('base64url');
    },
    open(state, binding) {
      if (state.length > maxStateLength || !shape.test(state)) return undefined;
      const bytes = Buffer.from(state, 'base64url');
      // More than one text may decode to the same bytes; only the one that was given out is good.
      if (bytes.length < headBytes + tagBytes || bytes[0] !== version || bytes.toString('base64url') !== state)
        return undefined;
      const opener = createDecipheriv(algorithm, key, bytes.subarray(1, headBytes), { authTagLength: tagBytes });
      opener.setAAD(binding).setAuthTag(bytes.subarray(-tagBytes));
      try {
        const text = opener.update(bytes.subarray(headBytes, -tagBytes), undefined, 'utf8') + opener.final('utf8');
        return readClaims(JSON.parse(text));
      } catch {
        return undefined;
      }
    },
  };

  function nextNonce(): Buffer {
    if (count > 0xffff_ffff) {
      prefix = randomBytes(prefixBytes);
      count = 0;
    }
    const nonce = Buffer.alloc(nonceBytes);
    prefix.copy(nonce);
    nonce.writeUInt32BE(count++, prefixBytes);
    return nonce;
  }
}

function readClaims(claims: unknown): ParkedClaims | undefined {
  if (!isList(claims)) return undefined;
  const [node, id, expiresMs] = claims;
  if (typeof node !== 'string' || typeof id !== 'string' || typeof expiresMs !== 'number') return undefined;
  return { node, id, expiresMs };
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}
