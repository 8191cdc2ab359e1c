import type { Duplex } from 'node:stream';
import type { Pipe, PipeReceiver } from '@toolyard/protocol';
import { Room, ToolyardError } from '@toolyard/protocol';
import type { RawData, WebSocket } from 'ws';
import { Heartbeat } from './heartbeat.ts';
import type { WsSocketOptions } from './options.ts';

export interface WsPipeOptions extends Omit<WsSocketOptions, 'perMessageDeflate'> {
  /** What is at the other end, for error messages: `server files`. */
  readonly name: string;
  /** The bound that the socket was made with, for error messages. */
  readonly maxMessageBytes: number;
  /** Said when this side closes: 1000, or 1001 by a server that goes away. */
  readonly closeCode: number;
}

const textFrame = { binary: false };
const unsupportedData = 1003;

/**
 * An open WebSocket as a `Pipe`: one message a text frame, or fragments of one. `wire` is the stream below it. Both belong to the pipe from here
 * on, in the turn of the event loop in which the socket opened.
 */
export function wsPipe(socket: WebSocket, wire: Duplex, options: WsPipeOptions): Pipe {
  return new WsPipe(socket, wire, options);
}

class WsPipe implements Pipe {
  readonly #socket: WebSocket;
  readonly #wire: Duplex;
  readonly #name: string;
  readonly #maxMessageBytes: number;
  readonly #closeCode: number;
  readonly #closeMs: number;
  readonly #highWaterBytes: number;
  readonly #heartbeat: Heartbeat;
  readonly #gone: PromiseWithResolvers<void> = Promise.withResolvers<void>();
  #receiver: PipeReceiver | undefined;
  /** What came in one piece from the network after the receiver asked for a pause. */
  #waiting: Uint8Array[] = [];
  #isReceiverBusy = false;
  /** Set once nothing more can come or go: why. */
  #ended: Error | undefined;
  /** Set once the pipe is over: what `receiver.closed` is told. */
  #over: { readonly reason: Error | undefined } | undefined;
  readonly #room = new Room();
  #isCorked = false;
  #closeTimer: NodeJS.Timeout | undefined;

  constructor(socket: WebSocket, wire: Duplex, options: WsPipeOptions) {
    this.#socket = socket;
    this.#wire = wire;
    this.#name = options.name;
    this.#maxMessageBytes = options.maxMessageBytes;
    this.#closeCode = options.closeCode;
    this.#closeMs = options.closeMs ?? 2_000;
    this.#highWaterBytes = options.highWaterBytes ?? 65_536;
    socket.on('message', this.#onMessage);
    socket.on('error', this.#onError);
    socket.on('close', this.#onClose);
    wire.on('end', this.#boundClose);
    this.#heartbeat = new Heartbeat(socket, wire, {
      pingMs: options.pingMs ?? 30_000,
      deadMs: options.deadMs ?? 20_000,
      dead: (how) => {
        this.#finish(new Error(`${this.#name} ${how}`));
        socket.terminate();
      },
    });
    socket.pause();
  }

  start(receiver: PipeReceiver): void {
    this.#receiver = receiver;
    if (this.#over !== undefined) receiver.closed(this.#over.reason);
    else if (this.#ended !== undefined) this.#finish(this.#ended);
    else this.#socket.resume();
  }

  send(message: Uint8Array): Promise<void> {
    const { readyState, OPEN } = this.#socket;
    if (this.#over !== undefined || readyState !== OPEN) return Promise.reject(this.#closedError());
    // What is sent in one turn of the event loop leaves in one system call.
    if (!this.#isCorked) {
      this.#isCorked = true;
      this.#wire.cork();
      process.nextTick(this.#uncork);
    }
    this.#socket.send(message, textFrame, this.#onSent);
    return this.#socket.bufferedAmount <= this.#highWaterBytes ? Promise.resolve() : this.#room.wait();
  }

  close(): Promise<void> {
    if (this.#over === undefined) {
      this.#finish(undefined);
      this.#leave(this.#closeCode);
    }
    return this.#gone.promise;
  }

  readonly #onMessage = (data: RawData, isBinary: boolean): void => {
    if (this.#over !== undefined) return;
    if (isBinary || !Buffer.isBuffer(data)) {
      const reason = 'it came in a binary frame';
      this.#finish(
        new ToolyardError('INVALID_REQUEST', { reason }, `A message of ${this.#name} is refused: ${reason}.`),
      );
      this.#leave(unsupportedData);
      return;
    }
    this.#waiting.push(data);
    this.#pump();
  };

  /** Hands over messages until there is none, or the receiver asks for a pause. */
  #pump(): void {
    while (this.#over === undefined && !this.#isReceiverBusy) {
      const message = this.#waiting.shift();
      if (message === undefined) {
        if (this.#ended !== undefined) this.#finish(this.#ended);
        return;
      }
      this.#deliver(message);
    }
  }

  #deliver(message: Uint8Array): void {
    let taken: Promise<void> | void;
    try {
      taken = this.#receiver?.message(message);
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (taken instanceof Promise) {
      this.#isReceiverBusy = true;
      this.#socket.pause();
      taken.then(this.#onTaken, this.#fail);
    }
  }

  readonly #onTaken = (): void => {
    this.#isReceiverBusy = false;
    this.#pump();
    if (!this.#isReceiverBusy && this.#over === undefined) this.#socket.resume();
  };

  readonly #fail = (error: unknown): void => {
    this.#finish(error instanceof Error ? error : new Error(String(error)));
    this.#leave(1011);
  };

  /** What came was no good WebSocket; the socket closes with the fitting code by itself. */
  readonly #onError = (error: Error): void => {
    this.#finish('code' in error && error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' ? this.#tooLarge(error) : error);
    this.#boundClose();
  };

  #tooLarge(cause: Error): Error {
    const limitBytes = this.#maxMessageBytes;
    const message = `${this.#name} sent a message of more than ${limitBytes} bytes`;
    return new ToolyardError('MESSAGE_TOO_LARGE', { limitBytes }, message, { cause });
  }

  readonly #onClose = (code: number, reason: Buffer): void => {
    clearTimeout(this.#closeTimer);
    this.#wire.off('end', this.#boundClose);
    this.#heartbeat.stop();
    this.#gone.resolve();
    const said = reason.length === 0 ? '' : `: ${JSON.stringify(reason.toString())}`;
    this.#ended = new Error(`${this.#name} closed the socket (${code}${said})`);
    this.#room.refuse(() => this.#closedError());
    if (this.#receiver !== undefined) this.#pump();
  };

  /** Says goodbye, and waits for the answer as long as it may. */
  #leave(code: number): void {
    this.#boundClose();
    this.#socket.close(code);
    // The answer has to be read, whatever comes before it.
    this.#socket.resume();
  }

  readonly #boundClose = (): void => {
    if (this.#socket.readyState === this.#socket.CLOSED) return;
    this.#closeTimer ??= setTimeout(() => this.#socket.terminate(), this.#closeMs);
  };

  #finish(reason: Error | undefined): void {
    if (this.#over !== undefined) return;
    this.#over = { reason };
    this.#waiting = [];
    this.#heartbeat.stop();
    this.#room.refuse(() => this.#closedError());
    this.#receiver?.closed(reason);
  }

  readonly #onSent = (): void => {
    if (this.#room.awaited && this.#socket.bufferedAmount <= this.#highWaterBytes) this.#room.open();
  };

  readonly #uncork = (): void => {
    this.#isCorked = false;
    this.#wire.uncork();
  };

  #closedError(): ToolyardError {
    return new ToolyardError('CLOSED', { what: this.#name }, `The connection to ${this.#name} is closed.`);
  }
}
