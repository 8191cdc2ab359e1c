import type { IncomingHttpHeaders } from 'node:http';
import type { HttpIncoming, HttpOutgoing, HttpOutgoingListener, OpenItem } from '@toolyard/protocol';

/** Who looks after exchanges while they are open. */
export interface ExchangeKeeper {
  /** One has begun. Returns the time, as of `performance.now()`; it may be that of the last round. */
  enter(exchange: Exchange): number;
  /** Nothing more will happen. Once. */
  left(exchange: Exchange): void;
}

const eventHeaders: readonly string[] = [
  'content-type',
  'text/event-stream',
  'cache-control',
  'no-cache, no-transform',
  // Keeps nginx from collecting the events (spec: basic/transports/streamable-http).
  'x-accel-buffering',
  'no',
];
const keepAlive = Buffer.from(':\n\n');
const noBody = Buffer.alloc(0);
/** A body up to this size leaves in one write with its head. */
const shortBytes = 16_384;

/**
 * One request at our door and its response: both faces of it in one object, since there is one for every call. What is the same whatever
 * carries it is here; subclasses read and write.
 */
export abstract class Exchange implements HttpIncoming, HttpOutgoing, OpenItem {
  place = -1;
  body: Uint8Array = noBody;
  principal = 'anonymous';
  tenant = 'default';
  /** Sent with every response: name, value, name, value. */
  extraHeaders: readonly string[] | undefined;
  readonly #keeper: ExchangeKeeper;
  #listener: HttpOutgoingListener | undefined;
  /** Shared by all that wait for it. */
  #room: PromiseWithResolvers<void> | undefined;
  #sentMs: number;
  #streams = false;
  #wrote = false;
  #ended = false;
  #closed = false;
  /** Whether a client that takes nothing would be cut off. */
  #watched = false;

  constructor(keeper: ExchangeKeeper) {
    this.#keeper = keeper;
    this.#sentMs = keeper.enter(this);
  }

  abstract readonly method: string;
  /** As it stands in the request line. */
  abstract readonly url: string;
  abstract readonly headers: IncomingHttpHeaders;
  abstract readonly pendingBytes: number;
  abstract header(name: string): string | undefined;
  /** `done` is called once: with the body, or with `too-large` as soon as that is sure; not at all where the client goes away first. */
  abstract readBody(maxBytes: number, done: (body: Uint8Array | 'too-large') => void): void;
  abstract destroy(): void;

  protected abstract sendWhole(status: number, headers: string[], body: readonly Uint8Array[]): void;
  /** The head of a stream. It may wait for the first chunk, or for `flushHead`. */
  protected abstract sendHead(headers: string[]): void;
  protected abstract flushHead(): void;
  /** False where `onDrain` is worth waiting for. */
  protected abstract sendChunk(chunk: Uint8Array): boolean;
  protected abstract sendEnd(): void;
  protected abstract readonly full: boolean;
  protected abstract onDrain(drained: () => void): void;
  /** Cuts the client off once it has taken nothing for this long; 0: never. */
  protected abstract limitStall(stallMs: number): void;

  get writable(): boolean {
    return !this.#ended && !this.#closed;
  }

  attach(listener: HttpOutgoingListener): void {
    this.#listener = listener;
  }

  respond(status: number, headers: readonly string[], ...body: readonly Uint8Array[]): void {
    if (!this.writable) return;
    this.#ended = true;
    let length = 0;
    for (const piece of body) length += piece.length;
    this.sendWhole(status, this.#all(headers, ['content-length', String(length)]), body);
  }

  open(headers: readonly string[] = []): void {
    if (!this.writable || this.#streams) return;
    this.#streams = true;
    this.sendHead(this.#all(eventHeaders, headers));
    // The first event usually follows at once, and then leaves together with the headers.
    process.nextTick(() => {
      if (!this.#wrote && !this.#closed) this.flushHead();
    });
  }

  #all(headers: readonly string[], more: readonly string[]): string[] {
    return this.extraHeaders === undefined ? [...headers, ...more] : [...headers, ...more, ...this.extraHeaders];
  }

  write(chunk: Uint8Array): boolean {
    if (!this.writable) return true;
    this.#wrote = true;
    this.#sentMs = performance.now();
    return this.sendChunk(chunk);
  }

  drained(): Promise<void> {
    if (!this.writable || !this.full) return Promise.resolve();
    if (this.#room === undefined) {
      this.#room = Promise.withResolvers<void>();
      this.onDrain(() => this.#roomy());
    }
    return this.#room.promise;
  }

  #roomy(): void {
    this.#room?.resolve();
    this.#room = undefined;
  }

  end(): void {
    if (!this.writable) return;
    this.#ended = this.#wrote = true;
    this.sendEnd();
  }

  /** Looks after the exchange now and then: keeps a silent stream alive, and cuts off a client that does not take what was sent. */
  tend(nowMs: number, keepAliveMs: number, stallMs: number): void {
    const waits = this.pendingBytes > 0;
    if (waits !== this.#watched) {
      // Node's timeout of a socket counts a write that moves as life, however slowly it does.
      this.#watched = waits;
      this.limitStall(waits ? stallMs : 0);
    }
    if (waits || this.#ended || nowMs - this.#sentMs < keepAliveMs) return;
    this.#sentMs = nowMs;
    if (this.#streams) this.sendChunk(keepAlive);
    else this.#listener?.silent();
  }

  /** Called by the subclass once, when it is over. `flushed`: nothing that was sent is still here. */
  protected over(flushed: boolean): void {
    this.#closed = true;
    this.#roomy();
    if (!this.#ended || !flushed) this.#listener?.gone();
    this.#keeper.left(this);
  }
}

/** A body that is short, as a string of single bytes; `undefined` where it had better be sent as it is. */
export function shortText(body: readonly Uint8Array[]): string | undefined {
  const first = body[0] ?? noBody;
  return body.length <= 1 && first.length <= shortBytes ? latin1(first) : undefined;
}

/** Bytes as a string of single bytes. */
export function latin1(bytes: Uint8Array): string {
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return buffer.toString('latin1');
}
