import { column } from '../store/column.ts';

/** Chunks are that long unless one list alone is longer; the first one grows up to it. */
const chunkBytes = 2 ** 18;
const firstBytes = 4096;
/** Blocks are a multiple of that. */
const unit = 4;

/**
 * Lists of pairs of 32-bit numbers that are written at once: a pair costs two to four bytes, a list four beside, and growing copies next to nothing.
 * A list is smallest where its keys ascend. In a block: its length in units, the count of pairs, and for each pair the step from the key before and the value, all as LEB128.
 */
export class PackedLists {
  #chunks: Uint8Array[] = [new Uint8Array(firstBytes)];
  /** Used of the last chunk. The first bytes are none, so that 0 is no block. */
  #used = unit;
  /** By list: chunk and place in it; 0 for an empty one. */
  #starts: Uint32Array = new Uint32Array(64);
  /** Blocks that were let go, by length in units. */
  readonly #free = new Map<number, number[]>();
  #pairs: Uint32Array = new Uint32Array(256);
  #scratch: Uint8Array = new Uint8Array(1024);

  /** What `read` read: `[key, value, key, value, …]`. */
  get pairs(): Uint32Array {
    return this.#pairs;
  }

  /** What blocks take, in use or free. */
  get byteLength(): number {
    return this.#chunks.reduce((sum, { length }) => sum + length, 0);
  }

  /** How many pairs the list has; they are in `pairs` until the next `read`. */
  read(list: number): number {
    const start = this.#starts[list] ?? 0;
    if (start === 0) return 0;
    const chunk = this.#chunkOf(start);
    const cursor = { at: start % chunkBytes };
    readNumber(chunk, cursor);
    const count = readNumber(chunk, cursor);
    if (this.#pairs.length < 2 * count) this.#pairs = new Uint32Array(4 * count);
    decode(chunk, cursor.at, this.#pairs, count);
    return count;
  }

  /** Replaces the list by the first `count` pairs. */
  write(list: number, pairs: Uint32Array, count: number): void {
    this.clear(list);
    if (count === 0) return;
    if (list >= this.#starts.length) this.#growLists(list + 1);
    // Ten bytes a pair at most, and as many for the two numbers in front.
    if (this.#scratch.length < 10 * count + 10) this.#scratch = new Uint8Array(20 * count);
    const bytes = this.#scratch;
    let end = writeNumber(bytes, 10, count);
    let before = 0;
    for (let at = 0; at < 2 * count; at += 2) {
      const key = pairs[at] ?? 0;
      end = writeNumber(bytes, end, (key - before) >>> 0);
      end = writeNumber(bytes, end, pairs[at + 1] ?? 0);
      before = key;
    }
    const { units, from } = putLength(bytes, end);
    const start = this.#allocate(units);
    const chunk = this.#chunkOf(start);
    const to = start % chunkBytes;
    for (let at = from; at < end; at += 1) chunk[to + at - from] = bytes[at] ?? 0;
    this.#starts[list] = start;
  }

  clear(list: number): void {
    const start = this.#starts[list] ?? 0;
    if (start === 0) return;
    const units = readNumber(this.#chunkOf(start), { at: start % chunkBytes });
    const free = this.#free.get(units);
    if (free === undefined) this.#free.set(units, [start]);
    else free.push(start);
    this.#starts[list] = 0;
  }

  /** The blocks of the first lists one after another, a zero unit for an empty list. */
  save(lists: number): Uint8Array {
    let length = 0;
    const unitsOf = new Uint32Array(lists);
    for (let list = 0; list < lists; list += 1) {
      const start = this.#starts[list] ?? 0;
      const units = start === 0 ? 1 : readNumber(this.#chunkOf(start), { at: start % chunkBytes });
      unitsOf[list] = units;
      length += units * unit;
    }
    const saved = new Uint8Array(length);
    let at = 0;
    for (let list = 0; list < lists; list += 1) {
      const start = this.#starts[list] ?? 0;
      const bytes = (unitsOf[list] ?? 0) * unit;
      const from = start % chunkBytes;
      if (start !== 0) saved.set(this.#chunkOf(start).subarray(from, from + bytes), at);
      at += bytes;
    }
    return saved;
  }

  /** Throws `RangeError` where the bytes are not so many lists. Keys and values are for the caller to check. */
  static restore(saved: Uint8Array, lists: number): PackedLists {
    const packed = new PackedLists();
    if (lists > 0) packed.#growLists(lists);
    const cursor = { at: 0 };
    for (let list = 0; list < lists; list += 1) {
      const from = cursor.at;
      const units = readNumber(saved, cursor);
      const end = from + Math.max(1, units) * unit;
      if (end > saved.length) throw new RangeError('a list is cut off');
      if (units > 0) {
        // A pair takes two bytes at least.
        if (2 * readNumber(saved, cursor) > end - from) throw new RangeError('a list is cut off');
        const start = packed.#allocate(units);
        packed.#chunkOf(start).set(saved.subarray(from, end), start % chunkBytes);
        packed.#starts[list] = start;
      }
      cursor.at = end;
    }
    if (cursor.at !== saved.length) throw new RangeError('there are more lists than there should be');
    return packed;
  }

  #chunkOf(start: number): Uint8Array {
    return this.#chunks[Math.floor(start / chunkBytes)] ?? none;
  }

  #allocate(units: number): number {
    const free = this.#free.get(units)?.pop();
    if (free !== undefined) return free;
    const bytes = units * unit;
    const last = this.#chunks.length - 1;
    const chunk = this.#chunks[last] ?? none;
    if (this.#used + bytes > chunk.length) {
      if (last === 0 && this.#used + bytes <= chunkBytes) {
        const grown = column(Uint8Array, Math.min(chunkBytes, 2 * Math.max(chunk.length, this.#used + bytes)));
        grown.set(chunk);
        this.#chunks[0] = grown;
      } else {
        this.#chunks.push(column(Uint8Array, Math.max(chunkBytes, bytes)));
        this.#used = 0;
      }
    }
    const start = (this.#chunks.length - 1) * chunkBytes + this.#used;
    this.#used += bytes;
    return start;
  }

  #growLists(lists: number): void {
    const starts = column(Uint32Array, Math.max(lists, Math.ceil(this.#starts.length * 1.25)));
    starts.set(this.#starts);
    this.#starts = starts;
  }
}

const none = new Uint8Array();

interface Cursor {
  at: number;
}

function readNumber(bytes: Uint8Array, cursor: Cursor): number {
  let number = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = bytes[cursor.at++] ?? 0;
    number |= (byte & 127) << shift;
    if (byte < 128) break;
  }
  return number >>> 0;
}

function writeNumber(bytes: Uint8Array, from: number, number: number): number {
  let left = number;
  let at = from;
  while (left > 127) {
    bytes[at++] = (left & 127) | 128;
    left >>>= 7;
  }
  bytes[at++] = left;
  return at;
}

/** Writes the block's length in front of what stands from 10 on, and says where the block begins. */
function putLength(bytes: Uint8Array, end: number): { readonly units: number; readonly from: number } {
  for (let width = 1; ; width += 1) {
    const units = Math.ceil((end - 10 + width) / unit);
    if (units >= 2 ** (7 * width)) continue;
    writeNumber(bytes, 10 - width, units);
    return { units, from: 10 - width };
  }
}

/** Apart from the class and without a cursor, since rankings spend much of their time here. */
function decode(bytes: Uint8Array, from: number, pairs: Uint32Array, count: number): void {
  let at = from;
  let key = 0;
  for (let pair = 0; pair < 2 * count; pair += 2) {
    let byte = bytes[at++] ?? 0;
    let number = byte & 127;
    for (let shift = 7; byte > 127 && shift < 35; shift += 7) {
      byte = bytes[at++] ?? 0;
      number |= (byte & 127) << shift;
    }
    key = (key + number) >>> 0;
    pairs[pair] = key;
    byte = bytes[at++] ?? 0;
    number = byte & 127;
    for (let shift = 7; byte > 127 && shift < 35; shift += 7) {
      byte = bytes[at++] ?? 0;
      number |= (byte & 127) << shift;
    }
    pairs[pair + 1] = number;
  }
}
