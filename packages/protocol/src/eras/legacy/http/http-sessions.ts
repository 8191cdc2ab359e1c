import type { TraceContext } from '../../../call.ts';
import { ToolyardError } from '../../../errors/toolyard-error.ts';
import { readTraceContext } from '../../../headers/trace-context.ts';
import type { Pipe } from '../../../pipe.ts';
import type { Service } from '../../../service.ts';
import { type Envelope, readEnvelope } from '../../../wire/envelope.ts';
import { defaultMaxPendingBytes } from '../../defaults.ts';
import type { Accepted } from '../../http/http-accept.ts';
import type { HttpDoorOptions } from '../../http/http-door-options.ts';
import type { HttpIncoming, HttpOutgoing } from '../../http/http-incoming.ts';
import type { Serving } from '../../pipe/pipe-options.ts';
import { isLegacyRevision } from '../../revisions.ts';
import { serveLegacy } from '../server/server.ts';
import { readBatch } from './batch.ts';
import { createEventLog } from './events/event-log.ts';
import type { EventStore } from './events/event-store.ts';
import { memoryEventStore } from './events/memory-event-store.ts';
import { HttpServerPipe, type PostedMessage } from './http-server-pipe.ts';
import { SseServerPipe } from './sse-server-pipe.ts';

interface SessionOf<P extends Pipe> {
  readonly id: string;
  readonly principal: string;
  readonly tenant: string;
  readonly pipe: P;
  readonly serving: Serving;
}

interface StreamableSession extends SessionOf<HttpServerPipe> {
  readonly kind: 'streamable';
}

interface SseSession extends SessionOf<SseServerPipe> {
  readonly kind: 'sse';
}

type Session = StreamableSession | SseSession;

const defaultMaxSessions = 10_000;
const defaultIdleMs = 1_800_000;
const defaultPrimeMs = 1_000;
const defaultRetryMs = 1_000;
const defaultMaxBatch = 100;
const longestSweepMs = 15_000;
/** A session that was used so recently is not given up for another. */
const restMs = 60_000;
/** How long a search for one that may go is not repeated after it was in vain. */
const rescanMs = 1_000;

/**
 * Sessions of clients before 2026-07-28, over Streamable HTTP and over HTTP+SSE, bounded together. Each belongs to the principal that opened it;
 * to any other it does not exist.
 */
export class HttpSessions {
  readonly #service: Service;
  readonly #options: HttpDoorOptions;
  readonly #sessions = new Map<string, Session>();
  readonly #idleMs: number;
  readonly #maxPendingBytes: number;
  readonly #events: EventStore;
  #sweeper: NodeJS.Timeout | undefined;
  #noneIdleBeforeMs = 0;

  constructor(service: Service, options: HttpDoorOptions) {
    this.#service = service;
    this.#options = options;
    this.#idleMs = options.sessionIdleMs ?? defaultIdleMs;
    this.#maxPendingBytes = options.maxPendingBytes ?? defaultMaxPendingBytes;
    this.#events = options.eventStore ?? memoryEventStore();
  }

  get size(): number {
    return this.#sessions.size;
  }

  post(incoming: HttpIncoming, outgoing: HttpOutgoing, envelope: Envelope, accepted: Accepted): void {
    const opens =
      envelope.kind === 'request' &&
      envelope.method === 'initialize' &&
      incoming.header('mcp-session-id') === undefined;
    const { pipe } = opens ? this.#open(incoming) : this.#find(incoming);
    pipe.post([{ bytes: incoming.body, envelope }], outgoing, accepted, { trace: traceOf(incoming) });
  }

  /** An array of messages, which 2025-03-26 alone has (spec 2025-03-26: basic/transports). Nothing of it is done where anything in it is wrong. */
  postBatch(incoming: HttpIncoming, outgoing: HttpOutgoing, accepted: Accepted): void {
    if (incoming.header('mcp-session-id') === undefined) throw invalid('batches are not supported');
    const { pipe } = this.#find(incoming);
    if (!pipe.hasBatches) throw invalid('batches are not supported in the revision of this session');
    // Reading it whole names what is wrong with it as JSON.
    const messages = readBatch(incoming.body) ?? readWhole(incoming.body);
    const limit = this.#options.maxBatch ?? defaultMaxBatch;
    if (messages.length > limit) throw invalid(`a batch may have ${limit} messages`);
    const posted = messages.map((bytes): PostedMessage => ({ bytes, envelope: readEnvelope(bytes) }));
    checkBatch(posted);
    pipe.post(posted, outgoing, accepted, { isBatch: true, trace: traceOf(incoming) });
  }

  /** The stream for what belongs to no request, or, for a client that says where it was, the rest of the stream that it lost. */
  listen(incoming: HttpIncoming, outgoing: HttpOutgoing): void {
    const { pipe } = this.#find(incoming);
    const lastEventId = incoming.header('last-event-id');
    if (lastEventId === undefined || lastEventId === '') pipe.stand(outgoing);
    else pipe.resume(lastEventId, outgoing);
  }

  end(incoming: HttpIncoming, outgoing: HttpOutgoing): void {
    const session = this.#find(incoming);
    this.#sessions.delete(session.id);
    void session.serving.close();
    outgoing.respond(200, []);
  }

  /** Opens a session of HTTP+SSE, which lasts as long as this response. */
  openEvents(incoming: HttpIncoming, outgoing: HttpOutgoing, messagesPath: string): void {
    // A client that has gone already would never be reported as gone.
    if (!outgoing.writable) return;
    this.#admit();
    const id = randomId();
    const pipe = new SseServerPipe(outgoing, `${messagesPath}?sessionId=${id}`, this.#maxPendingBytes);
    this.#keep({ kind: 'sse', id, ...this.#serve(pipe, incoming) });
  }

  /** A message for such a session. */
  postMessage(incoming: HttpIncoming, outgoing: HttpOutgoing, sessionId: string | undefined): void {
    const { pipe } = this.#own(incoming, sessionId);
    if (!(pipe instanceof SseServerPipe)) throw unknown();
    checkVersion(incoming);
    // What is no message is refused here, where its sender sees it.
    readEnvelope(incoming.body);
    pipe.post(incoming.body, outgoing);
  }

  /** Resolves when no session is left. */
  async close(drainMs: number): Promise<void> {
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
    await Promise.all([...this.#sessions.values()].map(({ serving }) => serving.close({ drainMs })));
  }

  #find(incoming: HttpIncoming): StreamableSession {
    const id = incoming.header('mcp-session-id');
    if (id === undefined) throw invalid('Mcp-Session-Id is missing: initialize first, or send _meta of 2026-07-28');
    const session = this.#own(incoming, id);
    if (session.kind !== 'streamable') throw unknown();
    checkVersion(incoming);
    return session;
  }

  #own({ principal, tenant }: HttpIncoming, id: string | undefined): Session {
    const session = id === undefined ? undefined : this.#sessions.get(id);
    if (session === undefined || session.principal !== principal || session.tenant !== tenant) throw unknown();
    return session;
  }

  #open(incoming: HttpIncoming): StreamableSession {
    this.#admit();
    const id = randomId();
    const { primeMs, retryMs, maxStreamMs } = this.#options;
    const tag = randomId(6).replaceAll('-', '_');
    const pipe = new HttpServerPipe({
      sessionId: id,
      log: createEventLog(this.#events.open(tag), tag),
      maxPendingBytes: this.#maxPendingBytes,
      primeMs: primeMs ?? defaultPrimeMs,
      retryMs: retryMs ?? defaultRetryMs,
      maxStreamMs,
    });
    return this.#keep({ kind: 'streamable', id, ...this.#serve(pipe, incoming) });
  }

  #admit(): void {
    const limit = this.#options.maxSessions ?? defaultMaxSessions;
    if (this.#sessions.size < limit || this.#giveUpIdlest()) return;
    throw new ToolyardError('TOO_MANY_CALLS', { limit }, `There are ${limit} sessions already.`);
  }

  /** Many clients leave without a DELETE: where it is full, the session in which nothing happened for longest goes, a minute at least. */
  #giveUpIdlest(): boolean {
    const now = performance.now();
    if (now < this.#noneIdleBeforeMs) return false;
    let idlest: StreamableSession | undefined;
    for (const session of this.#sessions.values()) {
      if (session.kind !== 'streamable' || session.pipe.busy || now - session.pipe.usedMs < restMs) continue;
      if (idlest === undefined || session.pipe.usedMs < idlest.pipe.usedMs) idlest = session;
    }
    if (idlest === undefined) {
      this.#noneIdleBeforeMs = now + rescanMs;
      return false;
    }
    this.#sessions.delete(idlest.id);
    void idlest.serving.close();
    return true;
  }

  #serve<P extends Pipe>(pipe: P, { principal, tenant }: HttpIncoming): Omit<SessionOf<P>, 'id'> {
    return {
      principal,
      tenant,
      pipe,
      serving: serveLegacy(pipe, this.#service, { ...this.#options, principal, tenant }),
    };
  }

  #keep<S extends Session>(session: S): S {
    this.#sessions.set(session.id, session);
    void session.serving.closed.then(() => this.#sessions.delete(session.id));
    const everyMs = Math.max(Math.min(this.#idleMs / 4, longestSweepMs), 10);
    this.#sweeper ??= setInterval(() => this.#sweep(), everyMs).unref();
    return session;
  }

  #sweep(): void {
    this.#sweepEvents();
    const now = performance.now();
    for (const session of this.#sessions.values()) {
      // One of HTTP+SSE is over when its stream is.
      if (session.kind !== 'streamable') continue;
      const { id, pipe, serving } = session;
      if (pipe.busy || now - pipe.usedMs < this.#idleMs) continue;
      this.#sessions.delete(id);
      void serving.close();
    }
    if (this.#sessions.size > 0) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }

  #sweepEvents(): void {
    try {
      this.#events.sweep();
    } catch {
      // What a store of somebody else does not get rid of is its own; sessions have to be looked after all the same.
    }
  }
}

function traceOf(incoming: HttpIncoming): TraceContext | undefined {
  return readTraceContext((name) => incoming.header(name));
}

function readWhole(bytes: Uint8Array): never {
  readEnvelope(bytes);
  throw invalid('a batch is an array of messages');
}

/** Requests and notifications, or responses; never both, never none (spec 2025-03-26: basic/transports). */
function checkBatch(posted: readonly PostedMessage[]): void {
  if (posted.length === 0) throw invalid('a batch has at least one message');
  const responses = posted.filter(({ envelope: { kind } }) => kind === 'result' || kind === 'error').length;
  if (responses > 0 && responses < posted.length) throw invalid('a batch has responses or other messages, not both');
  if (posted.some(({ envelope }) => envelope.kind === 'request' && envelope.method === 'initialize'))
    throw invalid('initialize must not be part of a batch');
}

function checkVersion(incoming: HttpIncoming): void {
  const version = incoming.header('mcp-protocol-version');
  if (version !== undefined && !isLegacyRevision(version))
    throw invalid(`MCP-Protocol-Version ${version.slice(0, 64)} is not spoken in a session`);
}

/** In visible ASCII; of 24 bytes, nobody guesses it (spec: basic/transports, session management). */
function randomId(bytes = 24): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString('base64url');
}

function unknown(): ToolyardError<'SESSION_UNKNOWN'> {
  return new ToolyardError('SESSION_UNKNOWN', {}, 'There is no such session: initialize anew.');
}

function invalid(reason: string): ToolyardError<'INVALID_REQUEST'> {
  return new ToolyardError('INVALID_REQUEST', { reason }, `Invalid request: ${reason}.`);
}
