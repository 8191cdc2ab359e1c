const maxBytes = 65_536;
/** Each piece is copied together with those before. */
const maxPieces = 32;

/** What a client has sent of a request that is not complete, or that waits for the one before. */
export class HeldBytes {
  #bytes: Buffer | undefined;
  #pieces = 0;
  /** How long the request is, where that is known; else 0. */
  wantedBytes = 0;

  get none(): boolean {
    return this.#bytes === undefined;
  }

  /** Whether no more should be kept: it is too long, will be, or comes in too many pieces. */
  get full(): boolean {
    return Math.max(this.#bytes?.length ?? 0, this.wantedBytes) > maxBytes || this.#pieces > maxPieces;
  }

  with(chunk: Buffer): Buffer {
    return this.#bytes === undefined ? chunk : Buffer.concat([this.#bytes, chunk]);
  }

  /** All that there is now, in place of what there was. */
  keep(bytes: Buffer): void {
    this.#pieces += 1;
    this.#bytes = bytes;
  }

  take(): Buffer | undefined {
    const bytes = this.#bytes;
    this.#bytes = undefined;
    this.#pieces = this.wantedBytes = 0;
    return bytes;
  }
}
