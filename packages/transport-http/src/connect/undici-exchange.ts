import type {
  HttpEvent,
  HttpExchange,
  HttpFailure,
  HttpHeaders,
  HttpInFlight,
  HttpReceiver,
  HttpRequest,
  OpenItem,
} from '@toolyard/protocol';
import { OpenItems } from '@toolyard/protocol';
import { createParser, type EventSourceMessage, type EventSourceParser } from 'eventsource-parser';
import type { Dispatcher } from 'undici';
import { connectionError } from './connection-error.ts';
import { errors } from './undici.ts';
import type { Dispatchers } from './pools.ts';

export interface UndiciExchangeOptions {
  readonly dispatchers: Dispatchers;
  /** Path and query of the endpoint, for requests that name no other. */
  readonly path: string;
  /** Bound on a body, and on each event of a stream. */
  readonly maxMessageBytes: number;
  /** Gives the dispatchers back; called once. */
  readonly release: () => Promise<void>;
}

/** An endpoint reached through undici. */
export function undiciExchange(options: UndiciExchangeOptions): HttpExchange {
  const { dispatchers, path, maxMessageBytes } = options;
  const flights = new OpenItems<Flight>();
  let closing: Promise<void> | undefined;
  return {
    start(request: HttpRequest, receiver: HttpReceiver): HttpInFlight {
      const flight = new Flight(receiver, maxMessageBytes, flights);
      const dispatcher = request.aside === true ? dispatchers.aside : dispatchers.calls;
      dispatcher.dispatch(
        {
          path: request.path ?? path,
          method: request.method,
          headers: request.headers,
          body: request.body ?? null,
          headersTimeout: 0,
          bodyTimeout: 0,
        },
        flight,
      );
      return flight;
    },
    close(): Promise<void> {
      for (const flight of flights.list()) flight.fail('closed', new Error('the exchange was closed'));
      return (closing ??= options.release());
    },
  };
}

const noHeaders: HttpHeaders = {};

/** One exchange: undici's handler on one side, ours on the other. */
class Flight implements Dispatcher.DispatchHandler, HttpInFlight, OpenItem {
  place = -1;
  /** Undefined once it is over. */
  #receiver: HttpReceiver | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #status = 0;
  #headers: HttpHeaders = noHeaders;
  #first: Buffer | undefined;
  #more: Buffer[] | undefined;
  #size = 0;
  #events: EventReader | undefined;

  readonly #maxBytes: number;
  readonly #flights: OpenItems<Flight>;

  constructor(receiver: HttpReceiver, maxBytes: number, flights: OpenItems<Flight>) {
    this.#receiver = receiver;
    this.#maxBytes = maxBytes;
    this.#flights = flights;
    flights.add(this);
  }

  abort(): void {
    if (this.#over() !== undefined) this.#controller?.abort(new Error('aborted'));
  }

  /** Tells the receiver in a later turn, since undici may fail a dispatch before it returns. */
  fail(failure: HttpFailure, cause: Error): void {
    const receiver = this.#over();
    if (receiver === undefined) return;
    this.#controller?.abort(cause);
    queueMicrotask(() => receiver.failed(failure, cause));
  }

  #over(): HttpReceiver | undefined {
    const receiver = this.#receiver;
    this.#receiver = undefined;
    this.#first = this.#more = undefined;
    this.#flights.delete(this);
    return receiver;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#receiver === undefined) controller.abort(new Error('aborted'));
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: HttpHeaders): void {
    const receiver = this.#receiver;
    if (status < 200 || receiver === undefined) return;
    this.#status = status;
    this.#headers = headers;
    const encoding = headers['content-encoding'];
    if (encoding !== undefined && encoding !== 'identity') {
      return this.fail('malformed', new Error('the server compressed a response although nobody asked it to'));
    }
    receiver.head?.(status, headers);
    const type = headers['content-type'];
    if (typeof type === 'string' && isEventStream(type)) {
      this.#events = new EventReader(receiver, controller, this.#maxBytes);
    } else if (Number(headers['content-length']) > this.#maxBytes) {
      this.#tooLarge();
    }
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#receiver === undefined) return;
    if (this.#events !== undefined) return this.#feed(this.#events, chunk);
    this.#size += chunk.length;
    if (this.#size > this.#maxBytes) this.#tooLarge();
    else if (this.#first === undefined) this.#first = chunk;
    else (this.#more ??= [this.#first]).push(chunk);
  }

  #feed(events: EventReader, chunk: Buffer): void {
    const failure = events.feed(chunk);
    if (failure === 'too-large') this.#tooLarge();
    else if (failure === 'malformed') this.fail('malformed', new Error('an event is not UTF-8'));
  }

  #tooLarge(): void {
    this.fail('too-large', new Error(`a message is larger than ${this.#maxBytes} bytes`));
  }

  onResponseEnd(): void {
    if (this.#events !== undefined) return this.#events.end(() => this.#over()?.end());
    const body = this.#more === undefined ? (this.#first ?? Buffer.alloc(0)) : Buffer.concat(this.#more, this.#size);
    this.#over()?.body(body, this.#status, this.#headers);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#controller === undefined) this.fail('unreachable', connectionError(error));
    else this.fail(isNonsense(error) ? 'malformed' : 'closed', error);
  }
}

/** Events in order, one at a time: the next is delivered when the promise for the one before has settled. */
class EventReader {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  readonly #parser: EventSourceParser;
  readonly #waiting: HttpEvent[] = [];
  #busy = false;
  #tooLarge = false;
  #ended: (() => void) | undefined;

  readonly #receiver: HttpReceiver;
  readonly #controller: Dispatcher.DispatchController;

  constructor(receiver: HttpReceiver, controller: Dispatcher.DispatchController, maxBytes: number) {
    this.#receiver = receiver;
    this.#controller = controller;
    this.#parser = createParser({
      maxBufferSize: maxBytes,
      onEvent: (event: EventSourceMessage) => {
        // UTF-16 units never outnumber UTF-8 bytes, so this can only be generous by the factor of the alphabet.
        if (event.data.length > maxBytes) this.#tooLarge = true;
        else this.#take(event);
      },
      onId: (id) => this.#take({ data: '', id }),
      onRetry: (retryMs) => this.#take({ data: '', retryMs }),
      onError: (error) => {
        if (error.type === 'max-buffer-size-exceeded') this.#tooLarge = true;
      },
    });
  }

  feed(chunk: Uint8Array): HttpFailure | undefined {
    try {
      this.#parser.feed(this.#decoder.decode(chunk, { stream: true }));
    } catch {
      return this.#tooLarge ? 'too-large' : 'malformed';
    }
    return this.#tooLarge ? 'too-large' : undefined;
  }

  end(ended: () => void): void {
    if (this.#busy) this.#ended = ended;
    else ended();
  }

  #take(event: HttpEvent): void {
    if (this.#busy) this.#waiting.push(event);
    else this.#deliver(event);
  }

  #deliver(event: HttpEvent): void {
    const room = this.#receiver.event(event);
    if (room === undefined) return;
    this.#busy = true;
    this.#controller.pause();
    const next = (): void => this.#next();
    room.then(next, next);
  }

  #next(): void {
    this.#busy = false;
    while (!this.#busy) {
      const event = this.#waiting.shift();
      if (event === undefined) break;
      this.#deliver(event);
    }
    if (this.#busy) return;
    if (this.#ended !== undefined) this.#ended();
    else this.#controller.resume();
  }
}

function isEventStream(contentType: string): boolean {
  return contentType.length >= 17 && contentType.slice(0, 17).toLowerCase() === 'text/event-stream';
}

/** Whether the server wrote something that is not HTTP. */
function isNonsense(error: Error): boolean {
  return error instanceof errors.HTTPParserError || error instanceof errors.HeadersOverflowError;
}
