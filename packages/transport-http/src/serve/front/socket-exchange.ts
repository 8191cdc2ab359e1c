import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import { Exchange, type ExchangeKeeper, shortText } from '../exchange.ts';
import type { RequestHead } from './request-head.ts';

/** The connection that an exchange is on. */
export interface ExchangeLane {
  readonly socket: Socket;
  /** The head of a response; name, value, name, value. `framing`: a line that says how its body ends. */
  head(status: number, headers: readonly string[], framing?: string): string;
  /** The whole response has been given to the socket. */
  sent(): void;
}

const chunked = 'Transfer-Encoding: chunked\r\n';

/** An exchange on a socket that nobody else reads or writes, its request whole. */
export class SocketExchange extends Exchange {
  readonly #lane: ExchangeLane;
  readonly #head: RequestHead;
  readonly #bytes: Uint8Array;
  /** Of a stream of which nothing has been written yet. */
  #waitingHead = '';

  constructor(lane: ExchangeLane, head: RequestHead, body: Uint8Array, keeper: ExchangeKeeper) {
    super(keeper);
    this.#lane = lane;
    this.#head = head;
    this.#bytes = body;
  }

  get method(): string {
    return 'POST';
  }

  get url(): string {
    return this.#head.path;
  }

  get headers(): IncomingHttpHeaders {
    return this.#head.fields.all();
  }

  header(name: string): string | undefined {
    return this.#head.fields.get(name);
  }

  readBody(maxBytes: number, done: (body: Uint8Array | 'too-large') => void): void {
    if (this.writable) done(this.#bytes.length > maxBytes ? 'too-large' : this.#bytes);
  }

  get pendingBytes(): number {
    return this.#lane.socket.writableLength;
  }

  destroy(): void {
    this.#lane.socket.destroy();
  }

  /** The lane is done with it: the response has left, or the client has. */
  settle(flushed: boolean): void {
    this.over(flushed);
  }

  protected sendWhole(status: number, headers: string[], body: readonly Uint8Array[]): void {
    this.#write(this.#lane.head(status, headers), body, '');
    this.#lane.sent();
  }

  protected sendHead(headers: string[]): void {
    this.#waitingHead = this.#lane.head(200, headers, chunked);
  }

  protected flushHead(): void {
    this.#lane.socket.write(this.#takeHead(), 'latin1');
  }

  protected sendChunk(chunk: Uint8Array): boolean {
    if (chunk.length > 0) this.#write(`${this.#takeHead()}${chunk.length.toString(16)}\r\n`, [chunk], '\r\n');
    return !this.full;
  }

  protected sendEnd(): void {
    this.#lane.socket.write(`${this.#takeHead()}0\r\n\r\n`, 'latin1');
    this.#lane.sent();
  }

  protected get full(): boolean {
    return this.#lane.socket.writableNeedDrain;
  }

  protected onDrain(drained: () => void): void {
    this.#lane.socket.once('drain', drained);
  }

  protected limitStall(stallMs: number): void {
    this.#lane.socket.setTimeout(stallMs);
  }

  /** All in one write; what is long is not copied. */
  #write(before: string, pieces: readonly Uint8Array[], after: string): void {
    const { socket } = this.#lane;
    const text = shortText(pieces);
    if (text !== undefined) {
      socket.write(before + text + after, 'latin1');
      return;
    }
    socket.cork();
    socket.write(before, 'latin1');
    for (const piece of pieces) socket.write(piece);
    if (after !== '') socket.write(after, 'latin1');
    socket.uncork();
  }

  #takeHead(): string {
    const head = this.#waitingHead;
    this.#waitingHead = '';
    return head;
  }
}
