import type { ErrorCode, ErrorFacts } from './error-facts.ts';

const brand = Symbol.for('@toolyard/protocol/error/1');

/**
 * The one error that Toolyard throws. Branch on `code`; `message` is for people and may change.
 * Like the facts, the message reaches the caller; what only this side may see goes into `cause`.
 */
export class ToolyardError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'ToolyardError';
  readonly code: C;
  readonly facts: ErrorFacts[C];

  constructor(code: C, facts: ErrorFacts[C], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.facts = facts;
    Object.defineProperty(this, brand, { value: true });
  }

  /** Holds also when two copies of this package share a process. */
  static is<C extends ErrorCode = ErrorCode>(value: unknown, code?: C): value is ToolyardError<C> {
    return value instanceof Error && brand in value && (code === undefined || ('code' in value && value.code === code));
  }
}
