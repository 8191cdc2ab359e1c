import { decodeUtf8, encodeUtf8 } from './text.ts';

/** One JSON value as it came off the wire: the bytes verbatim, and the value parsed on demand, once. */
export class RawJson {
  /** Never write to them: many slices share one buffer. */
  readonly bytes: Uint8Array;
  #parsed: { readonly value: unknown } | undefined;

  /** `bytes`: one JSON value that was validated before, UTF-8, no white space around it. Bytes that nobody validated go through `readJson`. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** What `JSON.parse` makes of it; the same object each time, so never alter it. */
  get value(): unknown {
    this.#parsed ??= { value: JSON.parse(this.text) };
    return this.#parsed.value;
  }

  get text(): string {
    return decodeUtf8(this.bytes);
  }

  /** For `JSON.stringify`; the spelling is lost there. To keep it, splice (`RawObject.with`). */
  toJSON(): unknown {
    return this.value;
  }

  /** `value` must be something that `JSON.stringify` turns into JSON. */
  static of(value: unknown): RawJson {
    return value instanceof RawJson ? value : new RawJson(encodeUtf8(JSON.stringify(value)));
  }
}
