import { ToolyardError } from '../../../errors/toolyard-error.ts';
import type { Pipe, PipeReceiver } from '../../../pipe.ts';
import { readEnvelope } from '../../../wire/envelope.ts';
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
import { hasVersionHeader } from '../../revisions.ts';
import { sessionForgotten, sessionLost } from '../client/sessions/session-loss.ts';
import { cancelledId } from './cancelled-id.ts';
import { UnacceptedCalls } from './unaccepted-calls.ts';

export interface SseClientOptions {
  readonly upstream: string;
  /** The URL that `exchange` leads to; the endpoint event is read relative to it. */
  readonly url: string;
  /** Sent with every request, after the headers the protocol needs: name, value, name, value. */
  readonly headers: readonly string[];
  /** Ends the opening. */
  readonly signal: AbortSignal;
  /** How long a stream may be silent before it is taken for something else. Default 5,000. */
  readonly endpointTimeoutMs?: number;
}

const defaultEndpointTimeoutMs = 5_000;
/** What a place answers that has no such stream; any other refusal is about something else. */
const noStream: ReadonlySet<number> = new Set([400, 404, 405, 406]);

/**
 * Opens the transport of 2024-11-05 as a pipe: messages come on one event stream, and go as POSTs to the place that its first event, `endpoint`,
 * names (spec 2024-11-05: basic/transports, HTTP with SSE). Resolves with `undefined` where no such stream is, leaving `exchange` open.
 *
 * Rejects with `UPSTREAM_MALFORMED` where the endpoint is of another origin, since what is sent there carries credentials of this one. The stream is
 * the session: when it ends, the pipe closes. Owns `exchange` once it has resolved with a pipe, and where it rejects.
 */
export async function openSseClient(exchange: HttpExchange, options: SseClientOptions): Promise<Pipe | undefined> {
  const pipe = new SseClientPipe(exchange, options);
  try {
    return (await pipe.open()) ? pipe : undefined;
  } catch (error) {
    await pipe.close();
    throw error;
  }
}

class SseClientPipe implements Pipe, HttpReceiver {
  readonly #exchange: HttpExchange;
  readonly #options: SseClientOptions;
  readonly #opening: PromiseWithResolvers<boolean> = Promise.withResolvers<boolean>();
  #flight: HttpInFlight | undefined;
  #path: string | undefined;
  #revision: string | undefined;
  #receiver: PipeReceiver | undefined;
  #early: (() => void)[] = [];
  readonly #unaccepted = new UnacceptedCalls();
  #over: ToolyardError | undefined;
  #closing: Promise<void> | undefined;

  constructor(exchange: HttpExchange, options: SseClientOptions) {
    this.#exchange = exchange;
    this.#options = options;
  }

  async open(): Promise<boolean> {
    const { headers, signal, endpointTimeoutMs = defaultEndpointTimeoutMs } = this.#options;
    const aborted = (): void => this.#opening.reject(signal.reason);
    const timer = setTimeout(() => this.#opening.resolve(false), endpointTimeoutMs);
    this.#flight = this.#exchange.start(
      { method: 'GET', headers: ['accept', 'text/event-stream', ...headers], body: undefined },
      this,
    );
    if (signal.aborted) aborted();
    else signal.addEventListener('abort', aborted);
    try {
      const opened = await this.#opening.promise;
      if (!opened) this.#flight.abort();
      return opened;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
    }
  }

  head(status: number, headers: HttpHeaders): void {
    const type = firstHeader(headers, 'content-type') ?? '';
    if (status === 200 && !type.toLowerCase().startsWith('text/event-stream')) this.#opening.resolve(false);
  }

  body(_bytes: Uint8Array, status: number): void {
    if (noStream.has(status) || (status >= 200 && status < 300)) this.#opening.resolve(false);
    else this.#opening.reject(statusError(this.#options.upstream, status));
  }

  event({ event, data }: HttpEvent): Promise<void> | void {
    if (this.#path === undefined) return this.#begin(event, data);
    if (data === '' || (event !== undefined && event !== 'message')) return;
    const bytes = encodeUtf8(data);
    if (this.#revision === undefined || this.#unaccepted.anyCancelled) this.#look(bytes);
    if (this.#receiver !== undefined) return this.#receiver.message(bytes);
    this.#early.push(() => void this.#receiver?.message(bytes));
  }

  #begin(event: string | undefined, data: string): void {
    // A comment's companion (`retry`, an id) has no data; the stream of a newer server begins with a message.
    if (event !== 'endpoint') return void (data === '' || this.#opening.resolve(false));
    const { upstream, url } = this.#options;
    const endpoint = URL.parse(data, url);
    if (endpoint === null) return this.#opening.reject(malformedError(upstream, 'its endpoint event names no URL'));
    if (endpoint.origin !== new URL(url).origin)
      return this.#opening.reject(malformedError(upstream, `its endpoint is of another origin (${endpoint.origin})`));
    this.#path = endpoint.pathname + endpoint.search;
    this.#opening.resolve(true);
  }

  #look(bytes: Uint8Array): void {
    try {
      const envelope = readEnvelope(bytes);
      if (envelope.kind !== 'result' && envelope.kind !== 'error') return;
      if (envelope.id !== undefined) this.#unaccepted.replied(envelope.id);
      // The first result is the answer to `initialize`.
      if (envelope.kind === 'result') this.#revision ??= envelope.result.string('protocolVersion') ?? '';
    } catch {
      // Whoever receives it judges it.
    }
  }

  end(): void {
    const { upstream } = this.#options;
    this.#opening.resolve(false);
    this.#end(new ToolyardError('UPSTREAM_CLOSED', { upstream }, `${upstream} ended the stream that is its session.`));
  }

  failed(failure: HttpFailure, cause: Error): void {
    const error = failureError(this.#options.upstream, failure, cause);
    this.#opening.reject(error);
    this.#end(error);
  }

  start(receiver: PipeReceiver): void {
    this.#receiver = receiver;
    for (const act of this.#early.splice(0)) act();
  }

  send(message: Uint8Array): Promise<void> {
    if (this.#over !== undefined) return Promise.reject(this.#over);
    const envelope = readEnvelope(message);
    const cancelled = cancelledId(envelope);
    const accepted = cancelled === undefined ? undefined : this.#unaccepted.whenAccepted(cancelled);
    if (accepted !== undefined)
      return accepted.then((open) => (open && this.#over === undefined ? this.#post(message, true) : undefined));
    if (envelope.kind !== 'request') return this.#post(message, true);
    const { id } = envelope;
    const accept = (): void => this.#unaccepted.accepted(id);
    const posted = this.#post(message, false, (giveUp) => this.#unaccepted.add(id, { giveUp }));
    posted.then(accept, accept);
    return posted;
  }

  /** `aside`: as in `HttpRequest`. `begun` is given what ends it as if it had been accepted. */
  #post(message: Uint8Array, aside: boolean, begun?: (giveUp: () => void) => void): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const { upstream } = this.#options;
    const flight = this.#exchange.start(
      { method: 'POST', path: this.#path ?? '', headers: this.#postHeaders(), body: message, aside },
      {
        body: (_, status) => (status >= 200 && status < 300 ? resolve() : reject(this.#refused(status))),
        event: () => {},
        end: resolve,
        failed: (failure, cause) => {
          const error = failureError(upstream, failure, cause);
          reject(error);
          if (failure === 'unreachable') this.#end(error);
        },
      },
    );
    begun?.(() => {
      flight.abort();
      resolve();
    });
    return promise;
  }

  #postHeaders(): string[] {
    const all = ['content-type', 'application/json', ...this.#options.headers];
    if (this.#revision !== undefined && hasVersionHeader(this.#revision))
      all.push('mcp-protocol-version', this.#revision);
    return all;
  }

  #refused(status: number): ToolyardError {
    const { upstream } = this.#options;
    if (status !== 404) return statusError(upstream, status);
    const error = sessionForgotten(upstream);
    // The request that was refused fails before the session does, since unlike all others it may be made again.
    setImmediate(() => this.#end(sessionLost(error)));
    return error;
  }

  #end(reason: ToolyardError | undefined): void {
    if (this.#over !== undefined) return;
    const { upstream } = this.#options;
    this.#over = new ToolyardError('CLOSED', { what: upstream }, `The session with ${upstream} is over.`, {
      cause: reason,
    });
    this.#flight?.abort();
    this.#unaccepted.clear();
    const tell = (): void => this.#receiver?.closed(reason);
    if (this.#receiver === undefined) this.#early.push(tell);
    else tell();
    void this.close();
  }

  close(): Promise<void> {
    if (this.#closing !== undefined) return this.#closing;
    this.#closing = this.#exchange.close();
    this.#end(undefined);
    return this.#closing;
  }
}
