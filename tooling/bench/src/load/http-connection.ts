import { connect, type Socket } from 'node:net';

/** A response, its body without the framing; text is Latin-1, so that its length is what came. */
export interface HttpAnswer {
  readonly status: number;
  /** Status line and headers. */
  readonly head: string;
  readonly body: string;
}

export interface Receiver {
  /** The response is complete. */
  done(answer: HttpAnswer): void;
  /** A successful response began. */
  begun?(): void;
  /** More of the body came: for responses that do not end. */
  part?(body: string): void;
  failed(reason: Error): void;
}

/** One keep-alive connection, one request at a time, on a raw socket: the generator must not be what is measured. */
export class HttpConnection {
  readonly #socket: Socket;
  #receiver: Receiver | undefined;
  #pending = '';
  /** Of the response that is being read, once its head was. */
  #head: string | undefined;
  #length = 0;
  #body = '';

  /** `connected`: called once it stands; requests may be sent sooner. */
  constructor(url: URL, connected?: () => void) {
    this.#socket = connect(Number(url.port), url.hostname);
    this.#socket.setNoDelay(true);
    if (connected !== undefined) this.#socket.once('connect', connected);
    this.#socket.setEncoding('latin1');
    this.#socket.on('data', (chunk: string) => {
      this.#pending += chunk;
      while (this.#receiver !== undefined && this.#read(this.#receiver));
    });
    this.#socket.on('error', (error) => this.#fail(error));
    this.#socket.on('close', () => this.#fail(new Error('the connection was closed')));
  }

  /** Resolves when the connection stands. */
  static open(url: URL): Promise<HttpConnection> {
    return new Promise((resolve, reject) => {
      const connection: HttpConnection = new HttpConnection(url, () => resolve(connection));
      connection.#socket.once('close', () => reject(new Error('the connection was refused, or closed')));
    });
  }

  get usable(): boolean {
    return !this.#socket.destroyed;
  }

  send(request: Uint8Array | string, receiver: Receiver): void {
    if (this.#receiver !== undefined) throw new Error('a request is under way');
    if (this.#socket.destroyed) return receiver.failed(new Error('the connection was closed'));
    this.#receiver = receiver;
    this.#socket.write(request);
  }

  close(): void {
    this.#receiver = undefined;
    this.#socket.destroy();
  }

  #fail(reason: Error): void {
    const receiver = this.#receiver;
    this.#receiver = undefined;
    receiver?.failed(reason);
  }

  /** Whether a response was complete, and the next one may be there. */
  #read(receiver: Receiver): boolean {
    if (this.#head === undefined) {
      const end = this.#pending.indexOf('\r\n\r\n');
      if (end < 0) return false;
      this.#head = this.#pending.slice(0, end);
      this.#pending = this.#pending.slice(end + 4);
      this.#length = bodyLength(this.#head);
      this.#body = '';
      if (this.#head.startsWith('HTTP/1.1 2')) receiver.begun?.();
    }
    return this.#length < 0 ? this.#readChunks(receiver, this.#head) : this.#readWhole(receiver, this.#head);
  }

  #readWhole(receiver: Receiver, head: string): boolean {
    if (this.#pending.length < this.#length) return false;
    this.#body = this.#pending.slice(0, this.#length);
    this.#pending = this.#pending.slice(this.#length);
    return this.#complete(receiver, head);
  }

  #readChunks(receiver: Receiver, head: string): boolean {
    for (;;) {
      const end = this.#pending.indexOf('\r\n');
      if (end < 0) return false;
      const size = Number.parseInt(this.#pending.slice(0, end), 16);
      const next = end + 2 + size + 2;
      if (this.#pending.length < next) return false;
      const part = this.#pending.slice(end + 2, end + 2 + size);
      this.#pending = this.#pending.slice(next);
      if (size === 0) return this.#complete(receiver, head);
      if (receiver.part === undefined) this.#body += part;
      else receiver.part(part);
    }
  }

  #complete(receiver: Receiver, head: string): boolean {
    const answer = { status: Number(head.slice(9, 12)), head, body: this.#body };
    this.#head = undefined;
    this.#receiver = undefined;
    receiver.done(answer);
    return true;
  }
}

/** -1 for a body in chunks. */
function bodyLength(head: string): number {
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length !== undefined) return Number(length);
  return /\r\ntransfer-encoding: *chunked/i.test(head) ? -1 : 0;
}

/** One request on a connection that has none under way. */
export function exchange(connection: HttpConnection, request: Uint8Array | string): Promise<HttpAnswer> {
  return new Promise((done, failed) => connection.send(request, { done, failed }));
}
