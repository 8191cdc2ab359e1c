import type { RawObject } from './wire/raw-object.ts';

/** The answer to a call that succeeded. One that failed is a rejected promise with a `ToolyardError`. */
export interface Reply {
  /**
   * The `result` member in 2026-07-28 shape, verbatim: what is not asked for is never parsed, and reaches the caller byte for byte.
   * It carries `resultType`; `input_required` is a reply like any other.
   */
  readonly result: RawObject;
  /** `true` where its server knows no caching hints, as before 2026-07-28: the `ttlMs` of 0 is then the door's word, not the server's. */
  readonly unhinted?: true;
}
