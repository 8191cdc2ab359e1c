import type { IncomingHttpHeaders } from 'node:http';

const token = /[!#$%&'*+\-.^_`|~0-9A-Za-z]/;
const lowerCase = Uint8Array.from({ length: 256 }, (_, code) => {
  const char = String.fromCharCode(code);
  return token.test(char) ? char.toLowerCase().charCodeAt(0) : 0;
});

/** A character of a header name (a token, RFC 9110 §5.6.2) in lower case; 0 for what no name has. */
export function nameCode(code: number): number {
  return lowerCase[code] ?? 0;
}

/** The header fields of a request: cut out of its head when somebody asks, since few are. No name stands twice. */
export class HeaderFields {
  readonly #head: string;
  /** Of each field: where its name begins and ends, where its value does. */
  readonly #places: number[] = [];

  constructor(head: string) {
    this.#head = head;
  }

  get count(): number {
    return this.#places.length >> 2;
  }

  /** False where one of that name is there already, in whatever case. */
  add(nameAt: number, nameEnd: number, valueAt: number, valueEnd: number): boolean {
    const places = this.#places;
    for (let i = 0; i < places.length; i += 4) {
      const at = places[i] ?? 0;
      if ((places[i + 1] ?? 0) - at === nameEnd - nameAt && this.#alike(at, nameAt, nameEnd - nameAt)) return false;
    }
    places.push(nameAt, nameEnd, valueAt, valueEnd);
    return true;
  }

  /** By lower-case name. */
  get(name: string): string | undefined {
    const places = this.#places;
    for (let i = 0; i < places.length; i += 4) {
      const at = places[i] ?? 0;
      if ((places[i + 1] ?? 0) - at === name.length && this.#isNamed(at, name))
        return this.#head.slice(places[i + 2], places[i + 3]);
    }
    return undefined;
  }

  /** As `IncomingMessage.headers`. */
  all(): IncomingHttpHeaders {
    const all: Record<string, string> = {};
    const places = this.#places;
    for (let i = 0; i < places.length; i += 4)
      all[this.#head.slice(places[i], places[i + 1]).toLowerCase()] = this.#head.slice(places[i + 2], places[i + 3]);
    return all;
  }

  #isNamed(at: number, name: string): boolean {
    for (let i = 0; i < name.length; i += 1)
      if (nameCode(this.#head.charCodeAt(at + i)) !== name.charCodeAt(i)) return false;
    return true;
  }

  #alike(at: number, otherAt: number, length: number): boolean {
    for (let i = 0; i < length; i += 1)
      if (nameCode(this.#head.charCodeAt(at + i)) !== nameCode(this.#head.charCodeAt(otherAt + i))) return false;
    return true;
  }
}
