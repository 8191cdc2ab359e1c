import { ToolyardError } from '../errors/toolyard-error.ts';
import { Scanner } from './scanner.ts';
import { hasEscape, isAsciiAt, stringAt } from './text.ts';

/** Above this many members names are looked up in a map. */
const fewMembers = 12;

/** Where the members of one object are in its bytes. Every name stands once. */
export class MemberIndex {
  readonly size: number;
  readonly #bytes: Uint8Array;
  readonly #spans: readonly number[];
  readonly #base: number;
  /** Few members, and no name has an escape: then names need not be decoded to be compared. */
  readonly #direct: boolean;
  #names: readonly string[] | undefined;
  #byName: ReadonlyMap<string, number> | undefined;

  /** For spans that are known to hold no name twice. `spans`: four positions a member, as `Scanner.members` gives them, counted from `base`. */
  constructor(bytes: Uint8Array, spans: readonly number[], base: number) {
    this.size = spans.length >>> 2;
    this.#bytes = bytes;
    this.#spans = spans;
    this.#base = base;
    let direct = this.size <= fewMembers;
    for (let member = 0; direct && member < this.size; member += 1) {
      direct = !hasEscape(bytes, this.nameStart(member), this.nameEnd(member));
    }
    this.#direct = direct;
  }

  /** `bytes`: a valid object. `spans`, counted from `base`: where its members are, if that is known. Throws `INVALID_REQUEST` where a name stands twice. */
  static build(bytes: Uint8Array, spans: readonly number[] | undefined, base: number): MemberIndex {
    const index = new MemberIndex(bytes, spans ?? scan(bytes), base);
    const twice = index.#direct ? index.#sameBytes() : index.#sameName();
    if (twice === undefined) return index;
    const reason = `the member ${JSON.stringify((index.names[twice] ?? '').slice(0, 64))} stands twice in one object`;
    throw new ToolyardError('INVALID_REQUEST', { reason }, `Invalid request: ${reason}.`);
  }

  /** What the names stand for, in their order. */
  get names(): readonly string[] {
    if (this.#names === undefined) {
      const names: string[] = [];
      for (let member = 0; member < this.size; member += 1) {
        names.push(stringAt(this.#bytes, this.nameStart(member), this.nameEnd(member)));
      }
      this.#names = names;
    }
    return this.#names;
  }

  /** Which member has this name; -1 for none. */
  find(name: string): number {
    if (!this.#direct) return this.#find(name);
    for (let member = 0; member < this.size; member += 1) {
      const start = this.nameStart(member) + 1;
      if (this.nameEnd(member) - 1 - start === name.length && isAsciiAt(this.#bytes, start, name)) return member;
    }
    return isAscii(name) ? -1 : this.#find(name);
  }

  /** At the quote. */
  nameStart(member: number): number {
    return (this.#spans[member * 4] ?? 0) - this.#base;
  }

  /** After the quote. */
  nameEnd(member: number): number {
    return (this.#spans[member * 4 + 1] ?? 0) - this.#base;
  }

  valueStart(member: number): number {
    return (this.#spans[member * 4 + 2] ?? 0) - this.#base;
  }

  valueEnd(member: number): number {
    return (this.#spans[member * 4 + 3] ?? 0) - this.#base;
  }

  #find(name: string): number {
    if (this.size <= fewMembers) return this.names.indexOf(name);
    this.#byName ??= new Map(this.names.map((each, at) => [each, at]));
    return this.#byName.get(name) ?? -1;
  }

  /** The first member whose name an earlier one has, where equal names have equal bytes. */
  #sameBytes(): number | undefined {
    const bytes = this.#bytes;
    for (let member = 1; member < this.size; member += 1) {
      const start = this.nameStart(member);
      const length = this.nameEnd(member) - start;
      for (let earlier = 0; earlier < member; earlier += 1) {
        const other = this.nameStart(earlier);
        if (this.nameEnd(earlier) - other !== length) continue;
        let at = 0;
        while (at < length && bytes[start + at] === bytes[other + at]) at += 1;
        if (at === length) return member;
      }
    }
    return undefined;
  }

  #sameName(): number | undefined {
    const seen = new Set<string>();
    for (const [member, name] of this.names.entries()) if (seen.size === seen.add(name).size) return member;
    return undefined;
  }
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > 0x7f) return false;
  return true;
}

function scan(bytes: Uint8Array): number[] {
  const spans: number[] = [];
  new Scanner(bytes, Number.POSITIVE_INFINITY).members(0, 0, spans);
  return spans;
}
