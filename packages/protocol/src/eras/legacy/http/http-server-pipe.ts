import { ToolyardError } from '../../../errors/toolyard-error.ts';
import type { MessageId, Pipe, PipeReceiver } from '../../../pipe.ts';
import { encodeNotification } from '../../../wire/encode.ts';
import { type Envelope, readEnvelope } from '../../../wire/envelope.ts';
import { idKey } from '../../../wire/message-id.ts';
import { RawJson } from '../../../wire/raw-json.ts';
import { RawObject } from '../../../wire/raw-object.ts';
import { encodeUtf8 } from '../../../wire/text.ts';
import { eventFrame } from '../../http/event-frame.ts';
import type { Accepted } from '../../http/http-accept.ts';
import type { HttpOutgoing } from '../../http/http-incoming.ts';
import { HttpServerLane } from './http-server-lane.ts';

const done: Promise<void> = Promise.resolve();
/** Messages kept for a client that has no stream open at the moment; older ones are dropped beyond it. */
const maxKept = 100;

/**
 * One session of Streamable HTTP before 2026-07-28 as a pipe. What is sent about a request goes to the response of the POST that brought it: JSON if
 * that is all there is to say, else an event stream. What is about none goes to the GET stream, and is kept, bounded, while there is none.
 *
 * A client that disconnects has not cancelled: its call goes on, and what is sent about it is dropped. (Keeping it for a client that comes
 * back with `Last-Event-ID` belongs in `send`, where `lane` is undefined.)
 */
export class HttpServerPipe implements Pipe {
  readonly #sessionHeaders: readonly string[];
  readonly #maxPendingBytes: number;
  readonly #lanes = new Map<string, HttpServerLane>();
  readonly #kept: Uint8Array[] = [];
  #keptBytes = 0;
  #standing: HttpOutgoing | undefined;
  #receiver: PipeReceiver | undefined;
  #closed = false;
  #usedMs: number = performance.now();

  constructor(sessionId: string, maxPendingBytes: number) {
    this.#sessionHeaders = ['mcp-session-id', sessionId];
    this.#maxPendingBytes = maxPendingBytes;
  }

  /** Whether a call or a stream is open. */
  get busy(): boolean {
    return this.#lanes.size > 0 || this.#standing !== undefined;
  }

  /** When something last happened, in milliseconds of `performance.now()`. */
  get usedMs(): number {
    return this.#usedMs;
  }

  start(receiver: PipeReceiver): void {
    this.#receiver = receiver;
  }

  /** One message of the client. */
  post(message: Uint8Array, envelope: Envelope, outgoing: HttpOutgoing, accepted: Accepted): void {
    this.#usedMs = performance.now();
    if (envelope.kind === 'request') {
      const key = idKey(envelope.id);
      if (this.#lanes.has(key)) {
        throw new ToolyardError(
          'INVALID_REQUEST',
          { reason: 'a request of this id is in flight' },
          'A request of this id is in flight already.',
        );
      }
      const lane = new HttpServerLane(
        outgoing,
        accepted,
        envelope.method === 'initialize' ? this.#sessionHeaders : [],
        () => this.#gone(key, lane),
      );
      this.#lanes.set(key, lane);
      void this.#receiver?.message(message);
      return;
    }
    void this.#receiver?.message(message);
    outgoing.respond(202, []);
    // A request that was cancelled gets no reply, so its response ends here (spec 2025-11-25: basic/utilities/cancellation).
    if (envelope.kind === 'notification' && envelope.method === 'notifications/cancelled') {
      const key = idKey(envelope.params.member('requestId')?.text ?? '');
      this.#lanes.get(key)?.finish();
      this.#lanes.delete(key);
    }
  }

  stand(outgoing: HttpOutgoing): void {
    this.#usedMs = performance.now();
    this.#standing?.end();
    this.#standing = outgoing;
    const left = (): void => {
      this.#usedMs = performance.now();
      if (this.#standing === outgoing) this.#standing = undefined;
    };
    outgoing.attach({ gone: left, silent: () => {} });
    outgoing.open();
    for (const frame of this.#kept.splice(0)) outgoing.write(frame);
    this.#keptBytes = 0;
  }

  send(message: Uint8Array, about?: MessageId): Promise<void> {
    if (this.#closed) return Promise.reject(new ToolyardError('CLOSED', { what: 'session' }, 'The session is over.'));
    if (about === undefined) return this.#announce(message);
    const key = idKey(about);
    const lane = this.#lanes.get(key);
    if (lane === undefined) return done;
    const { kind } = readEnvelope(message);
    if (kind === 'result' || kind === 'error') {
      this.#usedMs = performance.now();
      this.#lanes.delete(key);
      // Without a handshake there is no session.
      lane.reply(message, kind === 'result');
      if (kind === 'error' && lane.opensSession) queueMicrotask(() => void this.close());
      return done;
    }
    if (lane.pendingBytes > 0 && lane.pendingBytes + message.length > this.#maxPendingBytes) {
      this.#tooSlow(about, key, lane);
      return done;
    }
    return lane.say(message);
  }

  #announce(message: Uint8Array): Promise<void> {
    const frame = eventFrame(message);
    const outgoing = this.#standing;
    if (outgoing === undefined) {
      this.#keep(frame);
      return done;
    }
    if (outgoing.pendingBytes > 0 && outgoing.pendingBytes + frame.length > this.#maxPendingBytes) {
      // The client can open another stream; what is lost are hints to ask again.
      outgoing.destroy();
      return done;
    }
    return outgoing.write(frame) ? done : outgoing.drained();
  }

  #keep(frame: Uint8Array): void {
    this.#kept.push(frame);
    this.#keptBytes += frame.length;
    while (this.#kept.length > maxKept || this.#keptBytes > this.#maxPendingBytes)
      this.#keptBytes -= this.#kept.shift()?.length ?? 0;
  }

  /** The session's language has one word for a call that nobody waits for. */
  #tooSlow(about: MessageId, key: string, lane: HttpServerLane): void {
    this.#lanes.delete(key);
    lane.destroy();
    const params = RawObject.of({ requestId: new RawJson(encodeUtf8(about)), reason: 'the client reads too slowly' });
    void this.#receiver?.message(encodeNotification('notifications/cancelled', params));
  }

  #gone(key: string, lane: HttpServerLane): void {
    this.#usedMs = performance.now();
    if (this.#lanes.get(key) === lane) this.#lanes.delete(key);
  }

  close(): Promise<void> {
    if (this.#closed) return done;
    this.#closed = true;
    for (const lane of this.#lanes.values()) lane.finish();
    this.#lanes.clear();
    this.#standing?.end();
    this.#standing = undefined;
    this.#receiver?.closed();
    return done;
  }
}
