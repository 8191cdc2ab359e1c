import { ToolyardError } from '../../../errors/toolyard-error.ts';
import { OpenEntries } from '../../../open-items.ts';
import type { MessageId, PipeReceiver } from '../../../pipe.ts';
import { type Envelope, readEnvelope } from '../../../wire/envelope.ts';
import { statusError } from '../../http/http-errors.ts';
import type { HttpExchange } from '../../http/http-exchange.ts';
import { hasBatches, hasVersionHeader } from '../../revisions.ts';
import type { SessionPipe } from '../client/session-pipe.ts';
import { sessionForgotten, sessionLost } from '../client/sessions/session-loss.ts';
import { cancelledId } from './cancelled-id.ts';
import { HttpClientLane, type LaneHost } from './http-client-lane.ts';

export interface HttpClientPipeOptions {
  readonly upstream: string;
  /** Sent with every request, after the headers the protocol needs: name, value, name, value. */
  readonly headers: readonly string[];
  readonly onLog?: ((line: string) => void) | undefined;
  /** Told the status of each POST that was answered with no success, whatever came with it. */
  readonly onDeclined?: ((status: number) => void) | undefined;
  /** How long `close` waits for the server to take note that the session is over. Default 2,000. */
  readonly goodbyeMs?: number;
}

/**
 * A session of Streamable HTTP (2025-03-26 to 2025-11-25) as a pipe: `send` is a POST, messages come from the responses to POSTs and from the GET stream.
 *
 * `send` of a request stays pending until its response has ended, and rejects where that did not bring the reply; of anything else, until the
 * server has accepted it, and of `notifications/initialized` until the GET stream stands, or is known not to. Session id and revision are learnt from the
 * answer to `initialize`. The pipe closes when the server has forgotten the session (404), or cannot be reached. Owns `exchange`.
 */
export function httpClientPipe(exchange: HttpExchange, options: HttpClientPipeOptions): SessionPipe {
  return new HttpClientPipe(exchange, options);
}

const defaultGoodbyeMs = 2_000;

class HttpClientPipe implements SessionPipe, LaneHost {
  readonly exchange: HttpExchange;
  readonly upstream: string;
  readonly onLog: ((line: string) => void) | undefined;
  readonly #options: HttpClientPipeOptions;
  readonly #lanes = new OpenEntries<MessageId, HttpClientLane>();
  #receiver: PipeReceiver | undefined;
  #early: (() => void)[] = [];
  #sessionId: string | undefined;
  #revision: string | undefined;
  #standing: HttpClientLane | undefined;
  #hears = true;
  #over: Error | undefined;
  #closing: Promise<void> | undefined;

  constructor(exchange: HttpExchange, options: HttpClientPipeOptions) {
    this.exchange = exchange;
    this.upstream = options.upstream;
    this.onLog = options.onLog;
    this.#options = options;
  }

  start(receiver: PipeReceiver): void {
    this.#receiver = receiver;
    for (const act of this.#early.splice(0)) act();
  }

  send(message: Uint8Array): Promise<void> {
    if (this.#over !== undefined) return Promise.reject(this.#over);
    let envelope: Envelope;
    try {
      envelope = readEnvelope(message);
    } catch (error) {
      return Promise.reject(error);
    }
    const id = envelope.kind === 'request' ? envelope.id : undefined;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const cancelled = this.#lanes.get(cancelledId(envelope) ?? '');
    const lane = new HttpClientLane(this, id, (error) => {
      if (id !== undefined) this.#lanes.delete(id);
      // A cancelled request gets no reply (spec: cancellation), so nobody but us would end its stream.
      cancelled?.finish();
      if (isInitialized(envelope)) this.#hears = error === undefined;
      if (error !== undefined) reject(error);
      else if (isInitialized(envelope)) this.#listen(resolve);
      else resolve();
    });
    if (id !== undefined) this.#lanes.set(id, lane);
    const waitMs = cancelled?.unreadMs ?? 0;
    const aside = isAside(envelope);
    if (waitMs === 0) lane.post(message, aside);
    // After the end there is nobody to tell.
    else setTimeout(() => (this.#over === undefined ? lane.post(message, aside) : lane.finish()), waitMs).unref();
    return promise;
  }

  /** The stream for what belongs to no request. A server may have none (405). */
  #listen(settled: () => void): void {
    if (this.#over !== undefined || this.#standing !== undefined) return settled();
    this.#standing = new HttpClientLane(this, undefined, (error) => {
      this.#hears = false;
      settled();
      if (error !== undefined && this.#over === undefined)
        this.onLog?.(`no stream for notifications: ${error.message}`);
    });
    this.#standing.stand(settled);
  }

  get hears(): boolean {
    return this.#hears;
  }

  headers(extra: readonly string[]): string[] {
    const { headers } = this.#options;
    const all = [...extra, ...headers];
    if (this.#sessionId !== undefined) all.push('mcp-session-id', this.#sessionId);
    if (this.#revision !== undefined && hasVersionHeader(this.#revision))
      all.push('mcp-protocol-version', this.#revision);
    return all;
  }

  get hasBatches(): boolean {
    return this.#revision !== undefined && hasBatches(this.#revision);
  }

  declined(status: number): void {
    this.#options.onDeclined?.(status);
  }

  get hasSession(): boolean {
    return this.#sessionId !== undefined;
  }

  /** The answer to `initialize` names both, the first in a header and the second in its body. */
  learnSession(sessionId: string | undefined): void {
    if (this.#revision === undefined && sessionId !== undefined) this.#sessionId = sessionId;
  }

  deliver(bytes: Uint8Array, envelope: Envelope | undefined, about: MessageId | undefined): Promise<void> | void {
    if (this.#revision === undefined && envelope?.kind === 'result')
      this.#revision = envelope.result.string('protocolVersion');
    if (this.#receiver !== undefined) return this.#receiver.message(bytes, about);
    this.#early.push(() => void this.#receiver?.message(bytes, about));
  }

  lost(error: ToolyardError): void {
    this.#end(error);
    void this.exchange.close();
  }

  #end(reason: Error | undefined): void {
    if (this.#over !== undefined) return;
    this.#over = new ToolyardError('CLOSED', { what: this.upstream }, `The session with ${this.upstream} is over.`, {
      cause: reason,
    });
    const over = reason ?? this.#over;
    for (const lane of [...this.#lanes.values()]) lane.finish(over);
    this.#standing?.finish();
    const tell = (): void => this.#receiver?.closed(reason);
    if (this.#receiver === undefined) this.#early.push(tell);
    else tell();
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    const goodbye = this.#over === undefined && this.hasSession ? this.#goodbye() : undefined;
    this.#end(undefined);
    await goodbye;
    await this.exchange.close();
  }

  /** Ends the session at the server, which may refuse (405); nobody waits long for that. */
  #goodbye(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, this.#options.goodbyeMs ?? defaultGoodbyeMs);
    this.exchange.start(
      { method: 'DELETE', headers: this.headers([]), body: undefined, aside: true },
      { body: () => resolve(), event: () => {}, end: resolve, failed: () => resolve() },
    );
    return promise.finally(() => clearTimeout(timer));
  }

  /** What an HTTP refusal means for the session. `taken`: the server had begun to answer before. */
  refused(status: number, taken: boolean): ToolyardError {
    if (status !== 404 || !this.hasSession) return statusError(this.upstream, status);
    const error = sessionForgotten(this.upstream);
    const lost = sessionLost(error);
    // The request that was refused fails before the session does, since unlike all others it may be made again.
    setImmediate(() => this.lost(lost));
    return taken ? lost : error;
  }
}

/** What ends the handshake stays on the socket of the handshake. */
function isAside(envelope: Envelope): boolean {
  return envelope.kind !== 'request' && !isInitialized(envelope);
}

function isInitialized(envelope: Envelope): boolean {
  return envelope.kind === 'notification' && envelope.method === 'notifications/initialized';
}
