import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpIncoming, HttpOutgoing, HttpOutgoingListener, OpenItem } from '@toolyard/protocol';

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
const shortBytes = 16_384;
const noBody = Buffer.alloc(0);

/** One request at our door and its response: both faces of a node exchange in one object, since there is one for every call. */
export class NodeExchange implements HttpIncoming, HttpOutgoing, OpenItem {
  place = -1;
  body: Uint8Array = noBody;
  principal = 'anonymous';
  tenant = 'default';
  /** Sent with every response: name, value, name, value. */
  extraHeaders: readonly string[] | undefined;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly #left: (exchange: NodeExchange) => void;
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

  /** `left` is called once, when nothing more will happen. */
  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    nowMs: number,
    left: (exchange: NodeExchange) => void,
  ) {
    this.request = request;
    this.response = response;
    this.#sentMs = nowMs;
    this.#left = left;
    response.on('close', () => this.#onClose());
    response.on('error', ignore);
  }

  get method(): string {
    return this.request.method ?? '';
  }

  header(name: string): string | undefined {
    const value = this.request.headers[name];
    return typeof value === 'object' ? value.join(', ') : value;
  }

  get writable(): boolean {
    return !this.#ended && !this.#closed;
  }

  get pendingBytes(): number {
    return this.response.writableLength;
  }

  attach(listener: HttpOutgoingListener): void {
    this.#listener = listener;
  }

  respond(status: number, headers: readonly string[], body?: Uint8Array): void {
    if (!this.writable) return;
    this.#ended = true;
    const length = body?.length ?? 0;
    this.response.writeHead(status, this.#all(headers, ['content-length', String(length)]));
    if (body === undefined || length === 0) this.response.end();
    else if (length > shortBytes) this.response.end(body);
    // As a string of single bytes it leaves in one write with the headers.
    else this.response.end(asBuffer(body).toString('latin1'), 'latin1');
  }

  open(headers: readonly string[] = []): void {
    if (!this.writable || this.#streams) return;
    this.#streams = true;
    this.response.writeHead(200, this.#all(eventHeaders, headers));
    // The first event usually follows at once, and then leaves together with the headers.
    process.nextTick(() => {
      if (!this.#wrote && !this.#closed) this.response.flushHeaders();
    });
  }

  #all(headers: readonly string[], more: readonly string[]): string[] {
    return this.extraHeaders === undefined ? [...headers, ...more] : [...headers, ...more, ...this.extraHeaders];
  }

  write(chunk: Uint8Array): boolean {
    if (!this.writable) return true;
    this.#wrote = true;
    this.#sentMs = performance.now();
    return this.response.write(chunk);
  }

  drained(): Promise<void> {
    const { response } = this;
    if (!this.writable || !response.writableNeedDrain) return Promise.resolve();
    if (this.#room === undefined) {
      this.#room = Promise.withResolvers<void>();
      response.once('drain', () => this.#roomy());
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
    this.response.end();
  }

  destroy(): void {
    this.response.destroy();
  }

  /** Looks after the exchange now and then: keeps a silent stream alive, and cuts off a client that does not take what was sent. */
  tend(nowMs: number, keepAliveMs: number, stallMs: number): void {
    const waits = this.response.writableLength > 0;
    if (waits !== this.#watched) {
      // Node's timeout of a socket counts a write that moves as life, however slowly it does.
      this.#watched = waits;
      this.response.setTimeout(waits ? stallMs : 0);
    }
    if (waits || this.#ended || nowMs - this.#sentMs < keepAliveMs) return;
    this.#sentMs = nowMs;
    if (this.#streams) this.response.write(keepAlive);
    else this.#listener?.silent();
  }

  #onClose(): void {
    this.#closed = true;
    this.#roomy();
    const complete = this.#ended && this.response.writableFinished;
    if (!complete) this.#listener?.gone();
    this.#left(this);
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

function ignore(): void {}
