const newline = 0x0a;
const carriageReturn = 0x0d;

export interface Line {
  /** Without its line end. A view of what was pushed where the line came in one piece. */
  readonly bytes: Uint8Array;
  /** The line was longer than the bound: `bytes` is its beginning, the rest is skipped. */
  readonly cut: boolean;
}

/**
 * Cuts a byte stream into lines, each byte looked at and copied at most once. LF and CRLF both end a line; empty lines are skipped.
 * A line over the bound is reported as soon as the bound is passed, and never held in memory.
 */
export class LineSplitter {
  readonly #maxLineBytes: number;
  readonly #chunks: Uint8Array[] = [];
  #offset = 0;
  #parts: Uint8Array[] = [];
  #partBytes = 0;
  #skipping = false;

  constructor(maxLineBytes: number) {
    this.#maxLineBytes = maxLineBytes;
  }

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
  }

  /** The next whole line of what was pushed, or `undefined` when there is none yet. */
  next(): Line | undefined {
    for (let chunk = this.#chunks[0]; chunk !== undefined; chunk = this.#chunks[0]) {
      const end = chunk.indexOf(newline, this.#offset);
      const piece = chunk.subarray(this.#offset, end < 0 ? chunk.length : end);
      if (end < 0) {
        this.#chunks.shift();
        this.#offset = 0;
      } else {
        this.#offset = end + 1;
      }
      const line = this.#take(piece, end >= 0);
      if (line !== undefined) {
        return line;
      }
    }
    return undefined;
  }

  /** What came after the last line end, if anything did. */
  rest(): Line | undefined {
    return this.#finish();
  }

  #take(piece: Uint8Array, isEnd: boolean): Line | undefined {
    if (this.#skipping) {
      this.#skipping = !isEnd;
      return undefined;
    }
    if (piece.length > 0) {
      this.#parts.push(piece);
      this.#partBytes += piece.length;
    }
    // One byte more than the bound may still be the CR of a CRLF.
    const isOver = this.#partBytes > this.#maxLineBytes + (this.#endsInCarriageReturn() ? 1 : 0);
    if (isOver) {
      this.#skipping = !isEnd;
      return { bytes: this.#join().subarray(0, this.#maxLineBytes), cut: true };
    }
    return isEnd ? this.#finish() : undefined;
  }

  #finish(): Line | undefined {
    const hasCarriageReturn = this.#endsInCarriageReturn();
    const bytes = this.#join();
    const line = hasCarriageReturn ? bytes.subarray(0, -1) : bytes;
    return line.length === 0 ? undefined : { bytes: line, cut: false };
  }

  #endsInCarriageReturn(): boolean {
    return this.#parts.at(-1)?.at(-1) === carriageReturn;
  }

  #join(): Uint8Array {
    const [first, ...more] = this.#parts;
    const joined = first === undefined ? new Uint8Array() : more.length === 0 ? first : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#partBytes = 0;
    return joined;
  }
}
