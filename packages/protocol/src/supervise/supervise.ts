import { onAbort } from '../abort.ts';
import type { Call } from '../call.ts';
import { ToolyardError } from '../errors/toolyard-error.ts';
import type { Service } from '../service.ts';
import type { Connection, Peer } from '../transport.ts';
import { backoffMs, type BackoffOptions } from './backoff.ts';

export interface SuperviseOptions extends BackoffOptions {
  /** How this server is called in errors. */
  readonly upstream: string;
  /** Failures in a row after which it is given up. Default: never. */
  readonly maxAttempts?: number;
  /** How long a connection must have been up for its loss to count as the first failure again. Default 10,000. */
  readonly stableMs?: number;
  /** Hears each change, at once. Must not throw. */
  readonly onState?: (state: SupervisedState) => void;
  /** Default: the machine's. */
  readonly clock?: SuperviseClock;
}

export interface SuperviseClock {
  /** Milliseconds of a clock that never goes back. */
  nowMs(): number;
  /** Runs `act` later, once; what it returns undoes that. */
  later(act: () => void, ms: number): () => void;
}

/** `attempt`: failures in a row so far, plus one. `nextAttemptMs`: on the clock; `undefined` once it is given up. */
export type SupervisedState =
  | { readonly kind: 'connecting'; readonly attempt: number }
  | { readonly kind: 'up'; readonly peer: Peer }
  | { readonly kind: 'down'; readonly error: Error; readonly nextAttemptMs: number | undefined }
  | { readonly kind: 'closed' };

/** A server that comes back. */
export interface SupervisedConnection extends AsyncDisposable {
  /**
   * While it is up: the connection's. Otherwise rejects at once, for calls are not kept: with `UPSTREAM_UNREACHABLE`, or after `close()` with `CLOSED`.
   */
  readonly service: Service;
  readonly state: SupervisedState;
  /** Resolves once when it is over: with the last error when it was given up, with `undefined` after `close()`. */
  readonly closed: Promise<Error | undefined>;
  /** Resolves when it is up, at once if it is. Rejects when it is given up or closed first, or with the signal's reason. */
  whenUp(signal?: AbortSignal): Promise<Peer>;
  /** Ends the connection or the attempt, and resolves when nothing is left. Safe to call twice. */
  close(): Promise<void>;
}

const defaultStableMs = 10_000;

/**
 * Keeps one server connected: opens it at once, and again after each loss and each failure, at growing intervals.
 *
 * `open` must reject soon after its signal aborts; a connection that it resolves with later all the same is closed. The pause keeps the process
 * alive until `close()`.
 */
export function supervise(
  open: (signal: AbortSignal) => Promise<Connection>,
  options: SuperviseOptions,
): SupervisedConnection {
  return new Supervisor(open, options);
}

class Supervisor implements SupervisedConnection {
  readonly closed: Promise<Error | undefined>;
  readonly service: Service;
  readonly #open: (signal: AbortSignal) => Promise<Connection>;
  readonly #options: SuperviseOptions;
  readonly #clock: SuperviseClock;
  readonly #over: PromiseWithResolvers<Error | undefined> = Promise.withResolvers<Error | undefined>();
  readonly #ending = new AbortController();
  readonly #waiting = new Set<PromiseWithResolvers<Peer>>();
  #state: SupervisedState = { kind: 'connecting', attempt: 1 };
  #connection: Connection | undefined;
  #failures = 0;
  #attempt: Promise<void>;
  #cancelPause: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  constructor(open: (signal: AbortSignal) => Promise<Connection>, options: SuperviseOptions) {
    this.#open = open;
    this.#options = options;
    this.#clock = options.clock ?? machineClock;
    this.closed = this.#over.promise;
    this.service = (call) => this.#call(call);
    this.#attempt = this.#connect();
  }

  get state(): SupervisedState {
    return this.#state;
  }

  async whenUp(signal?: AbortSignal): Promise<Peer> {
    const { kind } = this.#state;
    if (kind === 'up' && this.#connection !== undefined) return this.#connection.peer;
    if (kind === 'closed' || this.#givenUp()) throw this.#unavailable();
    const waiting = Promise.withResolvers<Peer>();
    this.#waiting.add(waiting);
    const forget = signal === undefined ? undefined : onAbort(signal, () => waiting.reject(signal.reason));
    try {
      return await waiting.promise;
    } finally {
      forget?.();
      this.#waiting.delete(waiting);
    }
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #call(call: Call): ReturnType<Service> {
    if (this.#connection === undefined) throw this.#unavailable();
    return this.#connection.service(call);
  }

  async #connect(): Promise<void> {
    this.#enter({ kind: 'connecting', attempt: this.#failures + 1 });
    let connection: Connection;
    try {
      connection = await this.#open(this.#ending.signal);
    } catch (error) {
      this.#failed(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    if (this.#ending.signal.aborted) {
      await connection.close();
      return;
    }
    this.#connection = connection;
    const upMs = this.#clock.nowMs();
    this.#enter({ kind: 'up', peer: connection.peer });
    for (const { resolve } of this.#waiting) resolve(connection.peer);
    void connection.closed.then((reason) => this.#lost(connection, upMs, reason));
  }

  #lost(connection: Connection, upMs: number, reason: Error | undefined): void {
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    if (this.#clock.nowMs() - upMs >= (this.#options.stableMs ?? defaultStableMs)) this.#failures = 0;
    const { upstream } = this.#options;
    this.#failed(
      reason ?? new ToolyardError('UPSTREAM_CLOSED', { upstream }, `The connection to ${upstream} was closed.`),
    );
  }

  #failed(error: Error): void {
    if (this.#ending.signal.aborted) return;
    this.#failures++;
    if (this.#failures >= (this.#options.maxAttempts ?? Infinity)) {
      this.#enter({ kind: 'down', error, nextAttemptMs: undefined });
      this.#over.resolve(error);
      this.#refuseWaiting();
      return;
    }
    const pauseMs = backoffMs(this.#failures, this.#options);
    this.#cancelPause = this.#clock.later(() => {
      this.#attempt = this.#connect();
    }, pauseMs);
    this.#enter({ kind: 'down', error, nextAttemptMs: this.#clock.nowMs() + pauseMs });
  }

  async #close(): Promise<void> {
    this.#enter({ kind: 'closed' });
    const connection = this.#connection;
    this.#connection = undefined;
    this.#cancelPause?.();
    this.#ending.abort(this.#unavailable());
    this.#refuseWaiting();
    await Promise.all([connection?.close(), this.#attempt]);
    this.#over.resolve(undefined);
  }

  #enter(state: SupervisedState): void {
    this.#state = state;
    this.#options.onState?.(state);
  }

  #givenUp(): boolean {
    return this.#state.kind === 'down' && this.#state.nextAttemptMs === undefined;
  }

  #refuseWaiting(): void {
    for (const { reject } of this.#waiting) reject(this.#unavailable());
  }

  #unavailable(): ToolyardError {
    const { upstream } = this.#options;
    if (this.#state.kind === 'closed')
      return new ToolyardError('CLOSED', { what: upstream }, `The connection to ${upstream} is closed.`);
    const cause = this.#state.kind === 'down' ? this.#state.error : undefined;
    return new ToolyardError('UPSTREAM_UNREACHABLE', { upstream }, `${upstream} is not connected at the moment.`, {
      cause,
    });
  }
}

const machineClock: SuperviseClock = {
  nowMs: () => performance.now(),
  later(act, ms) {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  },
};
