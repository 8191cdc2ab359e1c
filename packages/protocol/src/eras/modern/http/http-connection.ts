import { cancelled } from '../../../abort.ts';
import type { Call } from '../../../call.ts';
import { createCall } from '../../../create-call.ts';
import { ToolyardError } from '../../../errors/toolyard-error.ts';
import { OpenItems } from '../../../open-items.ts';
import type { Reply } from '../../../reply.ts';
import type { Service } from '../../../service.ts';
import type { Connection, ConnectOptions, Peer } from '../../../transport.ts';
import { RawObject } from '../../../wire/raw-object.ts';
import { closedHere } from '../../channel/client/connection.ts';
import { defaultMaxInFlight, defaultMaxTimeoutMs, defaultTimeoutMs } from '../../defaults.ts';
import type { HttpExchange } from '../../http/http-exchange.ts';
import { modernRevision } from '../../revisions.ts';
import { ModernHttpCall, type ModernHttpHost } from './http-call.ts';
import { ToolHeaders } from './tool-headers.ts';

export interface ModernHttpOptions extends ConnectOptions {
  /** Sent with every request, after the headers the protocol needs: name, value, name, value. */
  readonly headers: readonly string[];
  /** The server answered as none of this revision would: what is remembered about it is wrong. */
  readonly onContradiction: () => void;
}

/** Pages of one tool list that are fetched to learn its headers. */
const maxPages = 100;

/** A connection to a server that speaks 2026-07-28 over Streamable HTTP: each call is an exchange of its own, and there is no session. */
export class ModernHttpConnection implements Connection, ModernHttpHost {
  readonly peer: Peer = { revision: modernRevision, wire: 'streamable-http' };
  readonly closed: Promise<Error | undefined>;
  readonly service: Service;
  readonly exchange: HttpExchange;
  readonly upstream: string;
  readonly clientInfo: RawObject;
  readonly headers: readonly string[];
  readonly tools: ToolHeaders;
  readonly timeoutMs: number;
  readonly maxTimeoutMs: number;

  readonly #calls = new OpenItems<ModernHttpCall>();
  readonly #maxInFlight: number;
  readonly #over: PromiseWithResolvers<Error | undefined> = Promise.withResolvers<Error | undefined>();
  readonly #onContradiction: () => void;
  #nextId = 1;
  #gone: ToolyardError | undefined;
  #closing: Promise<void> | undefined;
  #asking: Promise<void> | undefined;
  #learning: Promise<void> | undefined;

  constructor(exchange: HttpExchange, options: ModernHttpOptions) {
    this.exchange = exchange;
    this.upstream = options.upstream;
    this.clientInfo = RawObject.of(options.clientInfo);
    this.headers = options.headers;
    this.timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
    this.maxTimeoutMs = options.maxTimeoutMs ?? defaultMaxTimeoutMs;
    this.tools = new ToolHeaders(options.onLog);
    this.#maxInFlight = options.maxInFlight ?? defaultMaxInFlight;
    this.#onContradiction = options.onContradiction;
    this.closed = this.#over.promise;
    this.service = (call) => this.#call(call);
  }

  nextId(): number {
    return this.#nextId++;
  }

  settled(call: ModernHttpCall): void {
    this.#calls.delete(call);
  }

  /** Calls in flight go on: each of them will find out for itself. */
  lost(reason: ToolyardError): void {
    if (this.#gone !== undefined) return;
    this.#gone = new ToolyardError('UPSTREAM_CLOSED', { upstream: this.upstream }, `${this.upstream} is gone.`, {
      cause: reason,
    });
    this.#over.resolve(reason);
  }

  contradicted(reason: ToolyardError): void {
    this.#onContradiction();
    this.lost(reason);
  }

  /** A stream broke. One question tells whether the server is gone, so that an idle connection does not stay up for nothing. */
  broken(): void {
    if (this.#asking !== undefined || this.#gone !== undefined) return;
    this.#asking = this.service(createCall('server/discover', { signal: this.#patience() })).then(
      () => {},
      () => {}, // Where the server is gone, the call itself has said so by `lost`.
    );
    void this.#asking.then(() => (this.#asking = undefined));
  }

  relearnTools(): Promise<void> {
    this.#learning ??= this.#readTools().finally(() => (this.#learning = undefined));
    return this.#learning;
  }

  async #readTools(): Promise<void> {
    let cursor: string | undefined;
    for (let page = 0; page < maxPages; page += 1) {
      const { result } = await this.service(
        createCall('tools/list', { signal: this.#patience(), params: cursor === undefined ? {} : { cursor } }),
      );
      const next = result.string('nextCursor');
      if (next === undefined || next === cursor) return;
      cursor = next;
    }
  }

  /** The timeout of the call itself comes first; this one only stands where a signal must. */
  #patience(): AbortSignal {
    return AbortSignal.timeout(this.maxTimeoutMs);
  }

  #call(call: Call): Promise<Reply> {
    if (this.#gone !== undefined) return Promise.reject(this.#gone);
    if (call.signal.aborted) return Promise.reject(cancelled(call.signal));
    if (this.#calls.size >= this.#maxInFlight) {
      const limit = this.#maxInFlight;
      return Promise.reject(
        new ToolyardError(
          'UPSTREAM_BUSY',
          { upstream: this.upstream, limit },
          `${this.upstream} has ${limit} calls in flight already.`,
        ),
      );
    }
    return new Promise((resolve, reject) => {
      const exchange = new ModernHttpCall(this, call, resolve, reject);
      this.#calls.add(exchange);
      exchange.start();
    });
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    this.#gone = closedHere(this.upstream);
    for (const call of this.#calls.list()) call.fail(this.#gone);
    this.#over.resolve(undefined);
    await this.exchange.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
