/** What the process ends with. Public: add, never change. */
export interface ExitCodes {
  /** Done; `up` also when SIGINT or SIGTERM stopped it in order. */
  readonly ok: 0;
  /** The operation failed: a tool answered with an error, the port is in use, something unexpected. */
  readonly failed: 1;
  /** The command line, its JSON, or the configuration is wrong. */
  readonly usage: 2;
  /** No gateway answers at the endpoint (`EX_UNAVAILABLE` of sysexits). */
  readonly unavailable: 69;
  /** Ended by SIGINT: a call that was cancelled, or `up` at the second signal. */
  readonly interrupted: 130;
  /** `up` ended at the second signal, and that was SIGTERM. */
  readonly terminated: 143;
}

export const exitCodes: ExitCodes = { ok: 0, failed: 1, usage: 2, unavailable: 69, interrupted: 130, terminated: 143 };

export type ExitCode = ExitCodes[keyof ExitCodes];

/** A failure that the user is told in one sentence (or a list), without a stack. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
