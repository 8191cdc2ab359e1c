import { hash } from 'node:crypto';

const size = 16;

/** 128 bits of a text's SHA-256: 16 characters below 256. */
export function fingerprint(text: string): string {
  return hash('sha256', text, 'binary').slice(0, size);
}

/** A fingerprint a slot, 16 bytes each. */
export class Fingerprints {
  #bytes: Uint8Array;

  constructor(bytes: Uint8Array = new Uint8Array(64 * size)) {
    this.#bytes = bytes;
  }

  set(slot: number, print: string): void {
    if ((slot + 1) * size > this.#bytes.length) {
      const grown = new Uint8Array(Math.ceil((slot + 1) * 1.25) * size);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    for (let at = 0; at < size; at += 1) this.#bytes[slot * size + at] = print.charCodeAt(at);
  }

  is(slot: number, print: string): boolean {
    for (let at = 0; at < size; at += 1) if (this.#bytes[slot * size + at] !== print.charCodeAt(at)) return false;
    return true;
  }

  /** Those of the first slots: what the constructor takes. */
  save(slots: number): Uint8Array {
    const saved = new Uint8Array(slots * size);
    saved.set(this.#bytes.subarray(0, saved.length));
    return saved;
  }

  /** How many slots bytes are for; not a whole number where some are missing. */
  static slotsIn(bytes: Uint8Array): number {
    return bytes.length / size;
  }
}
