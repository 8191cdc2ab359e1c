import type { Readable, Writable } from 'node:stream';
import type { Pipe, PipeReceiver } from '@toolyard/protocol';
import { Room, ToolyardError } from '@toolyard/protocol';
import { frame } from './frame.ts';
import { LineSplitter } from './line-splitter.ts';

export interface StreamPipeOptions {
  /** What is at the other end, for error messages: `server files`. */
  readonly name: string;
  /** Largest message accepted; a longer one ends the pipe with `MESSAGE_TOO_LARGE`. Default 16 MiB. */
  readonly maxMessageBytes?: number;
  /**
   * Frees what is behind the streams, once, as soon as the pipe is over for whatever reason; `close()` waits for it.
   * Default: ends the writable, waits up to 1 s for what was sent to leave, and destroys both streams.
   */
  readonly release?: () => Promise<void>;
  /** Why a stream ended or failed, where its owner knows more than the stream does (an exit code). Default: what the stream says. */
  readonly whyEnded?: () => Promise<Error>;
  /**
   * Called instead of ending the pipe when the peer has finished writing but may still read. Whoever takes this closes the pipe.
   */
  readonly onHalfClose?: () => void;
}

const defaultMaxMessageBytes = 16 * 1024 * 1024;

/**
 * Newline-delimited JSON over a pair of byte streams as a `Pipe`: the framing of stdio, which the specification asks of sockets too
 * (basic/transports/stdio). Both streams belong to the pipe from here on. What is cut off by the end of the stream is dropped.
 */
export function streamPipe(readable: Readable, writable: Writable, options: StreamPipeOptions): Pipe {
  return new StreamPipe(readable, writable, options);
}

class StreamPipe implements Pipe {
  readonly #readable: Readable;
  readonly #writable: Writable;
  readonly #options: StreamPipeOptions;
  readonly #maxMessageBytes: number;
  readonly #lines: LineSplitter;
  #receiver: PipeReceiver | undefined;
  /** Set once the pipe is over: what `receiver.closed` is told. */
  #over: { readonly reason: Error | undefined } | undefined;
  #released: Promise<void> | undefined;
  /** Why nothing can be written any more. */
  #deafness: Error | undefined;
  #isReceiverBusy = false;
  #hasEnded = false;
  #isCorked = false;
  readonly #room = new Room();

  constructor(readable: Readable, writable: Writable, options: StreamPipeOptions) {
    this.#readable = readable;
    this.#writable = writable;
    this.#options = options;
    this.#maxMessageBytes = options.maxMessageBytes ?? defaultMaxMessageBytes;
    this.#lines = new LineSplitter(this.#maxMessageBytes);
    readable.on('error', this.#onError);
    writable.on('error', this.#onWriteError);
    writable.on('drain', this.#onDrain);
  }

  start(receiver: PipeReceiver): void {
    this.#receiver = receiver;
    if (this.#over !== undefined) {
      receiver.closed(this.#over.reason);
      return;
    }
    this.#readable.on('end', this.#onEnd);
    this.#readable.on('close', this.#onEnd);
    this.#readable.on('data', this.#onData);
    if (this.#readable.readableEnded || this.#readable.destroyed) {
      this.#onEnd();
    }
  }

  send(message: Uint8Array): Promise<void> {
    if (this.#over !== undefined || this.#deafness !== undefined) {
      return Promise.reject(this.#closedError());
    }
    // What is sent in one turn of the event loop leaves in one system call: that of all sockets which had something to read, too.
    if (!this.#isCorked) {
      this.#isCorked = true;
      this.#writable.cork();
      setImmediate(this.#uncork);
    }
    let hasRoom = true;
    for (const buffer of frame(message)) {
      hasRoom = this.#writable.write(buffer);
    }
    return hasRoom ? Promise.resolve() : this.#room.wait();
  }

  close(): Promise<void> {
    this.#finish(undefined);
    return this.#released ?? Promise.resolve();
  }

  readonly #onData = (chunk: Uint8Array): void => {
    this.#lines.push(chunk);
    this.#pump();
  };

  /** Hands over lines until there is none, or the receiver asks for a pause. */
  #pump(): void {
    while (this.#over === undefined && !this.#isReceiverBusy) {
      const line = this.#lines.next();
      if (line === undefined) {
        if (this.#hasEnded) {
          void this.#end();
        }
        return;
      }
      if (line.cut) {
        this.#finish(
          new ToolyardError(
            'MESSAGE_TOO_LARGE',
            { limitBytes: this.#maxMessageBytes },
            `${this.#options.name} sent a message of more than ${this.#maxMessageBytes} bytes.`,
          ),
        );
        return;
      }
      this.#deliver(line.bytes);
    }
  }

  #deliver(bytes: Uint8Array): void {
    let taken: Promise<void> | void;
    try {
      taken = this.#receiver?.message(bytes);
    } catch (error) {
      this.#finish(asError(error));
      return;
    }
    if (taken instanceof Promise) {
      this.#isReceiverBusy = true;
      this.#readable.pause();
      taken.then(this.#onTaken, this.#onError);
    }
  }

  readonly #onTaken = (): void => {
    this.#isReceiverBusy = false;
    this.#pump();
    if (!this.#isReceiverBusy && this.#over === undefined) {
      this.#readable.resume();
    }
  };

  readonly #onEnd = (): void => {
    if (!this.#hasEnded) {
      this.#hasEnded = true;
      this.#pump();
    }
  };

  async #end(): Promise<void> {
    if (this.#options.onHalfClose !== undefined && this.#writable.writable) {
      this.#options.onHalfClose();
      return;
    }
    this.#finish(await this.#explain(new Error(`${this.#options.name} closed the stream`)));
  }

  readonly #onError = (error: unknown): void => this.#finish(asError(error));

  readonly #onWriteError = (error: unknown): void => {
    this.#deafness ??= asError(error);
    this.#room.refuse(() => this.#closedError());
    // What the peer had written before it stopped reading may still be on its way, and the reason with it.
    void this.#explain(this.#deafness).then((reason) => this.#finish(reason));
  };

  async #explain(otherwise: Error): Promise<Error> {
    return (await this.#options.whyEnded?.()) ?? otherwise;
  }

  readonly #onDrain = (): void => this.#room.open();

  readonly #uncork = (): void => {
    this.#isCorked = false;
    this.#writable.uncork();
  };

  #finish(reason: Error | undefined): void {
    if (this.#over !== undefined) {
      return;
    }
    this.#over = { reason };
    this.#readable.off('data', this.#onData);
    this.#readable.off('end', this.#onEnd);
    this.#readable.off('close', this.#onEnd);
    this.#writable.off('drain', this.#onDrain);
    if (this.#isCorked) {
      this.#uncork();
      this.#isCorked = true;
    }
    this.#room.refuse(() => this.#closedError());
    this.#released = (this.#options.release ?? this.#endAndDestroy)().finally(() => {
      this.#readable.off('error', this.#onError);
      this.#writable.off('error', this.#onWriteError);
    });
    this.#released.catch(() => undefined);
    this.#receiver?.closed(reason);
  }

  readonly #endAndDestroy = async (): Promise<void> => {
    await endWritable(this.#writable, 1_000);
    this.#readable.destroy();
    this.#writable.destroy();
  };

  #closedError(): ToolyardError {
    return new ToolyardError(
      'CLOSED',
      { what: this.#options.name },
      `the connection to ${this.#options.name} is closed`,
    );
  }
}

/** Ends a stream and waits until everything has left, the stream fails, or the time is over. */
export function endWritable(writable: Writable, withinMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (writable.destroyed || writable.writableFinished) {
    return Promise.resolve();
  }
  const timer = setTimeout(resolve, withinMs);
  writable.once('close', resolve);
  writable.end(() => resolve());
  return promise.finally(() => {
    clearTimeout(timer);
    writable.off('close', resolve);
  });
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
