const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/**
 * One JSON value as it came off the wire: the bytes verbatim, and the value parsed on demand, once.
 */
export class RawJson {
  #parsed: { readonly value: unknown } | undefined;

  /** `bytes`: valid UTF-8, one JSON value, no white space around it. Never write to them: many slices share one buffer. */
  constructor(readonly bytes: Uint8Array) {}

  /** What `JSON.parse` makes of it; the same object each time, so never alter it. */
  get value(): unknown {
    this.#parsed ??= { value: JSON.parse(this.text) };
    return this.#parsed.value;
  }

  get text(): string {
    return decoder.decode(this.bytes);
  }

  /** `value` must be something that `JSON.stringify` turns into JSON. */
  static of(value: unknown): RawJson {
    return new RawJson(encoder.encode(JSON.stringify(value)));
  }
}
