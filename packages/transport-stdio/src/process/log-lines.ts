import { LineSplitter } from '../framing/line-splitter.ts';

export interface LogLinesOptions {
  readonly onLine?: ((line: string) => void) | undefined;
  /** Longer lines are cut. Default 8 KiB. */
  readonly maxLineBytes?: number;
  /** Lines passed on in one second; more are counted and dropped, and the count is told in a line of its own. Default 500. */
  readonly maxLinesPerSecond?: number;
  /** Last lines kept for `tail()`. Default 10. */
  readonly tailLines?: number;
  /** Milliseconds that never go back. Default `performance.now`. */
  readonly now?: () => number;
}

/** What a process prints, as lines within bounds: a flood costs neither memory nor the log. */
export class LogLines {
  readonly #onLine: ((line: string) => void) | undefined;
  readonly #maxLinesPerSecond: number;
  readonly #tailLines: number;
  readonly #now: () => number;
  readonly #splitter: LineSplitter;
  readonly #decoder = new TextDecoder();
  readonly #tail: string[] = [];
  #secondBegan = Number.NEGATIVE_INFINITY;
  #linesInSecond = 0;
  #dropped = 0;

  constructor(options: LogLinesOptions = {}) {
    this.#onLine = options.onLine;
    this.#maxLinesPerSecond = options.maxLinesPerSecond ?? 500;
    this.#tailLines = options.tailLines ?? 10;
    this.#now = options.now ?? (() => performance.now());
    this.#splitter = new LineSplitter(options.maxLineBytes ?? 8 * 1024);
  }

  /** Tells how many lines ended in it. */
  push(chunk: Uint8Array): number {
    let lines = 0;
    this.#splitter.push(chunk);
    for (let line = this.#splitter.next(); line !== undefined; line = this.#splitter.next()) {
      this.#take(line.bytes);
      lines += 1;
    }
    return lines;
  }

  /** The stream is over: what has no line end yet counts as a line. */
  end(): void {
    const rest = this.#splitter.rest();
    if (rest !== undefined) {
      this.#take(rest.bytes);
    }
    this.#tellDropped();
  }

  /** The last lines, oldest first, each cut to 1,000 characters. */
  tail(): readonly string[] {
    return this.#tail;
  }

  #take(bytes: Uint8Array): void {
    const line = this.#decoder.decode(bytes);
    this.#tail.push(line.slice(0, 1_000));
    if (this.#tail.length > this.#tailLines) {
      this.#tail.shift();
    }
    const now = this.#now();
    if (now - this.#secondBegan >= 1_000) {
      this.#tellDropped();
      this.#secondBegan = now;
      this.#linesInSecond = 0;
    }
    this.#linesInSecond += 1;
    if (this.#linesInSecond > this.#maxLinesPerSecond) {
      this.#dropped += 1;
    } else {
      this.#onLine?.(line);
    }
  }

  #tellDropped(): void {
    if (this.#dropped > 0) {
      this.#onLine?.(`(${this.#dropped} more lines dropped)`);
      this.#dropped = 0;
    }
  }
}
