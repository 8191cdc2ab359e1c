import type { TraceContext } from '../../../call.ts';
import { RawJson } from '../../../wire/raw-json.ts';
import { rawArray } from '../../../wire/raw-object.ts';
import type { Accepted } from '../../http/http-accept.ts';
import type { HttpOutgoing, HttpOutgoingListener } from '../../http/http-incoming.ts';
import { jsonHeaders } from '../../http/http-refusal.ts';
import type { ServerStream } from './server-stream.ts';

export interface HttpServerLaneParts {
  readonly outgoing: HttpOutgoing;
  readonly accepted: Accepted;
  /** Of the response, where it opens a session. */
  readonly headers: readonly string[];
  /** Requests that the POST brought; more than one, or an array of one, is a batch. */
  readonly requests: number;
  readonly isBatch: boolean;
  /** Of the POST, and so of all its requests. */
  readonly trace: TraceContext | undefined;
  readonly openStream: () => ServerStream;
  /** After this time without a reply the stream is opened, so that a client that loses the response can come back; `undefined` for never. */
  readonly primeMs: number | undefined;
}

const done: Promise<void> = Promise.resolve();

/** The response to one POST of a session: JSON if there is nothing to say but the replies, else an event stream. */
export class HttpServerLane implements HttpOutgoingListener {
  readonly #parts: HttpServerLaneParts;
  /** Replies that wait for the others of their batch. */
  readonly #replies: Uint8Array[] = [];
  #waiting: number;
  #stream: ServerStream | undefined;
  #priming: NodeJS.Timeout | undefined;

  constructor(parts: HttpServerLaneParts) {
    this.#parts = parts;
    this.#waiting = parts.requests;
    parts.outgoing.attach(this);
    if (parts.primeMs !== undefined && parts.accepted.events)
      this.#priming = setTimeout(() => this.silent(), parts.primeMs).unref();
  }

  get trace(): TraceContext | undefined {
    return this.#parts.trace;
  }

  get opensSession(): boolean {
    return this.#parts.headers.length > 0;
  }

  /** Whether the client is there to read. */
  get carried(): boolean {
    return this.#stream?.carried ?? this.#parts.outgoing.writable;
  }

  get pendingBytes(): number {
    return this.#stream?.pendingBytes ?? 0;
  }

  gone(): void {
    clearTimeout(this.#priming);
  }

  silent(): void {
    if (this.#parts.accepted.events) this.#open();
  }

  say(message: Uint8Array, vital: boolean): Promise<void> {
    if (!this.#parts.accepted.events) return done;
    return this.#open()?.write(message, vital) ?? done;
  }

  /** The reply to one of the requests. `good`: a result. */
  reply(message: Uint8Array, good: boolean): void {
    this.#waiting -= 1;
    if (this.#stream === undefined && this.#parts.accepted.json) {
      this.#replies.push(message);
      if (this.#waiting === 0) this.#respond(good);
      return;
    }
    void this.#open()?.write(message, true);
    if (this.#waiting === 0) this.#finish();
  }

  /** One of the requests gets no reply. */
  drop(): void {
    this.#waiting -= 1;
    if (this.#waiting > 0) return;
    if (this.#stream === undefined && this.#replies.length > 0) this.#respond(true);
    else this.finish();
  }

  /** Nothing more is said. */
  finish(): void {
    if (this.#parts.accepted.events) this.#open();
    else this.#parts.outgoing.respond(202, []);
    this.#finish();
  }

  /** Cuts off a client that does not read. */
  cut(): void {
    clearTimeout(this.#priming);
    if (this.#stream === undefined) this.#parts.outgoing.destroy();
    else this.#stream.cut();
  }

  #respond(good: boolean): void {
    clearTimeout(this.#priming);
    const { outgoing, headers, isBatch } = this.#parts;
    const body = isBatch
      ? [rawArray(this.#replies.map((reply) => new RawJson(reply))).bytes]
      : this.#replies.slice(0, 1);
    outgoing.respond(200, good ? [...jsonHeaders, ...headers] : jsonHeaders, ...body);
  }

  #finish(): void {
    clearTimeout(this.#priming);
    this.#stream?.end();
  }

  /** `undefined` where the client went away before it could know how to come back. */
  #open(): ServerStream | undefined {
    if (this.#stream !== undefined) return this.#stream;
    clearTimeout(this.#priming);
    const { outgoing, headers, openStream } = this.#parts;
    if (!outgoing.writable) return undefined;
    this.#stream = openStream();
    this.#stream.carry(outgoing, headers);
    for (const reply of this.#replies.splice(0)) void this.#stream.write(reply, true);
    return this.#stream;
  }
}
