import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';

export interface HeartbeatOptions {
  readonly pingMs: number;
  readonly deadMs: number;
  /** Called once, with how the peer died. */
  readonly dead: (how: string) => void;
}

/**
 * Finds out whether the peer is still there. Any byte from it counts as life, so that a pong behind a large message is no death; while bytes of ours wait
 * to leave, or nothing is read, pongs prove nothing, and only a socket on which nothing moves any more is given up.
 */
export class Heartbeat {
  readonly #socket: WebSocket;
  readonly #wire: Duplex;
  readonly #options: HeartbeatOptions;
  #timer: NodeJS.Timeout | undefined;
  #signs = 0;
  /** What had come when the last wait began. */
  #lastHeard = 0;
  #isJudging = false;

  constructor(socket: WebSocket, wire: Duplex, options: HeartbeatOptions) {
    this.#socket = socket;
    this.#wire = wire;
    this.#options = options;
    socket.on('message', this.#onSign);
    socket.on('ping', this.#onSign);
    socket.on('pong', this.#onSign);
    // Node's own timeout sees each piece that the kernel takes of a large write.
    if (wire instanceof Socket) wire.setTimeout(options.pingMs + options.deadMs).on('timeout', this.#onStill);
    this.#wait();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#socket.off('message', this.#onSign);
    this.#socket.off('ping', this.#onSign);
    this.#socket.off('pong', this.#onSign);
    if (this.#wire instanceof Socket) this.#wire.setTimeout(0).off('timeout', this.#onStill);
  }

  readonly #onSign = (): void => {
    this.#signs++;
    if (this.#isJudging) this.#wait();
  };

  readonly #onStill = (): void => {
    const { pingMs, deadMs, dead } = this.#options;
    if (this.#socket.bufferedAmount > 0) dead(`left what was sent unread for ${pingMs + deadMs} ms`);
  };

  #heard(): number {
    return this.#signs + (this.#wire instanceof Socket ? this.#wire.bytesRead : 0);
  }

  #wait(): void {
    clearTimeout(this.#timer);
    this.#isJudging = false;
    this.#lastHeard = this.#heard();
    this.#timer = setTimeout(this.#beat, this.#options.pingMs).unref();
  }

  readonly #beat = (): void => {
    if (this.#heard() !== this.#lastHeard) return this.#wait();
    this.#isJudging = true;
    this.#socket.ping();
    this.#timer = setTimeout(this.#judge, this.#options.deadMs).unref();
  };

  readonly #judge = (): void => {
    const isDeaf = this.#socket.isPaused || (this.#wire instanceof Socket && this.#socket.bufferedAmount > 0);
    if (this.#heard() !== this.#lastHeard || isDeaf) return this.#wait();
    this.#options.dead(`did not answer a ping within ${this.#options.deadMs} ms`);
  };
}
