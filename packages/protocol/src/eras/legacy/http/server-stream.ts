import { primerFrame } from '../../http/event-frame.ts';
import type { HttpOutgoing, HttpOutgoingListener } from '../../http/http-incoming.ts';
import type { EventLog } from './events/event-log.ts';

export interface ServerStreamOptions {
  readonly log: EventLog;
  /** Whether the client knows events without a message (since 2025-11-25), so that it can come back before it has heard anything. */
  readonly primes: () => boolean;
  /** What such a client is told to wait before it comes back. */
  readonly retryMs: number;
  /** How long one response carries the stream of a client that can come back; `undefined` for as long as it takes. */
  readonly maxStreamMs: number | undefined;
  /** Called when a client has gone, or came. */
  readonly moved: () => void;
  /** Called when nothing more will be said. */
  readonly ended: () => void;
}

/** How long what a client was there to take is kept, in case it did not arrive, and what it was not there for. */
const takenKeepMs = 30_000;
const missedKeepMs = 300_000;
const done: Promise<void> = Promise.resolve();

/**
 * An event stream of a session that outlives the responses that carry it: what is said while there is none waits in the log, and is sent when
 * the client is back (spec 2025-11-25: basic/transports, resumability and redelivery).
 */
export class ServerStream implements HttpOutgoingListener {
  readonly number: number;
  readonly #options: ServerStreamOptions;
  #outgoing: HttpOutgoing | undefined;
  /** The last event that was handed to a response. */
  #sentAt = 0;
  #resting: NodeJS.Timeout | undefined;

  constructor(options: ServerStreamOptions) {
    this.#options = options;
    this.number = options.log.begin();
  }

  /** Whether a response carries it now. */
  get carried(): boolean {
    return this.#outgoing !== undefined;
  }

  get pendingBytes(): number {
    return this.#outgoing?.pendingBytes ?? 0;
  }

  /** Goes on in this response with what none has carried yet, or, for a client that says where it was, with all after `at`. */
  carry(outgoing: HttpOutgoing, headers?: readonly string[], at: number = this.#sentAt): void {
    const { log, primes, retryMs, maxStreamMs } = this.#options;
    // A client that has gone already would never be reported as gone.
    if (!outgoing.writable) return;
    this.#leave(true);
    this.#outgoing = outgoing;
    outgoing.attach(this);
    outgoing.open(headers);
    const missed = log.after({ stream: this.number, at })?.frames ?? [];
    // It stands after what is sent now, so it comes last: who has seen it has seen all of that.
    for (const frame of missed) outgoing.write(frame);
    const comesBack = primes();
    if (comesBack) outgoing.write(primerFrame(log.mark(this.number), retryMs));
    this.#sentAt = Infinity;
    if (comesBack && maxStreamMs !== undefined)
      this.#resting = setTimeout(() => this.#leave(true), maxStreamMs).unref();
    this.#options.moved();
  }

  /** Resolves when there is room for more: at once while nobody is there. `vital`: as `EventLog.append`. */
  write(message: Uint8Array, vital: boolean): Promise<void> {
    const { at, frame } = this.#options.log.append(this.number, message, vital);
    const outgoing = this.#outgoing;
    if (outgoing === undefined) {
      // The first event that nobody was there for is the first that the next response carries.
      if (this.#sentAt === Infinity) this.#sentAt = at - 1;
      return done;
    }
    return outgoing.write(frame) ? done : outgoing.drained();
  }

  /** Nothing more will be said. */
  end(): void {
    this.#options.log.end(this.number, this.carried ? takenKeepMs : missedKeepMs);
    this.#leave(true);
    this.#options.ended();
  }

  /** Cuts off a client that does not read. */
  cut(): void {
    const outgoing = this.#outgoing;
    this.#leave(false);
    outgoing?.destroy();
  }

  gone(): void {
    this.#leave(false);
  }

  silent(): void {}

  #leave(ends: boolean): void {
    const outgoing = this.#outgoing;
    if (outgoing === undefined) return;
    clearTimeout(this.#resting);
    this.#outgoing = undefined;
    // What becomes of that response concerns nobody any more, least of all where another one carries the stream already.
    outgoing.attach(nobody);
    if (ends) outgoing.end();
    this.#options.moved();
  }
}

const nobody: HttpOutgoingListener = { gone() {}, silent() {} };
