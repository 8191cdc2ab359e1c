import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { readBody } from './body.ts';
import { Exchange, type ExchangeKeeper, shortText } from './exchange.ts';

/** An exchange of a `node:http` server. */
export class NodeExchange extends Exchange {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;

  constructor(request: IncomingMessage, response: ServerResponse, keeper: ExchangeKeeper) {
    super(keeper);
    this.#request = request;
    this.#response = response;
    response.on('close', () => this.over(response.writableFinished));
    response.on('error', ignore);
  }

  get method(): string {
    return this.#request.method ?? '';
  }

  get url(): string {
    return this.#request.url ?? '';
  }

  get headers(): IncomingHttpHeaders {
    return this.#request.headers;
  }

  header(name: string): string | undefined {
    const value = this.#request.headers[name];
    return typeof value === 'object' ? value.join(', ') : value;
  }

  readBody(maxBytes: number, done: (body: Uint8Array | 'too-large') => void): void {
    readBody(this.#request, maxBytes, done);
  }

  get pendingBytes(): number {
    return this.#response.writableLength;
  }

  destroy(): void {
    this.#response.destroy();
  }

  protected sendWhole(status: number, headers: string[], body: readonly Uint8Array[]): void {
    const response = this.#response;
    response.writeHead(status, headers);
    const text = shortText(body);
    if (text !== undefined) {
      response.end(text, 'latin1');
      return;
    }
    response.cork();
    for (const piece of body) response.write(piece);
    response.end();
  }

  protected sendHead(headers: string[]): void {
    this.#response.writeHead(200, headers);
  }

  protected flushHead(): void {
    this.#response.flushHeaders();
  }

  protected sendChunk(chunk: Uint8Array): boolean {
    return this.#response.write(chunk);
  }

  protected sendEnd(): void {
    this.#response.end();
  }

  protected get full(): boolean {
    return this.#response.writableNeedDrain;
  }

  protected onDrain(drained: () => void): void {
    this.#response.once('drain', drained);
  }

  protected limitStall(stallMs: number): void {
    this.#response.setTimeout(stallMs);
  }
}

function ignore(): void {}
