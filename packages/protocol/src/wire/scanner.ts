import { isUtf8 } from 'node:buffer';
import { ToolyardError } from '../errors/toolyard-error.ts';
import { jsonKernel, type JsonKernel, kernelLeastBytes, kernelMostBytes } from './kernel/json-kernel.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const ZERO = 0x30;
const NINE = 0x39;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const END = -1;

/** How a byte is read inside a string: 0 ends the plain run (quote, backslash, control), 1 is ASCII, 2 is part of a longer UTF-8 sequence. */
const inString = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < 0x20 || byte === QUOTE || byte === BACKSLASH ? 0 : byte < 0x80 ? 1 : 2,
);

/** What may follow a backslash, `u` apart. */
const isSimpleEscape = Uint8Array.from({ length: 256 }, (_, byte) =>
  '"\\/bfnrt'.includes(String.fromCharCode(byte)) ? 1 : 0,
);

/**
 * Reads JSON (RFC 8259) in UTF-8, in one pass, without building values, and without recursion.
 *
 * Positions are byte offsets. Every method that reads something takes the position of its first byte, answers the position after its last,
 * and throws `PARSE_ERROR` with the offset of the first byte that is wrong. What was read is proved UTF-8 only by `finish`.
 * Values of input that is not short are read by `JsonKernel` where there is one, and here where it finds nothing valid.
 */
export class Scanner {
  readonly #bytes: Uint8Array;
  readonly #maxDepth: number;
  #kernel: JsonKernel | undefined;
  /** Which of the texts that the kernel was given is this one. */
  #loaded = 0;
  /** Whether what was read may be more than ASCII. */
  #beyondAscii = false;

  constructor(bytes: Uint8Array, maxDepth: number) {
    this.#bytes = bytes;
    this.#maxDepth = maxDepth;
    if (bytes.length >= kernelLeastBytes && bytes.length <= kernelMostBytes) this.#kernel = jsonKernel();
  }

  /** Skips white space; the answer may be the end of the input. */
  space(at: number): number {
    const bytes = this.#bytes;
    let pos = at;
    let byte = bytes[pos] ?? END;
    while (byte <= 0x20 && (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09)) {
      pos += 1;
      byte = bytes[pos] ?? END;
    }
    return pos;
  }

  /** Checks that nothing but white space follows, and that everything was UTF-8. */
  finish(at: number): void {
    const pos = this.space(at);
    if (pos < this.#bytes.length) this.fail(pos);
    if (this.#beyondAscii && !isUtf8(this.#bytes)) {
      throw new ToolyardError('PARSE_ERROR', { offset: firstBadUtf8(this.#bytes) }, 'The message is not valid UTF-8.');
    }
  }

  fail(at: number): never {
    const what =
      at < this.#bytes.length
        ? `Byte ${String(at)} of the message is not valid JSON.`
        : 'The message ends before its JSON does.';
    throw new ToolyardError('PARSE_ERROR', { offset: Math.min(at, this.#bytes.length) }, what);
  }

  /** Reads the `:` after a member's name and answers where its value starts. */
  colon(at: number): number {
    const bytes = this.#bytes;
    const pos = bytes[at] === COLON ? at : this.space(at);
    if (bytes[pos] !== COLON) this.fail(pos);
    return (bytes[pos + 1] ?? END) > 0x20 ? pos + 1 : this.space(pos + 1);
  }

  string(at: number): number {
    const bytes = this.#bytes;
    if (bytes[at] !== QUOTE) this.fail(at);
    let pos = at + 1;
    let seen = 0;
    for (;;) {
      const byte = bytes[pos] ?? 0;
      const kind = inString[byte] ?? 0;
      if (kind !== 0) {
        seen |= kind;
        pos += 1;
      } else if (byte === QUOTE) {
        if (seen > 1) this.#beyondAscii = true;
        return pos + 1;
      } else if (byte !== BACKSLASH) this.fail(pos);
      else pos = isSimpleEscape[bytes[pos + 1] ?? 0] === 1 ? pos + 2 : this.#unicodeEscape(pos);
    }
  }

  #unicodeEscape(at: number): number {
    const bytes = this.#bytes;
    if (bytes[at + 1] !== 0x75) this.fail(at + 1);
    for (let pos = at + 2; pos < at + 6; pos += 1) if (!isHex(bytes[pos] ?? END)) this.fail(pos);
    return at + 6;
  }

  number(at: number): number {
    const bytes = this.#bytes;
    let pos = at;
    let byte = bytes[pos] ?? END;
    if (byte === 0x2d) byte = bytes[(pos += 1)] ?? END;
    if (byte === ZERO) byte = bytes[(pos += 1)] ?? END;
    else if (isDigit(byte)) while (isDigit(byte)) byte = bytes[(pos += 1)] ?? END;
    else this.fail(pos);
    if (byte === 0x2e) {
      byte = bytes[(pos += 1)] ?? END;
      if (!isDigit(byte)) this.fail(pos);
      while (isDigit(byte)) byte = bytes[(pos += 1)] ?? END;
    }
    if ((byte | 0x20) === 0x65) {
      byte = bytes[(pos += 1)] ?? END;
      if (byte === 0x2b || byte === 0x2d) byte = bytes[(pos += 1)] ?? END;
      if (!isDigit(byte)) this.fail(pos);
      while (isDigit(byte)) byte = bytes[(pos += 1)] ?? END;
    }
    return pos;
  }

  #literal(at: number, text: string): number {
    for (let index = 1; index < text.length; index += 1)
      if (this.#bytes[at + index] !== text.charCodeAt(index)) this.fail(at + index);
    return at + text.length;
  }

  /** Reads one value inside `depth` objects and arrays. */
  value(at: number, depth: number): number {
    const end = this.#kernel === undefined ? 0 : this.#fromKernel(this.#kernel, at, depth);
    return end === 0 ? this.#value(at, depth) : end;
  }

  /** 0 where it finds nothing valid; then it is not asked again. */
  #fromKernel(kernel: JsonKernel, at: number, depth: number): number {
    if (this.#loaded === 0 || this.#loaded !== kernel.loaded) this.#loaded = kernel.load(this.#bytes);
    const end = this.#loaded === 0 ? 0 : kernel.value(at, this.#maxDepth - depth);
    if (end === 0) this.#kernel = undefined;
    else this.#beyondAscii = true;
    return end;
  }

  #value(at: number, depth: number): number {
    const bytes = this.#bytes;
    // One bit for each open container, 1 for an object; 32 levels in `open`, those further out in `outer`.
    let open = 0;
    let outer: number[] | undefined;
    let level = 0;
    let pos = at;
    for (;;) {
      const byte = bytes[pos] ?? END;
      if (byte === QUOTE) pos = this.string(pos);
      else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
        const start = pos;
        pos = this.space(pos + 1);
        if (depth + level >= this.#maxDepth) this.#tooDeep(start);
        if (bytes[pos] === byte + 2) pos += 1;
        else {
          if (level !== 0 && (level & 31) === 0) {
            (outer ??= []).push(open);
            open = 0;
          }
          level += 1;
          if (byte === OPEN_OBJECT) {
            open = (open << 1) | 1;
            pos = this.colon(this.string(pos));
          } else open <<= 1;
          continue;
        }
      } else if (byte === 0x74) pos = this.#literal(pos, 'true');
      else if (byte === 0x66) pos = this.#literal(pos, 'false');
      else if (byte === 0x6e) pos = this.#literal(pos, 'null');
      else pos = this.number(pos);

      // After a value: close what ends here, then go on to the next one.
      for (;;) {
        if (level === 0) return pos;
        pos = this.space(pos);
        const next = bytes[pos] ?? END;
        const object = (open & 1) === 1;
        if (next === COMMA) {
          pos = this.space(pos + 1);
          if (object) pos = this.colon(this.string(pos));
          break;
        }
        if (next !== (object ? CLOSE_OBJECT : CLOSE_ARRAY)) this.fail(pos);
        pos += 1;
        level -= 1;
        open = level !== 0 && (level & 31) === 0 ? (outer?.pop() ?? 0) : open >>> 1;
      }
    }
  }

  /**
   * Reads an object inside `depth` others and appends four positions for each member to `spans`: where its name starts (at the quote) and
   * ends, where its value starts and ends.
   */
  members(at: number, depth: number, spans: number[]): number {
    const bytes = this.#bytes;
    if (bytes[at] !== OPEN_OBJECT) this.fail(at);
    if (depth >= this.#maxDepth) this.#tooDeep(at);
    let pos = this.space(at + 1);
    if (bytes[pos] === CLOSE_OBJECT) return pos + 1;
    for (;;) {
      const nameEnd = this.string(pos);
      const start = this.colon(nameEnd);
      const end = this.value(start, depth + 1);
      spans.push(pos, nameEnd, start, end);
      pos = this.space(end);
      if (bytes[pos] === CLOSE_OBJECT) return pos + 1;
      if (bytes[pos] !== COMMA) this.fail(pos);
      pos = this.space(pos + 1);
    }
  }

  /** Reads an array inside `depth` others and appends two positions for each element to `spans`: where it starts and ends. */
  elements(at: number, depth: number, spans: number[]): number {
    const bytes = this.#bytes;
    if (bytes[at] !== OPEN_ARRAY) this.fail(at);
    if (depth >= this.#maxDepth) this.#tooDeep(at);
    let pos = this.space(at + 1);
    if (bytes[pos] === CLOSE_ARRAY) return pos + 1;
    for (;;) {
      const end = this.value(pos, depth + 1);
      spans.push(pos, end);
      pos = this.space(end);
      if (bytes[pos] === CLOSE_ARRAY) return pos + 1;
      if (bytes[pos] !== COMMA) this.fail(pos);
      pos = this.space(pos + 1);
    }
  }

  #tooDeep(at: number): never {
    throw new ToolyardError(
      'PARSE_ERROR',
      { offset: at },
      `The message is nested more than ${String(this.#maxDepth)} levels deep.`,
    );
  }
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}

function isHex(byte: number): boolean {
  return isDigit(byte) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);
}

/** The offset of the first byte that is in no valid UTF-8 sequence; for the message of an error only. */
function firstBadUtf8(bytes: Uint8Array): number {
  let good = 0;
  let bad = bytes.length;
  while (good < bad) {
    const middle = (good + bad + 1) >>> 1;
    // A prefix may end inside a sequence: up to three bytes are given back before it counts as bad.
    if ([0, 1, 2, 3].some((back) => middle - back >= 0 && isUtf8(bytes.subarray(0, middle - back)))) good = middle;
    else bad = middle - 1;
  }
  while (good > 0 && !isUtf8(bytes.subarray(0, good))) good -= 1;
  return good;
}
