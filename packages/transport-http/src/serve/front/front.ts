import type { Socket } from 'node:net';
import { OpenItems } from '@toolyard/protocol';
import type { Mounts } from '../mounts.ts';
import { Lane, type LaneHost } from './lane.ts';
import { ResponseHeads } from './response-head.ts';

export interface FrontOptions {
  readonly mounts: Pick<Mounts, 'at'>;
  /** 0: without end, as for the next two. */
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly idleSocketMs: number;
  readonly checkMs: number;
  /** Takes a socket of which nothing has been read, or so it looks. */
  readonly handOver: (socket: Socket) => void;
}

/** The sockets of a server that carry ordinary requests: see `Lane`. */
export class Front implements LaneHost {
  readonly heads: ResponseHeads;
  readonly mounts: Pick<Mounts, 'at'>;
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly idleSocketMs: number;
  readonly handOver: (socket: Socket) => void;
  /** Once it is set, every socket closes with the response that it waits for. */
  closing = false;
  readonly #lanes = new OpenItems<Lane>();
  readonly #everyMs: number;
  #tending: NodeJS.Timeout | undefined;

  constructor(options: FrontOptions) {
    this.heads = new ResponseHeads(options.idleSocketMs);
    this.mounts = options.mounts;
    this.headersTimeoutMs = options.headersTimeoutMs;
    this.requestTimeoutMs = options.requestTimeoutMs;
    this.idleSocketMs = options.idleSocketMs;
    this.handOver = options.handOver;
    const { idleSocketMs, checkMs } = options;
    this.#everyMs = idleSocketMs > 0 ? Math.min(checkMs, Math.max(idleSocketMs / 4, 50)) : checkMs;
  }

  accept(socket: Socket): void {
    this.#lanes.add(new Lane(this, socket));
    this.#tending ??= setInterval(() => this.#tend(), this.#everyMs).unref();
  }

  #tend(): void {
    const nowMs = performance.now();
    for (const lane of this.#lanes.list()) lane.tend(nowMs);
    if (this.#lanes.size === 0) this.#rest();
  }

  #rest(): void {
    clearInterval(this.#tending);
    this.#tending = undefined;
  }

  left(lane: Lane): void {
    this.#lanes.delete(lane);
  }

  /** Closes sockets that wait for no response: all, or those that have carried one, and may carry no other. */
  closeIdle(which: 'all' | 'served'): void {
    for (const lane of this.#lanes.list()) if (lane.idle && (which === 'all' || lane.served)) lane.socket.destroy();
  }

  /** Closes what is left. */
  destroy(): void {
    this.#rest();
    for (const lane of this.#lanes.list()) lane.socket.destroy();
  }
}
