import { ToolyardError } from '../errors/toolyard-error.ts';
import type { MessageId, Pipe, PipeReceiver } from '../pipe.ts';
import { Room } from '../room.ts';

export interface PipePairOptions {
  /** What may wait unread in one direction before `send` waits for room. Default 65,536. */
  readonly highWaterBytes?: number;
}

/**
 * Two pipes in this process, each the other end of the other. Messages arrive in order, never within the call of `send`, and
 * those sent before `close` still arrive. The bytes are handed over, not copied.
 */
export function createPipePair(options: PipePairOptions = {}): readonly [Pipe, Pipe] {
  const highWaterBytes = options.highWaterBytes ?? 65_536;
  const left = new MemoryPipe(highWaterBytes);
  const right = new MemoryPipe(highWaterBytes);
  left.peer = right;
  right.peer = left;
  return [left, right];
}

interface Waiting {
  readonly bytes: Uint8Array;
  readonly about: MessageId | undefined;
}

class MemoryPipe implements Pipe {
  peer: MemoryPipe | undefined;
  readonly #highWaterBytes: number;
  #receiver: PipeReceiver | undefined;
  #inbox: Waiting[] = [];
  #inboxBytes = 0;
  readonly #room = new Room();
  #state: 'open' | 'ending' | 'closed' = 'open';
  #pumping = false;

  constructor(highWaterBytes: number) {
    this.#highWaterBytes = highWaterBytes;
  }

  send(message: Uint8Array, about?: MessageId): Promise<void> {
    if (this.#state !== 'open' || this.peer === undefined) return Promise.reject(pipeClosed());
    return this.peer.#deliver({ bytes: message, about });
  }

  start(receiver: PipeReceiver): void {
    if (this.#receiver !== undefined) throw new TypeError('a pipe is started once');
    this.#receiver = receiver;
    if (this.#state === 'closed') queueMicrotask(() => receiver.closed());
    else void this.#pump();
  }

  close(): Promise<void> {
    if (this.#state !== 'closed') {
      const { peer } = this;
      this.#finish(undefined);
      if (peer !== undefined && peer.#state === 'open') {
        peer.#state = 'ending';
        void peer.#pump();
      }
    }
    return Promise.resolve();
  }

  #deliver(message: Waiting): Promise<void> {
    this.#inbox.push(message);
    this.#inboxBytes += message.bytes.byteLength;
    void this.#pump();
    if (this.#inboxBytes <= this.#highWaterBytes) return Promise.resolve();
    return this.#room.wait();
  }

  async #pump(): Promise<void> {
    const receiver = this.#receiver;
    if (this.#pumping || receiver === undefined) return;
    this.#pumping = true;
    await Promise.resolve();
    try {
      for (let next = this.#inbox.shift(); next !== undefined; next = this.#inbox.shift()) {
        const taken = receiver.message(next.bytes, next.about);
        if (taken !== undefined) await taken;
        this.#inboxBytes -= next.bytes.byteLength;
        if (this.#inboxBytes <= this.#highWaterBytes) this.#room.open();
      }
    } finally {
      this.#pumping = false;
    }
    if (this.#state === 'ending') this.#finish(pipeClosed());
  }

  #finish(reason: Error | undefined): void {
    this.#state = 'closed';
    this.#inbox = [];
    this.#inboxBytes = 0;
    this.#room.open();
    this.peer = undefined;
    const receiver = this.#receiver;
    if (receiver !== undefined) queueMicrotask(() => receiver.closed(reason));
  }
}

function pipeClosed(): ToolyardError<'CLOSED'> {
  return new ToolyardError('CLOSED', { what: 'pipe' }, 'The pipe is closed.');
}
