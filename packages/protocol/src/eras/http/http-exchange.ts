/**
 * One HTTP endpoint of a server, as the eras see it: they know what is said in headers, bodies and events, a transport knows how to move them.
 * Callbacks instead of promises and streams, because this is where every relayed call passes.
 */
export interface HttpExchange {
  /** Starts one exchange. Never throws: whatever happens is told to `receiver`, and never before this function has returned. */
  start(request: HttpRequest, receiver: HttpReceiver): HttpInFlight;
  /** Ends what is in flight, releases every socket, and resolves when that is done. Safe to call twice. */
  close(): Promise<void>;
}

export interface HttpRequest {
  readonly method: 'POST' | 'GET' | 'DELETE';
  /** Path and query of another place on the same origin. Default: the endpoint's. */
  readonly path?: string;
  /** Name, value, name, value; `content-length` and `host` are the transport's. */
  readonly headers: string[];
  readonly body: Uint8Array | undefined;
  /** Is done soon, and must not wait for a socket until a call is over: it may be what the call waits for, as an answer or a cancellation is. */
  readonly aside?: boolean;
}

export interface HttpInFlight {
  /** Closes the stream, which the server takes for a cancellation. Nothing reaches the receiver afterwards. */
  abort(): void;
}

/** Values by lower-case name. */
export type HttpHeaders = Readonly<Record<string, string | string[] | undefined>>;

/**
 * Is told `head`; then either `body`, or any number of `event` and `end` where the content type is `text/event-stream`.
 * `failed` may come at any time instead, and nothing after it, nor after `body` or `end`.
 */
export interface HttpReceiver {
  head?(status: number, headers: HttpHeaders): void;
  body(bytes: Uint8Array, status: number, headers: HttpHeaders): void;
  /** While a returned promise is pending, no more is read from the server. */
  event(event: HttpEvent): Promise<void> | void;
  end(): void;
  failed(failure: HttpFailure, cause: Error): void;
}

/** One server-sent event; `retryMs` also comes alone, with empty `data`. */
export interface HttpEvent {
  readonly data: string;
  readonly id?: string | undefined;
  readonly event?: string | undefined;
  readonly retryMs?: number | undefined;
}

/**
 * `unreachable`: no byte of the request has left. `closed`: the stream broke, and the server may have acted on the request.
 * `malformed`: not HTTP, or not UTF-8. `too-large`: more than the bound for one message.
 */
export type HttpFailure = 'unreachable' | 'closed' | 'malformed' | 'too-large';

/** The first value of a header that should have one. */
export function firstHeader(headers: HttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'object' ? value[0] : value;
}
