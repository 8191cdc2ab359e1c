import type { TraceContext } from './call.ts';

/**
 * An ordered, bidirectional stream of whole JSON-RPC messages: what a transport that is not HTTP has to provide (stdio, a socket, a frame protocol).
 * Framing is the pipe's business; what the messages mean, and which revision they speak, is `connectPipe`'s and `servePipe`'s.
 */
export interface Pipe {
  /**
   * Takes one message, UTF-8 without framing. Resolves when there is room for the next (back-pressure); rejects with `CLOSED` once the pipe is closed.
   * Messages leave in the order of the calls. `about` is the id of the peer's request that the message belongs to, for pipes with several lanes.
   */
  send(message: Uint8Array, about?: MessageId): Promise<void>;
  /** Called once, before anything else: messages that came earlier are kept for it. */
  start(receiver: PipeReceiver): void;
  /** Where a request of the peer that has no reply yet stands in a trace, by what came with it beside the message. */
  traceOf?(request: MessageId): TraceContext | undefined;
  /** Tells the peer, releases everything, and resolves when that is done. Safe to call twice; `closed` is reported once. */
  close(): Promise<void>;
}

export interface PipeReceiver {
  /**
   * One whole message as it came, not yet validated. While the returned promise is pending the pipe reads no further.
   * `about` is the id of our request in whose lane it came, where the pipe knows.
   */
  message(bytes: Uint8Array, about?: MessageId): Promise<void> | void;
  /** The pipe is over, once, with the reason unless it was a `close()` of ours. Nothing follows. */
  closed(reason?: Error): void;
}

/** A JSON-RPC id (a string or an integer) as its JSON text: `7` or `"7"`, spelled as its sender spelled it. */
export type MessageId = string;
