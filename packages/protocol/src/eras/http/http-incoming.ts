/** A request at our door, its body read whole. Who sent it is already known. */
export interface HttpIncoming {
  readonly method: string;
  /** By lower-case name. */
  header(name: string): string | undefined;
  /** Empty where the method has none. */
  readonly body: Uint8Array;
  /** Who was authenticated; `anonymous` where nobody asked. */
  readonly principal: string;
  /** `default` where there is only one. */
  readonly tenant: string;
}

/** The response to it: either `respond`, once, or `open`, any number of `write`, and `end`. After the client has gone all of them do nothing. */
export interface HttpOutgoing {
  /** False once the client is gone or the response has ended. */
  readonly writable: boolean;
  /** Bytes that wait to be read by the client. */
  readonly pendingBytes: number;
  /** Sends a whole response, its body the pieces one after the other. `headers`: name, value, name, value; `content-length` is added. */
  respond(status: number, headers: readonly string[], ...body: readonly Uint8Array[]): void;
  /** Starts an event stream: status 200, `text/event-stream`, unbuffered, kept alive by comments while it is silent. */
  open(headers?: readonly string[]): void;
  /** Writes events, framed; false where `drained` is worth waiting for. */
  write(chunk: Uint8Array): boolean;
  /** Resolves when there is room again, or the client is gone. */
  drained(): Promise<void>;
  end(): void;
  /** Cuts the connection. */
  destroy(): void;
  /** Who is told what becomes of it; the last one attached. */
  attach(listener: HttpOutgoingListener): void;
}

export interface HttpOutgoingListener {
  /** The client has gone before the response was complete. Once. */
  gone(): void;
  /** Nothing has been sent for the keep-alive time, and no stream is open: a chance to open one. */
  silent(): void;
}
