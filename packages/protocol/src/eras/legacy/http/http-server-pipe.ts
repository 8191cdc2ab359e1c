import type { TraceContext } from '../../../call.ts';
import { ToolyardError } from '../../../errors/toolyard-error.ts';
import { OpenEntries } from '../../../open-items.ts';
import type { MessageId, Pipe, PipeReceiver } from '../../../pipe.ts';
import { encodeNotification } from '../../../wire/encode.ts';
import { type Envelope, readEnvelope } from '../../../wire/envelope.ts';
import { idKey } from '../../../wire/message-id.ts';
import { RawJson } from '../../../wire/raw-json.ts';
import { RawObject } from '../../../wire/raw-object.ts';
import { encodeUtf8 } from '../../../wire/text.ts';
import type { Accepted } from '../../http/http-accept.ts';
import type { HttpOutgoing } from '../../http/http-incoming.ts';
import { hasBatches, hasStreamPolling } from '../../revisions.ts';
import type { EventLog } from './events/event-log.ts';
import { HttpServerLane } from './http-server-lane.ts';
import { ServerStream } from './server-stream.ts';

/** One message of a client, as it came and as it was read. */
export interface PostedMessage {
  readonly bytes: Uint8Array;
  readonly envelope: Envelope;
}

export interface PostOptions {
  /** Default `false`. */
  readonly isBatch?: boolean;
  readonly trace?: TraceContext | undefined;
}

export interface HttpServerPipeOptions {
  readonly sessionId: string;
  /** Closed with the pipe. */
  readonly log: EventLog;
  readonly maxPendingBytes: number;
  readonly primeMs: number;
  readonly retryMs: number;
  readonly maxStreamMs: number | undefined;
}

const done: Promise<void> = Promise.resolve();

/**
 * One session of Streamable HTTP before 2026-07-28 as a pipe. What is sent about a request goes to the response of the POST that brought it: JSON if
 * that is all there is to say, else an event stream. What is about none goes to the GET stream, and is kept, bounded, while there is none.
 *
 * A client that disconnects has not cancelled: its call goes on, and what is said on a stream that it knows waits in the log until it is back.
 */
export class HttpServerPipe implements Pipe {
  readonly #options: HttpServerPipeOptions;
  readonly #lanes = new OpenEntries<string, HttpServerLane>();
  /** Those of which more may come. */
  readonly #streams = new Map<number, ServerStream>();
  readonly #standing: ServerStream;
  #revision: string | undefined;
  #receiver: PipeReceiver | undefined;
  #closed = false;
  #usedMs: number = performance.now();

  constructor(options: HttpServerPipeOptions) {
    this.#options = options;
    this.#standing = this.#openStream();
  }

  /** Whether a client is there for a call or a stream. */
  get busy(): boolean {
    if (this.#standing.carried) return true;
    for (const lane of this.#lanes.values()) if (lane.carried) return true;
    return false;
  }

  /** When something last happened, in milliseconds of `performance.now()`. */
  get usedMs(): number {
    return this.#usedMs;
  }

  get hasBatches(): boolean {
    return this.#revision !== undefined && hasBatches(this.#revision);
  }

  start(receiver: PipeReceiver): void {
    this.#receiver = receiver;
  }

  traceOf(request: MessageId): TraceContext | undefined {
    return this.#lanes.get(idKey(request))?.trace;
  }

  /** The message of one POST, or the messages of a batch; they share the response. Throws before anything is done where a request cannot be begun. */
  post(messages: readonly PostedMessage[], outgoing: HttpOutgoing, accepted: Accepted, how: PostOptions = {}): void {
    this.#usedMs = performance.now();
    const keys = this.#keysOf(messages);
    if (keys.length > 0) {
      const opensSession =
        this.#revision === undefined &&
        messages.some(({ envelope }) => envelope.kind === 'request' && envelope.method === 'initialize');
      const lane = new HttpServerLane({
        outgoing,
        accepted,
        headers: opensSession ? ['mcp-session-id', this.#options.sessionId] : [],
        requests: keys.length,
        isBatch: how.isBatch ?? false,
        trace: how.trace,
        openStream: () => this.#openStream(),
        primeMs: this.#primes ? this.#options.primeMs : undefined,
      });
      for (const key of keys) this.#lanes.set(key, lane);
    }
    for (const { bytes } of messages) void this.#receiver?.message(bytes);
    if (keys.length === 0) outgoing.respond(202, []);
    for (const { envelope } of messages) this.#cancelled(envelope);
  }

  /** Of the requests, each once. */
  #keysOf(messages: readonly PostedMessage[]): string[] {
    const keys: string[] = [];
    for (const { envelope } of messages) {
      if (envelope.kind !== 'request') continue;
      const key = idKey(envelope.id);
      if (this.#lanes.has(key)) throw invalid('a request of this id is in flight');
      if (keys.includes(key)) throw invalid('two requests of a batch have the same id');
      keys.push(key);
    }
    return keys;
  }

  /** A request that was cancelled gets no reply, so its response ends here (spec 2025-11-25: basic/utilities/cancellation). */
  #cancelled(envelope: Envelope): void {
    if (envelope.kind !== 'notification' || envelope.method !== 'notifications/cancelled') return;
    const key = idKey(envelope.params.member('requestId')?.text ?? '');
    this.#lanes.get(key)?.drop();
    this.#lanes.delete(key);
  }

  /** Carries what belongs to no request. A newer response replaces an older one, since a client that comes back may be quicker than the news that it went. */
  stand(outgoing: HttpOutgoing): void {
    this.#standing.carry(outgoing);
  }

  /** Goes on with a stream where a client has lost it. Throws where it is not known, and where nothing is left of it. */
  resume(lastEventId: string, outgoing: HttpOutgoing): void {
    const { log } = this.#options;
    const place = log.find(lastEventId);
    if (place === undefined) throw invalid('this Last-Event-ID was not given out in this session');
    const stream = this.#streams.get(place.stream);
    const missed = log.after(place);
    if (missed?.lost === true || (missed === undefined && stream === undefined)) throw gone();
    if (stream !== undefined) return stream.carry(outgoing, undefined, place.at);
    // Everything was seen, so there is no stream: a client that was answered with an empty one would come back for ever.
    if (missed === undefined || missed.frames.length === 0)
      throw new ToolyardError(
        'METHOD_NOT_ALLOWED',
        { method: 'GET' },
        'That stream is over, and nothing of it was missed.',
      );
    this.#usedMs = performance.now();
    outgoing.open();
    for (const frame of missed.frames) outgoing.write(frame);
    outgoing.end();
  }

  send(message: Uint8Array, about?: MessageId): Promise<void> {
    if (this.#closed) return Promise.reject(new ToolyardError('CLOSED', { what: 'session' }, 'The session is over.'));
    if (about === undefined) return this.#announce(message);
    const key = idKey(about);
    const lane = this.#lanes.get(key);
    if (lane === undefined) return done;
    const envelope = readEnvelope(message);
    if (envelope.kind === 'result' || envelope.kind === 'error') {
      this.#lanes.delete(key);
      this.#reply(lane, message, envelope);
      return done;
    }
    if (lane.pendingBytes > 0 && lane.pendingBytes + message.length > this.#options.maxPendingBytes) {
      this.#tooSlow(about, key, lane);
      return done;
    }
    return lane.say(message, envelope.kind === 'request');
  }

  #reply(lane: HttpServerLane, message: Uint8Array, envelope: Envelope): void {
    this.#usedMs = performance.now();
    if (lane.opensSession && envelope.kind === 'result') this.#revision ??= envelope.result.string('protocolVersion');
    lane.reply(message, envelope.kind === 'result');
    // Without a handshake there is no session.
    if (envelope.kind === 'error' && lane.opensSession) queueMicrotask(() => void this.close());
  }

  #announce(message: Uint8Array): Promise<void> {
    const stream = this.#standing;
    // The client can come back, and is told then what the log still has.
    if (stream.pendingBytes > 0 && stream.pendingBytes + message.length > this.#options.maxPendingBytes) stream.cut();
    return stream.write(message, false);
  }

  get #primes(): boolean {
    return this.#revision !== undefined && hasStreamPolling(this.#revision);
  }

  #openStream(): ServerStream {
    const { log, retryMs, maxStreamMs } = this.#options;
    const stream: ServerStream = new ServerStream({
      log,
      primes: () => this.#primes,
      retryMs,
      maxStreamMs,
      moved: () => void (this.#usedMs = performance.now()),
      ended: () => void this.#streams.delete(stream.number),
    });
    this.#streams.set(stream.number, stream);
    return stream;
  }

  /** The session's language has one word for a call that nobody waits for. */
  #tooSlow(about: MessageId, key: string, lane: HttpServerLane): void {
    this.#lanes.delete(key);
    lane.cut();
    lane.drop();
    const params = RawObject.of({ requestId: new RawJson(encodeUtf8(about)), reason: 'the client reads too slowly' });
    void this.#receiver?.message(encodeNotification('notifications/cancelled', params));
  }

  close(): Promise<void> {
    if (this.#closed) return done;
    this.#closed = true;
    for (const lane of new Set(this.#lanes.values())) lane.finish();
    this.#lanes.clear();
    this.#standing.end();
    this.#options.log.close();
    this.#receiver?.closed();
    return done;
  }
}

function gone(): ToolyardError<'EVENTS_GONE'> {
  return new ToolyardError('EVENTS_GONE', {}, 'What came after this Last-Event-ID is not kept any more.');
}

function invalid(reason: string): ToolyardError<'INVALID_REQUEST'> {
  return new ToolyardError('INVALID_REQUEST', { reason }, `Invalid request: ${reason}.`);
}
