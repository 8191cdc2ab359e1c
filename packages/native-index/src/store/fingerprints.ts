import { createHash, hash } from 'node:crypto';
import { column } from './column.ts';

const size = 16;
const chunkSlots = 1024;
const hashedAtOnce = 2 ** 14;

/** 128 bits of a text's SHA-256: 16 characters below 256. */
export function fingerprint(text: string): string {
  return hash('sha256', text, 'binary').slice(0, size);
}

/** The same of a text that comes in pieces. */
export function startFingerprint(): { add(piece: string): void; end(): string } {
  const sum = createHash('sha256');
  let waiting = '';
  return {
    add(piece) {
      waiting += piece;
      if (waiting.length < hashedAtOnce) return;
      sum.update(waiting);
      waiting = '';
    },
    end: () => sum.update(waiting).digest('binary').slice(0, size),
  };
}

/** A fingerprint a slot, 16 bytes each, in chunks, so that nothing is copied to grow. */
export class Fingerprints {
  readonly #chunks: Uint8Array[] = [];

  set(slot: number, print: string): void {
    this.#reach(slot);
    const chunk = this.#chunk(slot);
    const from = startOf(slot);
    for (let at = 0; at < size; at += 1) chunk[from + at] = print.charCodeAt(at);
  }

  /** Of a slot that was set. */
  get(slot: number): string {
    const from = startOf(slot);
    return String.fromCharCode(...this.#chunk(slot).subarray(from, from + size));
  }

  is(slot: number, print: string): boolean {
    const chunk = this.#chunk(slot);
    const from = startOf(slot);
    for (let at = 0; at < size; at += 1) if (chunk[from + at] !== print.charCodeAt(at)) return false;
    return true;
  }

  /** Those of the first slots: what `restore` takes. */
  save(slots: number): Uint8Array {
    const saved = new Uint8Array(slots * size);
    for (let from = 0; from < slots; from += chunkSlots)
      saved.set(this.#chunk(from).subarray(0, (slots - from) * size), from * size);
    return saved;
  }

  static restore(saved: Uint8Array): Fingerprints {
    const prints = new Fingerprints();
    const slots = Fingerprints.slotsIn(saved);
    if (slots > 0) prints.#reach(slots - 1);
    for (let from = 0; from < slots; from += chunkSlots)
      prints.#chunk(from).set(saved.subarray(from * size, (from + chunkSlots) * size));
    return prints;
  }

  /** How many slots bytes are for; not a whole number where some are missing. */
  static slotsIn(bytes: Uint8Array): number {
    return bytes.length / size;
  }

  #chunk(slot: number): Uint8Array {
    return this.#chunks[Math.floor(slot / chunkSlots)] ?? none;
  }

  #reach(slot: number): void {
    while (this.#chunks.length * chunkSlots <= slot) this.#chunks.push(column(Uint8Array, chunkSlots * size));
  }
}

function startOf(slot: number): number {
  return (slot % chunkSlots) * size;
}

const none = new Uint8Array();
