import { ToolyardError } from '../../../errors/toolyard-error.ts';
import type { MessageId } from '../../../pipe.ts';
import { type Envelope, readEnvelope } from '../../../wire/envelope.ts';
import { idKey } from '../../../wire/message-id.ts';
import { encodeUtf8 } from '../../../wire/text.ts';
import { failureError, malformedError, statusError } from '../../http/http-errors.ts';
import {
  firstHeader,
  type HttpEvent,
  type HttpExchange,
  type HttpFailure,
  type HttpHeaders,
  type HttpInFlight,
  type HttpReceiver,
} from '../../http/http-exchange.ts';
import { readBatch } from './batch.ts';

/** What a lane needs of its pipe. */
export interface LaneHost {
  readonly exchange: HttpExchange;
  readonly upstream: string;
  headers(extra: readonly string[]): string[];
  /** Whether this server may answer with an array of messages (2025-03-26). */
  readonly hasBatches: boolean;
  /** Whether the server gave the session an id. */
  readonly hasSession: boolean;
  learnSession(sessionId: string | undefined): void;
  deliver(bytes: Uint8Array, envelope: Envelope | undefined, about: MessageId | undefined): Promise<void> | void;
  /** A POST was answered with a status that is no success, whatever came with it. */
  declined(status: number): void;
  refused(status: number, taken: boolean): ToolyardError;
  lost(error: ToolyardError): void;
}

const postHeaders = ['content-type', 'application/json', 'accept', 'application/json, text/event-stream'];
const getHeaders = ['accept', 'text/event-stream'];
/** When a stream is opened anew unless its server said otherwise; doubled after each attempt that brought nothing, up to the longest. */
const defaultRetryMs = 1_000;
const shortestRetryMs = 10;
const longestRetryMs = 30_000;
const longStandingMs = 1_000;
/** A socket that was opened for a request is read later than one that stood open, by as much as a server that is busy takes to come to it. */
const overtakingMs = 50;
/** Attempts that bring nothing before a lost reply is given up. */
const maxAttempts = 5;
const methodUnknown = '-32601';

/**
 * One stream of messages from the server: the response to a POST, or the standing GET. Where it ends early and its server gave event ids,
 * it goes on with `Last-Event-ID` (spec 2025-11-25: basic/transports, resumability).
 */
export class HttpClientLane implements HttpReceiver {
  readonly #host: LaneHost;
  /** The request whose reply ends the lane; `undefined` for the standing stream, and for messages that get none. */
  readonly #id: MessageId | undefined;
  readonly #done: (error: ToolyardError | Error | undefined) => void;
  #flight: HttpInFlight | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lastEventId: string | undefined;
  #retryMs = defaultRetryMs;
  #attempts = 0;
  #postedMs = 0;
  /** The server has begun to answer. */
  #answered = false;
  #openedMs = 0;
  #standing = false;
  #stands: (() => void) | undefined;
  #streams = false;
  /** It was a stream once. */
  #streamed = false;
  #over = false;

  /** `done` is called once, with what went wrong if anything did. */
  constructor(host: LaneHost, id: MessageId | undefined, done: (error: Error | undefined) => void) {
    this.#host = host;
    this.#id = id;
    this.#done = done;
  }

  /** `aside`: as in `HttpRequest`. */
  post(message: Uint8Array, aside: boolean): void {
    this.#postedMs = performance.now();
    this.#flight = this.#host.exchange.start(
      { method: 'POST', headers: this.#host.headers(postHeaders), body: message, aside },
      this,
    );
  }

  /**
   * How long it may take until the server has read what was posted. Its cancellation goes by another socket, and a server that reads it first knows of no such
   * request, and runs it to its end.
   */
  get unreadMs(): number {
    return this.#answered ? 0 : Math.max(this.#postedMs + overtakingMs - performance.now(), 0);
  }

  /** `stands` is called each time the server has begun a stream. */
  stand(stands: () => void): void {
    this.#standing = true;
    this.#stands = stands;
    this.#get();
  }

  #get(): void {
    const resume = this.#lastEventId === undefined ? getHeaders : [...getHeaders, 'last-event-id', this.#lastEventId];
    this.#flight = this.#host.exchange.start(
      { method: 'GET', headers: this.#host.headers(resume), body: undefined },
      this,
    );
  }

  finish(error?: Error): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    this.#flight?.abort();
    this.#done(error);
  }

  head(status: number, headers: HttpHeaders): void {
    this.#answered = true;
    this.#openedMs = performance.now();
    this.#streams =
      status === 200 && (firstHeader(headers, 'content-type') ?? '').toLowerCase().startsWith('text/event-stream');
    this.#streamed ||= this.#streams;
    if (this.#streams) this.#stands?.();
    if (status === 200) this.#host.learnSession(firstHeader(headers, 'mcp-session-id'));
  }

  body(bytes: Uint8Array, status: number): void {
    if (this.#over) return;
    this.#flight = undefined;
    if (this.#standing) return this.finish(this.#noStream(status));
    if (status >= 200 && status < 300) {
      if (this.#id === undefined) return this.finish();
      if (bytes.length === 0)
        return this.finish(
          malformedError(this.#host.upstream, `status ${status} and nothing else in answer to a request`),
        );
      const { replied } = this.#deliver(bytes);
      return this.finish(replied ? undefined : malformedError(this.#host.upstream, 'no reply in answer to a request'));
    }
    this.#host.declined(status);
    const envelope = read(bytes);
    if (this.#isReply(envelope) && !this.#forgets(status, envelope)) {
      void this.#host.deliver(bytes, envelope, this.#id);
      return this.finish();
    }
    this.finish(this.#host.refused(status, this.#lastEventId !== undefined));
  }

  /** A 404 ends the session whatever is said with it (spec 2025-11-25: basic/transports, session management), but for servers that say in this way that they do not know a method. */
  #forgets(status: number, envelope: Envelope | undefined): boolean {
    if (status !== 404 || !this.#host.hasSession || envelope?.kind !== 'error') return false;
    return envelope.error.member('code')?.text !== methodUnknown;
  }

  /** A server without a route for GET says 404 to it; that the session is gone is believed of one that had the stream, and of the answer to a POST. */
  #noStream(status: number): Error | undefined {
    if (status === 405) return undefined;
    if (status === 404 && !this.#streamed) return statusError(this.#host.upstream, status);
    return this.#host.refused(status, false);
  }

  event({ data, id, retryMs, event }: HttpEvent): Promise<void> | void {
    if (id !== undefined && id !== '' && id !== this.#lastEventId) {
      this.#lastEventId = id;
      this.#attempts = 0;
    }
    if (retryMs !== undefined) this.#retryMs = Math.min(Math.max(retryMs, shortestRetryMs), longestRetryMs);
    if (data === '' || this.#over || (event !== undefined && event !== 'message')) return;
    this.#attempts = 0;
    const { room, replied } = this.#deliver(encodeUtf8(data));
    if (replied) this.#replied();
    return room;
  }

  #deliver(bytes: Uint8Array): { readonly room: Promise<void> | undefined; readonly replied: boolean } {
    const messages = this.#host.hasBatches ? (readBatch(bytes) ?? [bytes]) : [bytes];
    let room: Promise<void> | undefined;
    let replied = false;
    for (const message of messages) {
      const envelope = read(message);
      const wait = this.#host.deliver(message, envelope, this.#id);
      // Whoever has no room for one has none for the next, so the last promise stands for all.
      if (wait instanceof Promise) room = wait;
      replied ||= this.#isReply(envelope);
    }
    return { room, replied };
  }

  /** The server should end the stream now; nobody waits for it. */
  #replied(): void {
    const flight = this.#flight;
    this.#flight = undefined;
    this.finish();
    setTimeout(() => flight?.abort(), defaultRetryMs).unref();
  }

  end(): void {
    if (this.#over) return;
    if (this.#id === undefined && !this.#standing) return this.finish();
    this.#again(
      new ToolyardError(
        'UPSTREAM_CLOSED',
        { upstream: this.#host.upstream },
        `${this.#host.upstream} ended the response without the reply.`,
      ),
    );
  }

  failed(failure: HttpFailure, cause: Error): void {
    if (this.#over) return;
    const error = failureError(this.#host.upstream, failure, cause);
    if (failure === 'unreachable') {
      this.finish(error);
      this.#host.lost(error);
    } else if (failure === 'closed' && this.#streams) this.#again(error);
    else this.finish(error);
  }

  #again(error: Error): void {
    this.#flight = undefined;
    // A stream that stood for a while did not fail: a server may close it and have us poll (spec 2025-11-25: basic/transports).
    if (this.#streams && performance.now() - this.#openedMs >= longStandingMs) this.#attempts = 0;
    this.#streams = false;
    if (!this.#standing && (this.#lastEventId === undefined || this.#attempts >= maxAttempts))
      return this.finish(error);
    const waitMs = Math.min(this.#retryMs * 2 ** this.#attempts, longestRetryMs);
    this.#attempts += 1;
    this.#timer = setTimeout(() => this.#get(), waitMs);
  }

  #isReply(envelope: Envelope | undefined): boolean {
    if (this.#id === undefined || (envelope?.kind !== 'result' && envelope?.kind !== 'error')) return false;
    return envelope.id !== undefined && idKey(envelope.id) === idKey(this.#id);
  }
}

function read(bytes: Uint8Array): Envelope | undefined {
  try {
    return readEnvelope(bytes);
  } catch {
    return undefined;
  }
}
