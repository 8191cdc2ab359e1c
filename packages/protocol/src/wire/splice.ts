import type { MemberIndex } from './member-index.ts';
import { concat, encodeUtf8 } from './text.ts';

/** A value replaces the member where it stands, or is added; `undefined` removes it. */
export type ByteChanges = ReadonlyMap<string, Uint8Array | undefined>;

export interface Spliced {
  readonly bytes: Uint8Array;
  /** Where the members came to lie, as `Scanner.members` tells. */
  readonly spans: readonly number[];
}

const comma = encodeUtf8(',');

/**
 * Changes members of an object in one copy. Bytes outside the members that change stay as they are, except that a removed member takes its comma
 * along, and the white space on one of its sides. New members come last, or first with `place`.
 */
export function splice(
  bytes: Uint8Array,
  index: MemberIndex,
  changes: ByteChanges,
  place: 'first' | 'last' = 'last',
): Spliced {
  const out = new Splicer(bytes);
  const wanted = new Map<number, string>();
  const added: [string, Uint8Array][] = [];
  for (const [name, value] of changes) {
    const member = index.find(name);
    if (member >= 0) wanted.set(member, name);
    else if (value !== undefined) added.push([name, value]);
  }

  out.copy(0, index.size === 0 ? 1 : index.nameStart(0));
  if (place === 'first') for (const [name, value] of added) out.add(name, value);
  let previous = -1;
  for (let member = 0; member < index.size; member += 1) {
    const name = wanted.get(member);
    const change = name === undefined ? undefined : changes.get(name);
    if (name !== undefined && change === undefined) continue;
    if (previous >= 0) out.copy(index.valueEnd(previous), index.nameStart(previous + 1));
    else if (out.count > 0) out.insert(comma);
    out.keep(index, member, change);
    previous = member;
  }
  if (place === 'last') for (const [name, value] of added) out.add(name, value);
  out.copy(index.size === 0 ? 1 : index.valueEnd(index.size - 1), bytes.length);
  return out.finish();
}

/** The same for the one change that is most frequent: another value for a member that is there. */
export function replaceValue(bytes: Uint8Array, index: MemberIndex, member: number, value: Uint8Array): Spliced {
  const start = index.valueStart(member);
  const end = index.valueEnd(member);
  const grown = value.length - (end - start);
  const whole = Buffer.allocUnsafe(bytes.length + grown);
  whole.set(bytes.subarray(0, start), 0);
  whole.set(value, start);
  whole.set(bytes.subarray(end), start + value.length);
  const spans: number[] = [];
  for (let each = 0; each < index.size; each += 1) {
    const before = each > member ? grown : 0;
    const after = each >= member ? grown : 0;
    spans.push(
      index.nameStart(each) + before,
      index.nameEnd(each) + before,
      index.valueStart(each) + before,
      index.valueEnd(each) + after,
    );
  }
  return { bytes: whole, spans };
}

/** Gathers the pieces of the new object, joining those that are neighbours in the old one, and notes where its members come to lie. */
class Splicer {
  readonly #bytes: Uint8Array;
  readonly #parts: Uint8Array[] = [];
  readonly #spans: number[] = [];
  #from = 0;
  #to = 0;
  #length = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get count(): number {
    return this.#spans.length >>> 2;
  }

  copy(start: number, end: number): void {
    if (start !== this.#to) {
      this.#flush();
      this.#from = start;
    }
    this.#to = end;
    this.#length += end - start;
  }

  insert(bytes: Uint8Array): void {
    this.#flush();
    this.#parts.push(bytes);
    this.#length += bytes.length;
  }

  /** Takes a member over, with another value where one is given. */
  keep(index: MemberIndex, member: number, value: Uint8Array | undefined): void {
    const nameStart = index.nameStart(member);
    const valueStart = index.valueStart(member);
    const start = this.#length;
    const valueAt = start + valueStart - nameStart;
    if (value === undefined) this.copy(nameStart, index.valueEnd(member));
    else {
      this.copy(nameStart, valueStart);
      this.insert(value);
    }
    this.#spans.push(start, start + index.nameEnd(member) - nameStart, valueAt, this.#length);
  }

  add(name: string, value: Uint8Array): void {
    if (this.count > 0) this.insert(comma);
    const start = this.#length;
    this.insert(encodeUtf8(`${JSON.stringify(name)}:`));
    this.#spans.push(start, this.#length - 1, this.#length, this.#length + value.length);
    this.insert(value);
  }

  finish(): Spliced {
    this.#flush();
    return { bytes: concat(this.#parts), spans: this.#spans };
  }

  #flush(): void {
    if (this.#to > this.#from) this.#parts.push(this.#bytes.subarray(this.#from, this.#to));
    this.#from = this.#to;
  }
}
