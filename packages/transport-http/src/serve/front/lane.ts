import type { Socket } from 'node:net';
import type { OpenItem } from '@toolyard/protocol';
import { latin1 } from '../exchange.ts';
import type { Mounts } from '../mounts.ts';
import { HeldBytes } from './held-bytes.ts';
import { maxHeadBytes, readRequestHead } from './request-head.ts';
import type { ResponseHeads } from './response-head.ts';
import { type ExchangeLane, SocketExchange } from './socket-exchange.ts';

/** What all lanes of a front share. */
export interface LaneHost {
  readonly heads: ResponseHeads;
  /** Where endpoints are, by the path of the request line; what is for none of them goes to `node:http`. */
  readonly mounts: Pick<Mounts, 'at'>;
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  /** 0: without end. */
  readonly idleSocketMs: number;
  readonly closing: boolean;
  /** Its socket is closed, or belongs to somebody else. */
  left(lane: Lane): void;
  handOver(socket: Socket): void;
}

/** What a client may be late beyond the time it was told: its request may be under way. */
const lateMs = 1_000;

/**
 * One socket as long as it carries ordinary requests, one at a time. The first that is not, or that is long and comes in pieces, takes the socket to `node:http`
 * with all bytes that have not been answered, and for good.
 */
export class Lane implements ExchangeLane, OpenItem {
  place = -1;
  readonly socket: Socket;
  readonly #host: LaneHost;
  #exchange: SocketExchange | undefined;
  readonly #held = new HeldBytes();
  #served = false;
  #reading = false;
  #closes = false;
  /** Since when it waits for what it waits for now; unknown until the next round. */
  #sinceMs: number | undefined;

  constructor(host: LaneHost, socket: Socket) {
    this.#host = host;
    this.socket = socket;
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('close', this.#onClose);
    socket.on('timeout', this.#onTimeout);
    socket.on('error', ignore);
  }

  /** Whether there is no request, not even the beginning of one. */
  get idle(): boolean {
    return this.#exchange === undefined && this.#held.none;
  }

  /** Whether it has carried a request and its response. */
  get served(): boolean {
    return this.#served;
  }

  head(status: number, headers: readonly string[], framing?: string): string {
    this.#closes ||= this.#host.closing;
    return this.#host.heads.write(status, headers, this.#closes, framing);
  }

  sent(): void {
    // A zero-length write is done when those before it are.
    if (this.socket.writableLength === 0) this.#flushed();
    else
      this.socket.write('', (error) => {
        if (!error) this.#flushed();
      });
  }

  /** Called now and then: closes it when its client has taken too long. */
  tend(nowMs: number): void {
    if (this.#exchange !== undefined) return;
    this.#sinceMs ??= nowMs;
    const forMs = nowMs - this.#sinceMs;
    const { headersTimeoutMs, requestTimeoutMs, idleSocketMs } = this.#host;
    if (this.#held.none && this.#served) {
      if (idleSocketMs > 0 && forMs > idleSocketMs + lateMs) this.socket.destroy();
    } else {
      const limitMs = this.#held.wantedBytes === 0 ? headersTimeoutMs : requestTimeoutMs;
      if (limitMs > 0 && forMs > limitMs) this.#refuse('408 Request Timeout');
    }
  }

  readonly #onData = (chunk: Buffer): void => {
    const bytes = this.#held.with(chunk);
    if (this.#exchange === undefined) return this.#read(bytes);
    this.#held.keep(bytes);
    // Until then it is seen when the client goes away.
    if (this.#held.full) this.socket.pause();
  };

  #read(bytes: Buffer): void {
    let left = bytes;
    this.#reading = true;
    while (this.#exchange === undefined && !this.#closes && left.length > 0) {
      const used = this.#begin(left);
      if (used === 0) break;
      left = left.subarray(used);
      if (left.length > 0) this.#held.keep(left);
    }
    this.#reading = false;
  }

  /** Answers the request that these bytes begin with, if it is all there; returns how many were used. */
  #begin(bytes: Buffer): number {
    if (bytes.length < this.#held.wantedBytes) return this.#wait(bytes);
    const head = readRequestHead(latin1(bytes.length > maxHeadBytes ? bytes.subarray(0, maxHeadBytes) : bytes));
    if (head === 'more') return this.#wait(bytes);
    const endpoint = head === 'foreign' ? undefined : this.#host.mounts.at(head.path);
    if (head === 'foreign' || endpoint === undefined) return this.#handOver(bytes);
    const end = head.bodyAt + head.bodyBytes;
    if (bytes.length < end) {
      this.#held.wantedBytes = end;
      return this.#wait(bytes);
    }
    this.#held.take();
    this.#closes = head.closes;
    this.#exchange = new SocketExchange(this, head, bytes.subarray(head.bodyAt, end), endpoint);
    endpoint.answer(this.#exchange, 'endpoint');
    return end;
  }

  /** Waits for the rest of a request, if that is not too much. */
  #wait(bytes: Buffer): number {
    if (this.#held.none) this.#sinceMs = undefined;
    this.#held.keep(bytes);
    return this.#held.full ? this.#handOver(bytes) : 0;
  }

  #flushed(): void {
    const exchange = this.#exchange;
    if (exchange === undefined) return;
    this.#exchange = undefined;
    this.#served = true;
    this.#sinceMs = undefined;
    exchange.settle(true);
    if (this.socket.timeout) this.socket.setTimeout(0);
    this.#closes ||= this.#host.closing;
    if (this.#closes) return this.socket.destroySoon();
    const bytes = this.#reading ? undefined : this.#held.take();
    if (bytes === undefined) return;
    this.socket.resume();
    this.#read(bytes);
  }

  #handOver(bytes: Buffer): number {
    const { socket } = this;
    this.#held.take();
    this.#closes = true;
    this.#release();
    socket.pause();
    socket.unshift(bytes);
    this.#host.handOver(socket);
    socket.resume();
    return 0;
  }

  #release(): void {
    const { socket } = this;
    socket.off('data', this.#onData);
    socket.off('end', this.#onEnd);
    socket.off('close', this.#onClose);
    socket.off('timeout', this.#onTimeout);
    socket.off('error', ignore);
    this.#host.left(this);
  }

  /** In the words of `node:http`. */
  #refuse(status: string): void {
    this.#closes = true;
    this.socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
    this.socket.destroySoon();
  }

  /** A client that has ended its side does not wait for an answer, as `node:http` has it. */
  readonly #onEnd = (): void => {
    if (this.#exchange === undefined && !this.#held.none) this.#refuse('400 Bad Request');
    else this.socket.end();
  };

  readonly #onTimeout = (): void => void this.socket.destroy();

  readonly #onClose = (): void => {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    this.#closes = true;
    this.#held.take();
    this.#host.left(this);
    exchange?.settle(false);
  };
}

function ignore(): void {}
