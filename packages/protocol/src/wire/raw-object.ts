import { ToolyardError } from '../errors/toolyard-error.ts';
import { defaultMaxDepth, type WireLimits } from './limits.ts';
import { MemberIndex } from './member-index.ts';
import { RawJson } from './raw-json.ts';
import { Scanner } from './scanner.ts';
import { replaceValue, splice, type ByteChanges } from './splice.ts';
import { concat, encodeUtf8, stringAt } from './text.ts';

/** What a member's value may be given as: raw JSON, or the bytes of one valid JSON value. */
export type RawValue = RawJson | Uint8Array;

const QUOTE = 0x22;
const OPEN_OBJECT = 0x7b;
const OPEN_ARRAY = 0x5b;

/**
 * A JSON object as it came off the wire, whose members can be read and spliced without touching the rest.
 *
 * Names are compared as what they stand for (`"\u0061"` is `a`). The first look at the members builds an index, and throws `INVALID_REQUEST`
 * where a name stands twice: readers disagree on which of the two counts, so nothing may be decided on either.
 */
export class RawObject extends RawJson {
  #index: MemberIndex | undefined;
  #spans: readonly number[] | undefined;
  readonly #base: number;
  #made: (RawJson | undefined)[] | undefined;
  /** What `string` was asked for last, and answered: names are looked at several times on their way. */
  #askedAt = -1;
  #answer: string | undefined;

  /**
   * `bytes`: a valid JSON object without white space around it. Bytes that nobody validated go through `RawObject.read`.
   * `spans`, counted from `base`: where its members are, as `Scanner.members` tells, for who knows that already.
   */
  constructor(bytes: Uint8Array, spans?: readonly number[], base = 0) {
    super(bytes);
    this.#spans = spans;
    this.#base = base;
  }

  static readonly empty: RawObject = new RawObject(encodeUtf8('{}'), []);

  /** What `JSON.stringify` makes of it, except that members which are raw JSON, or arrays of it, are taken verbatim. */
  static override of(record: Readonly<Record<string, unknown>>): RawObject {
    const changes = new Map<string, Uint8Array>();
    for (const [name, value] of Object.entries(record)) {
      if (value instanceof RawJson) changes.set(name, value.bytes);
      else if (isRawArray(value)) changes.set(name, rawArray(value).bytes);
    }
    if (changes.size === 0) return new RawObject(encodeUtf8(JSON.stringify(record)));
    // `null` keeps each place until the verbatim bytes go there.
    const places = Object.entries(record).map(([name, value]): [string, unknown] => [
      name,
      changes.has(name) ? null : value,
    ]);
    return new RawObject(encodeUtf8(JSON.stringify(Object.fromEntries(places)))).#splice(changes);
  }

  /**
   * Validates bytes that nobody looked at yet; white space around the object is dropped.
   * Throws `PARSE_ERROR`, or `INVALID_REQUEST` where it is JSON but no object.
   */
  static read(bytes: Uint8Array, limits: WireLimits = {}): RawObject {
    const raw = readJson(bytes, limits);
    if (raw instanceof RawObject) return raw;
    throw new ToolyardError(
      'INVALID_REQUEST',
      { reason: 'a JSON object was expected' },
      'Invalid request: a JSON object was expected.',
    );
  }

  /** Names of all members, in their order. */
  keys(): string[] {
    return [...this.#indexed().names];
  }

  get size(): number {
    return this.#indexed().size;
  }

  has(key: string): boolean {
    return this.#indexed().find(key) >= 0;
  }

  /** The member's value, verbatim; the same object each time. */
  member(key: string): RawJson | undefined {
    const index = this.#indexed();
    const at = index.find(key);
    if (at < 0) return undefined;
    this.#made ??= [];
    return (this.#made[at] ??= rawAt(this.bytes, index.valueStart(at), index.valueEnd(at)));
  }

  /** The member where it is an object, else `undefined`. */
  object(key: string): RawObject | undefined {
    const member = this.member(key);
    return member instanceof RawObject ? member : undefined;
  }

  /** What the member stands for where it is a string, else `undefined`. */
  string(key: string): string | undefined {
    const index = this.#indexed();
    const at = index.find(key);
    if (at < 0) return undefined;
    if (at === this.#askedAt) return this.#answer;
    const start = index.valueStart(at);
    this.#answer = this.bytes[start] === QUOTE ? stringAt(this.bytes, start, index.valueEnd(at)) : undefined;
    this.#askedAt = at;
    return this.#answer;
  }

  /** The elements of the member where it is an array, else `undefined`. */
  array(key: string): RawJson[] | undefined {
    const member = this.member(key);
    return member === undefined ? undefined : elements(member);
  }

  /** This object with the member's value replaced where it stands, or the member appended. */
  with(key: string, value: RawValue): RawObject {
    const index = this.#indexed();
    const at = index.find(key);
    if (at < 0) return this.#splice(new Map([[key, bytesOf(value)]]));
    const { bytes, spans } = replaceValue(this.bytes, index, at, bytesOf(value));
    const replaced = new RawObject(bytes, spans);
    // The others stay what they are, with all that is known about them.
    if (this.#made !== undefined) {
      replaced.#made = [...this.#made];
      replaced.#made[at] = undefined;
    }
    return replaced;
  }

  /** This object without the member and its comma; itself where there is none. */
  without(key: string): RawObject {
    return this.has(key) ? this.#splice(new Map([[key, undefined]])) : this;
  }

  /** This object with the member as its first one; one of that name elsewhere is gone. */
  prepend(key: string, value: RawValue): RawObject {
    return this.without(key).#splice(new Map([[key, bytesOf(value)]]), 'first');
  }

  /** Several changes in one copy: a value replaces the member where it stands or is appended, `undefined` removes it. */
  patch(changes: Readonly<Record<string, RawValue | undefined>>): RawObject {
    return this.#splice(
      new Map(Object.entries(changes).map(([name, value]) => [name, value === undefined ? undefined : bytesOf(value)])),
    );
  }

  #splice(changes: ByteChanges, place?: 'first' | 'last'): RawObject {
    const { bytes, spans } = splice(this.bytes, this.#indexed(), changes, place);
    return new RawObject(bytes, spans);
  }

  #indexed(): MemberIndex {
    if (this.#index === undefined) {
      this.#index = MemberIndex.build(this.bytes, this.#spans, this.#base);
      this.#spans = undefined;
    }
    return this.#index;
  }
}

/** Validates one JSON value that nobody looked at yet; white space around it is dropped. Throws `PARSE_ERROR`. */
export function readJson(bytes: Uint8Array, limits: WireLimits = {}): RawJson {
  const scanner = new Scanner(bytes, limits.maxDepth ?? defaultMaxDepth);
  const start = scanner.space(0);
  const end = scanner.value(start, 0);
  scanner.finish(end);
  return rawAt(bytes, start, end);
}

/** The elements of an array, verbatim; `undefined` where `raw` is no array. */
export function elements(raw: RawJson): RawJson[] | undefined {
  if (raw.bytes[0] !== OPEN_ARRAY) return undefined;
  const spans: number[] = [];
  new Scanner(raw.bytes, Number.POSITIVE_INFINITY).elements(0, 0, spans);
  const found: RawJson[] = [];
  for (let at = 0; at < spans.length; at += 2) found.push(rawAt(raw.bytes, spans[at] ?? 0, spans[at + 1] ?? 0));
  return found;
}

/** An array of values that are taken verbatim. */
export function rawArray(values: readonly RawJson[]): RawJson {
  const parts: Uint8Array[] = [encodeUtf8('[')];
  for (const [at, value] of values.entries()) {
    if (at > 0) parts.push(encodeUtf8(','));
    parts.push(value.bytes);
  }
  parts.push(encodeUtf8(']'));
  return new RawJson(concat(parts));
}

function rawAt(bytes: Uint8Array, start: number, end: number): RawJson {
  const slice = bytes.subarray(start, end);
  return bytes[start] === OPEN_OBJECT ? new RawObject(slice) : new RawJson(slice);
}

function bytesOf(value: RawValue): Uint8Array {
  return value instanceof RawJson ? value.bytes : value;
}

function isRawArray(value: unknown): value is readonly RawJson[] {
  return Array.isArray(value) && value.length > 0 && value.every((element) => element instanceof RawJson);
}
