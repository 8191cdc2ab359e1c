import { type Call, type Notification, Patience, RawJson, type Reply, ToolyardError } from '@toolyard/protocol';

/** What a flight came back with. */
export interface Landing {
  readonly reply: Reply;
  /** Whether the reply is everybody's that waits, or of one of them only. */
  readonly common: boolean;
  /** Settles when the reply is kept, or cannot be. Never rejects. */
  readonly kept: Promise<void>;
}

/** What the request of a flight is made with. */
export interface FlightCall {
  /** Aborts when nobody waits any longer. */
  readonly signal: AbortSignal;
  notify(notification: Notification): Promise<void>;
}

export interface FlightOptions {
  /** How the server is called in errors. */
  readonly upstream: string;
  request(call: FlightCall): Promise<Landing>;
  /** Flies on without anybody who waits. */
  readonly unattended: boolean;
  /** The last of those who waited has left; it is not to be joined any more. */
  onDeserted(): void;
}

/** One request to a server, and all the calls that wait for its answer. Each leaves when its own signal aborts, or its deadline passes. */
export class Flight {
  readonly landing: Promise<Landing>;
  readonly #control = new AbortController();
  readonly #waiting = new Set<Call>();
  readonly #options: FlightOptions;
  #taken = false;

  constructor(options: FlightOptions) {
    this.#options = options;
    this.landing = options.request({
      signal: this.#control.signal,
      notify: (notification) => this.#pass(notification),
    });
    // Those who wait have the error; where nobody does, `unattended` says who.
    this.landing.catch(() => {});
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** The answer; `undefined` where it is somebody else's and this call has to be made itself. */
  wait(given: Call): Promise<Reply | undefined> {
    // A copy, so that the same call may wait twice.
    const call = { ...given };
    return new Promise((resolve, reject) => {
      if (call.signal.aborted) return reject(cancelled(call.signal));
      const leave = (): void => {
        patience.end();
        call.signal.removeEventListener('abort', onAbort);
        this.#waiting.delete(call);
      };
      const leaveEarly = (why: Error): void => {
        leave();
        reject(why);
        if (this.#waiting.size === 0 && !this.#options.unattended) this.abort(deserted());
      };
      const onAbort = (): void => leaveEarly(cancelled(call.signal));
      const patience = new Patience(call, (afterMs) => leaveEarly(this.#late(call, afterMs)));
      this.#waiting.add(call);
      patience.start();
      call.signal.addEventListener('abort', onAbort, { once: true });
      this.landing.then(
        ({ reply, common }) => {
          if (!this.#waiting.has(call)) return;
          leave();
          resolve(common || !this.#taken ? reply : undefined);
          this.#taken = true;
        },
        (error: unknown) => {
          leave();
          reject(error instanceof Error ? error : new Error('the request failed', { cause: error }));
        },
      );
    });
  }

  abort(reason: Error): void {
    this.#options.onDeserted();
    this.#control.abort(reason);
  }

  #late({ method }: Call, afterMs: number): ToolyardError<'UPSTREAM_TIMEOUT'> {
    const { upstream } = this.#options;
    const message = `${upstream} did not answer ${method} within ${afterMs} ms.`;
    return new ToolyardError('UPSTREAM_TIMEOUT', { upstream, method, afterMs }, message);
  }

  /** Progress goes to all that want it, under their own tokens; all else to the first. The quickest of them sets the pace. */
  async #pass({ method, params }: Notification): Promise<void> {
    const told: Promise<void>[] = [];
    for (const call of this.#waiting) {
      if (method !== 'notifications/progress') {
        told.push(call.notify({ method, params }));
        break;
      }
      const { progressToken } = call;
      if (progressToken === undefined) continue;
      told.push(call.notify({ method, params: params.with('progressToken', RawJson.of(progressToken)) }));
    }
    if (told.length > 0) await Promise.race(told);
  }
}

function cancelled(signal: AbortSignal): Error {
  if (ToolyardError.is(signal.reason)) return signal.reason;
  return new ToolyardError('CANCELLED', {}, 'The call was cancelled.', { cause: signal.reason });
}

function deserted(): ToolyardError<'CANCELLED'> {
  return new ToolyardError('CANCELLED', {}, 'Nobody waits for the answer any more.');
}
