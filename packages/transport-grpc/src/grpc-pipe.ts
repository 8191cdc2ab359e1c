import type { Pipe, PipeReceiver } from '@toolyard/protocol';
import { Room, ToolyardError } from '@toolyard/protocol';

/** What streams of both roles have in common. */
export interface MessageStream {
  on(event: 'data', listener: (message: Uint8Array) => void): unknown;
  on(event: 'end', listener: () => void): unknown;
  off(event: 'data', listener: (message: Uint8Array) => void): unknown;
  off(event: 'end', listener: () => void): unknown;
  pause(): unknown;
  resume(): unknown;
  /** `sent` is called when the message has left for the network. */
  write(message: Uint8Array, sent: () => void): boolean;
}

export interface GrpcPipeOptions {
  /** What is at the other end, for error messages. */
  readonly name: string;
  /** Largest message that is sent; a larger one is refused with `MESSAGE_TOO_LARGE`, and nothing else happens. Default: any. */
  readonly maxSentBytes?: number;
  /** Called once when the peer has finished writing, and all that it wrote was taken. */
  readonly ended: (pipe: GrpcPipe) => void;
  /** Frees what is behind the stream, once, as soon as the pipe is over for whatever reason; `close()` waits for it. */
  readonly release: () => Promise<void>;
}

/** What may wait in the stream before `send` waits too. */
const highWaterBytes = 65_536;

/**
 * One gRPC stream as a `Pipe`: a message of the stream is a message of the pipe. The stream belongs to the pipe from here on.
 * Both roles share it; what tells that a stream has failed differs between them, so that their owners say it by `fail` and `deafen`.
 */
export class GrpcPipe implements Pipe {
  readonly #stream: MessageStream;
  readonly #options: GrpcPipeOptions;
  #receiver: PipeReceiver | undefined;
  /** Set once the pipe is over: what `receiver.closed` is told. */
  #over: { readonly reason: Error | undefined } | undefined;
  #released: Promise<void> | undefined;
  #hasReceived = false;
  #isDeaf = false;
  #isReceiverBusy = false;
  #unsentBytes = 0;
  readonly #room = new Room();

  constructor(stream: MessageStream, options: GrpcPipeOptions) {
    this.#stream = stream;
    this.#options = options;
    stream.pause();
  }

  start(receiver: PipeReceiver): void {
    this.#receiver = receiver;
    if (this.#over !== undefined) {
      receiver.closed(this.#over.reason);
      return;
    }
    this.#stream.on('data', this.#onData);
    this.#stream.on('end', this.#onEnd);
    this.#stream.resume();
  }

  send(message: Uint8Array): Promise<void> {
    if (this.#over !== undefined || this.#isDeaf) return Promise.reject(this.#closedError());
    const { byteLength } = message;
    const { maxSentBytes: limitBytes = Infinity, name } = this.#options;
    if (byteLength > limitBytes) {
      const text = `A message for ${name} is larger than ${limitBytes} bytes.`;
      return Promise.reject(new ToolyardError('MESSAGE_TOO_LARGE', { limitBytes }, text));
    }
    // The stream counts messages, whatever their size, so that its own water mark says little.
    this.#unsentBytes += byteLength;
    this.#stream.write(message, () => {
      this.#unsentBytes -= byteLength;
      if (this.#unsentBytes <= highWaterBytes) this.#room.open();
    });
    return this.#unsentBytes <= highWaterBytes ? Promise.resolve() : this.#room.wait();
  }

  close(): Promise<void> {
    this.#finish(undefined);
    return this.#released ?? Promise.resolve();
  }

  /** Whether the peer has said anything. */
  get hasReceived(): boolean {
    return this.#hasReceived;
  }

  /** The stream is over: what came and was not taken yet is dropped. */
  fail(reason: Error): void {
    this.#finish(reason);
  }

  /** The peer reads nothing any more; what it has written is still taken. */
  deafen(): void {
    this.#isDeaf = true;
    this.#room.refuse(() => this.#closedError());
  }

  readonly #onData = (message: Uint8Array): void => {
    this.#hasReceived = true;
    let taken: Promise<void> | void;
    try {
      taken = this.#receiver?.message(message);
    } catch (error) {
      this.#finish(asError(error));
      return;
    }
    if (taken === undefined) return;
    this.#isReceiverBusy = true;
    this.#stream.pause();
    taken.then(this.#onTaken, (error: unknown) => this.#finish(asError(error)));
  };

  readonly #onTaken = (): void => {
    if (!this.#isReceiverBusy || this.#over !== undefined) return;
    this.#isReceiverBusy = false;
    this.#stream.resume();
  };

  readonly #onEnd = (): void => this.#options.ended(this);

  #finish(reason: Error | undefined): void {
    if (this.#over !== undefined) return;
    this.#over = { reason };
    this.#stream.off('data', this.#onData);
    this.#stream.off('end', this.#onEnd);
    this.#room.refuse(() => this.#closedError());
    // A stream that is not read to its end never closes.
    this.#stream.resume();
    this.#released = this.#options.release();
    this.#receiver?.closed(reason);
  }

  #closedError(): ToolyardError<'CLOSED'> {
    const { name: what } = this.#options;
    return new ToolyardError('CLOSED', { what }, `The connection to ${what} is closed.`);
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
