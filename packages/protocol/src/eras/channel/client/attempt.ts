import { cancelled, onAbort } from '../../../abort.ts';
import { ToolyardError } from '../../../errors/toolyard-error.ts';
import type { Pipe } from '../../../pipe.ts';
import type { ConnectOptions } from '../../../transport.ts';
import type { RawObject } from '../../../wire/raw-object.ts';
import type { Channel } from '../channel.ts';

const defaultConnectTimeoutMs = 30_000;

/** One attempt to connect: all that happens in it ends at the same time, and when `options.signal` aborts. */
export class Attempt {
  readonly timeoutMs: number;
  readonly #options: ConnectOptions;
  readonly #upstream: string;
  readonly #deadlineMs: number;
  readonly #signal: AbortSignal | undefined;

  constructor(options: ConnectOptions) {
    const { upstream, signal, connectTimeoutMs = defaultConnectTimeoutMs } = options;
    this.#options = options;
    this.timeoutMs = connectTimeoutMs;
    this.#upstream = upstream;
    this.#deadlineMs = performance.now() + connectTimeoutMs;
    this.#signal = signal;
  }

  /** A part of this attempt that may be ended before it, and never lasts longer. */
  part(signal: AbortSignal): Attempt {
    return new Attempt({
      ...this.#options,
      signal: this.#signal === undefined ? signal : AbortSignal.any([this.#signal, signal]),
      connectTimeoutMs: Math.max(this.#deadlineMs - performance.now(), 0),
    });
  }

  /** Opens a pipe; one that comes too late is closed. */
  async open<P extends Pipe>(open: () => Promise<P>): Promise<P> {
    if (this.#signal?.aborted) throw cancelled(this.#signal);
    const end = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => end.reject(this.#timeout('connect')),
      Math.max(this.#deadlineMs - performance.now(), 0),
    );
    const signal = this.#signal;
    const forget = signal === undefined ? undefined : onAbort(signal, () => end.reject(cancelled(signal)));
    const opening = open();
    let late = true;
    try {
      const pipe = await Promise.race([opening, end.promise]);
      late = false;
      return pipe;
    } finally {
      clearTimeout(timer);
      forget?.();
      if (late) opening.then((pipe) => pipe.close()).catch(() => {}); // The attempt has failed already; why this one did changes nothing.
    }
  }

  /** Waits for `work`, which must not reject, up to `atMostMs` and never longer than the attempt lasts; rejects only when its signal aborts. */
  async settle(work: Promise<unknown>, atMostMs: number): Promise<void> {
    const end = Promise.withResolvers<void>();
    const timer = setTimeout(end.resolve, Math.max(Math.min(atMostMs, this.#deadlineMs - performance.now()), 0));
    const signal = this.#signal;
    const forget = signal === undefined ? undefined : onAbort(signal, () => end.reject(cancelled(signal)));
    try {
      await Promise.race([work, end.promise]);
    } finally {
      clearTimeout(timer);
      forget?.();
    }
  }

  /** Asks something of the handshake, which is never cancelled at the server. */
  async ask(channel: Channel, method: string, params: RawObject): Promise<RawObject> {
    const request = channel.ask(method, () => params, { deadlineMs: this.#deadlineMs, handshake: true });
    const signal = this.#signal;
    const forget = signal === undefined ? undefined : onAbort(signal, () => request.cancel(cancelled(signal)));
    try {
      return await request.result;
    } finally {
      forget?.();
    }
  }

  /** What a failed attempt rejects with, as `Transport.connect` promises. */
  failure(error: unknown): Error {
    const upstream = this.#upstream;
    if (ToolyardError.is(error, 'UPSTREAM_CLOSED')) {
      // It is there, and says more than may be: that is what its operator has to know.
      if (ToolyardError.is(error.cause, 'MESSAGE_TOO_LARGE')) return error.cause;
      return new ToolyardError(
        'UPSTREAM_UNREACHABLE',
        { upstream },
        `${upstream} closed the connection before it was ready.`,
        { cause: error },
      );
    }
    if (ToolyardError.is(error, 'UPSTREAM_ERROR')) {
      const reason = `it refused to be connected to: ${error.message}`;
      return new ToolyardError('UPSTREAM_MALFORMED', { upstream, reason }, `${upstream} cannot be used: ${reason}`, {
        cause: error,
      });
    }
    return error instanceof Error ? error : new Error(String(error));
  }

  #timeout(method: string): ToolyardError<'UPSTREAM_TIMEOUT'> {
    const facts = { upstream: this.#upstream, method, afterMs: this.timeoutMs };
    return new ToolyardError(
      'UPSTREAM_TIMEOUT',
      facts,
      `${this.#upstream} was not connected within ${this.timeoutMs} ms.`,
    );
  }
}
