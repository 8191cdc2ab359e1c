import { cancelled } from '../../../abort.ts';
import type { Call } from '../../../call.ts';
import { longestTimerMs } from '../../../errors/check-numbers.ts';
import { ToolyardError } from '../../../errors/toolyard-error.ts';
import type { OpenItem } from '../../../open-items.ts';
import type { Reply } from '../../../reply.ts';
import { encodeRequest } from '../../../wire/encode.ts';
import { type Envelope, readEnvelope } from '../../../wire/envelope.ts';
import { idKey } from '../../../wire/message-id.ts';
import { RawJson } from '../../../wire/raw-json.ts';
import type { RawObject } from '../../../wire/raw-object.ts';
import { encodeUtf8 } from '../../../wire/text.ts';
import { upstreamError } from '../../channel/upstream-error.ts';
import { failureError, malformedError, statusError } from '../../http/http-errors.ts';
import type { HttpEvent, HttpExchange, HttpFailure, HttpInFlight, HttpReceiver } from '../../http/http-exchange.ts';
import { modernRevision } from '../../revisions.ts';
import { translateHopError } from '../hop-error.ts';
import { withProgressToken, withoutSubscriptionId, writeMeta } from '../meta.ts';
import { callHeaders } from './call-headers.ts';
import type { ToolHeaders } from './tool-headers.ts';

/** What a call needs of its connection. */
export interface ModernHttpHost {
  readonly exchange: HttpExchange;
  readonly upstream: string;
  readonly clientInfo: RawObject;
  readonly headers: readonly string[];
  readonly tools: ToolHeaders;
  readonly timeoutMs: number;
  readonly maxTimeoutMs: number;
  nextId(): number;
  settled(call: ModernHttpCall): void;
  /** The server cannot be reached any more. */
  lost(reason: ToolyardError): void;
  /** The server is not what it was taken for. */
  contradicted(reason: ToolyardError): void;
  /** A stream broke. */
  broken(): void;
  /** Reads the tool list anew for the sake of its headers. */
  relearnTools(): Promise<void>;
}

/** A server that has answered should end its stream; after this time we end it. */
const lingerMs = 1_000;
const headerMismatch = -32020;
const versionUnsupported = -32022;

/** One call on its way over HTTP: an object instead of closures, since there is one for every relayed request. */
export class ModernHttpCall implements HttpReceiver, OpenItem {
  place = -1;
  readonly #host: ModernHttpHost;
  readonly #call: Call;
  readonly #resolve: (reply: Reply) => void;
  readonly #reject: (error: Error) => void;
  readonly #listens: boolean;
  #id = 0;
  #flight: HttpInFlight | undefined;
  #timer: NodeJS.Timeout | undefined;
  #startedMs = 0;
  #endMs = Infinity;
  /** When the silence is too long. */
  #dueMs = Infinity;
  #progress = -Infinity;
  #retried = false;
  #acknowledged = false;
  #settled = false;
  /** A function, since Node holds an object that listens so that it outlives young garbage collections, and the next call with it. */
  readonly #cancelled = (): void => this.fail(cancelled(this.#call.signal));

  constructor(host: ModernHttpHost, call: Call, resolve: (reply: Reply) => void, reject: (error: Error) => void) {
    this.#host = host;
    this.#call = call;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#listens = call.method === 'subscriptions/listen';
  }

  start(): void {
    const { timeoutMs, maxTimeoutMs } = this.#host;
    this.#call.signal.addEventListener('abort', this.#cancelled);
    this.#startedMs = performance.now();
    this.#endMs = this.#listens ? Infinity : this.#startedMs + maxTimeoutMs;
    if (this.#call.deadlineMs !== undefined && this.#call.deadlineMs < this.#endMs) this.#endMs = this.#call.deadlineMs;
    const leftMs = this.#endMs - this.#startedMs;
    const waitMs = this.#listens || leftMs < timeoutMs ? leftMs : timeoutMs;
    this.#dueMs = this.#startedMs + waitMs;
    if (waitMs !== Infinity) this.#timer = setTimeout(timedOut, Math.min(Math.max(waitMs, 0), longestTimerMs), this);
    this.#send();
  }

  #send(): void {
    const { exchange, headers, tools, clientInfo } = this.#host;
    const call = this.#call;
    const id = this.#host.nextId();
    this.#id = id;
    try {
      const progressToken = call.progressToken === undefined ? undefined : id;
      const params = writeMeta(call, { revision: modernRevision, progressToken, clientInfo });
      const request = {
        method: 'POST' as const,
        headers: callHeaders(call, headers, tools),
        body: encodeRequest(String(id), call.method, params),
      };
      this.#flight = exchange.start(request, this);
    } catch (error) {
      this.fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  timedOut(): void {
    const { upstream } = this.#host;
    const { method } = this.#call;
    // What was borne, not how much later the timer rang.
    const afterMs = Math.max(Math.round(this.#dueMs - this.#startedMs), 0);
    this.fail(
      new ToolyardError(
        'UPSTREAM_TIMEOUT',
        { upstream, method, afterMs },
        `${upstream} did not answer ${method} within ${afterMs} ms.`,
      ),
    );
  }

  /** Gives up, and closes the stream, which cancels the call at the server. */
  fail(error: Error): void {
    if (this.#settle()) {
      this.#flight?.abort();
      this.#reject(error);
    }
  }

  body(bytes: Uint8Array, status: number): void {
    if (this.#settled) return;
    this.#flight = undefined;
    let envelope: Envelope;
    try {
      envelope = readEnvelope(bytes);
    } catch (error) {
      if (status === 200) this.fail(this.#malformed(error instanceof Error ? error.message : 'no message', error));
      else this.#refused(status);
      return;
    }
    // An error that names no request is how servers before this revision refuse what they do not understand.
    if (status !== 200 && (envelope.kind !== 'error' || (envelope.id === undefined && !isHopError(envelope.error))))
      this.#refused(status);
    else this.#answered(envelope, status);
  }

  event(event: HttpEvent): Promise<void> | undefined {
    if (event.data === '' || (event.event !== undefined && event.event !== 'message') || this.#settled)
      return undefined;
    let envelope: Envelope;
    try {
      envelope = readEnvelope(encodeUtf8(event.data));
    } catch (error) {
      this.fail(this.#malformed(error instanceof Error ? error.message : 'no message', error));
      return undefined;
    }
    if (envelope.kind === 'notification') return this.#notified(envelope.method, envelope.params);
    this.#answered(envelope, 200);
    return undefined;
  }

  end(): void {
    if (this.#settled) return void clearTimeout(this.#timer);
    const { upstream } = this.#host;
    this.fail(new ToolyardError('UPSTREAM_CLOSED', { upstream }, `${upstream} ended the response without an answer.`));
  }

  failed(failure: HttpFailure, cause: Error): void {
    if (this.#settled) return void clearTimeout(this.#timer);
    const error = failureError(this.#host.upstream, failure, cause);
    this.fail(error);
    if (failure === 'unreachable') this.#host.lost(error);
    else if (failure === 'closed') this.#host.broken();
  }

  #answered(envelope: Envelope, status: number): void {
    if (envelope.kind === 'result' && this.#isMine(envelope.id)) return this.#succeed(envelope.result);
    if (envelope.kind === 'error' && (envelope.id === undefined || this.#isMine(envelope.id)))
      return this.#erred(envelope.error, status);
    const what =
      envelope.kind === 'request' || envelope.kind === 'notification'
        ? `a ${envelope.kind}`
        : 'an answer to another request';
    this.fail(this.#malformed(`${what} where the answer should be`));
  }

  #isMine(id: string): boolean {
    const mine = String(this.#id);
    return id === mine || idKey(id) === mine;
  }

  #succeed(result: RawObject): void {
    let reply: RawObject;
    try {
      reply = this.#listens ? withoutSubscriptionId(complete(result)) : complete(result);
      if (this.#call.method === 'tools/list') reply = this.#host.tools.learn(reply);
    } catch (error) {
      return this.fail(this.#malformed(error instanceof Error ? error.message : 'no result', error));
    }
    if (!this.#settle()) return;
    if (this.#flight !== undefined) this.#timer = setTimeout(abortFlight, lingerMs, this.#flight).unref();
    this.#resolve({ result: reply });
  }

  #erred(error: RawObject, status: number): void {
    const code = error.member('code')?.value;
    const told = upstreamError(this.#host.upstream, error);
    if (code === headerMismatch && this.#call.method === 'tools/call' && !this.#retried) return this.#retry();
    if (code === versionUnsupported) {
      const { upstream } = this.#host;
      this.fail(
        new ToolyardError(
          'UPSTREAM_STATUS',
          { upstream, status },
          `${upstream} no longer speaks the revision it spoke.`,
          { cause: told },
        ),
      );
      return this.#host.contradicted(told);
    }
    this.fail(translateHopError(told, this.#host.upstream));
  }

  /** The server does not like our headers: the tool has changed since we saw it (spec: x-mcp-header). Nothing was done yet, so once more is safe. */
  #retry(): void {
    this.#retried = true;
    this.#flight?.abort();
    const again = (): void => {
      if (!this.#settled) this.#send();
    };
    this.#host.relearnTools().then(again, again);
  }

  /** An HTTP error that says nothing in JSON-RPC. */
  #refused(status: number): void {
    const error = statusError(this.#host.upstream, status);
    this.fail(error);
    if (status === 400 || status === 404 || status === 405) this.#host.contradicted(error);
  }

  #notified(method: string, params: RawObject): Promise<void> | undefined {
    const call = this.#call;
    if (method === 'notifications/progress') return this.#progressed(params);
    this.#heard();
    if (method === 'notifications/message')
      return call.logLevel === undefined ? undefined : call.notify({ method, params });
    if (!this.#listens) return undefined;
    // What comes before the acknowledgement is not to be believed (spec: basic/patterns/subscriptions).
    this.#acknowledged ||= method === 'notifications/subscriptions/acknowledged';
    return this.#acknowledged ? call.notify({ method, params: withoutSubscriptionId(params) }) : undefined;
  }

  #progressed(params: RawObject): Promise<void> | undefined {
    const { progressToken } = this.#call;
    const progress = params.member('progress')?.value;
    if (progressToken === undefined || params.member('progressToken')?.value !== this.#id) return undefined;
    if (typeof progress !== 'number' || progress <= this.#progress) return undefined;
    this.#progress = progress;
    this.#heard();
    return this.#call.notify({ method: 'notifications/progress', params: withProgressToken(params, progressToken) });
  }

  /** The server works on it: silence counts anew, up to the hard bound. */
  #heard(): void {
    if (this.#timer === undefined || this.#settled) return;
    const nowMs = performance.now();
    const leftMs = this.#endMs - nowMs;
    if (this.#listens) return;
    this.#dueMs = Math.min(nowMs + this.#host.timeoutMs, this.#endMs);
    if (leftMs >= this.#host.timeoutMs) this.#timer.refresh();
    else {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(timedOut, Math.max(leftMs, 0), this);
    }
  }

  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    clearTimeout(this.#timer);
    this.#call.signal.removeEventListener('abort', this.#cancelled);
    this.#host.settled(this);
    return true;
  }

  #malformed(reason: string, cause?: unknown): ToolyardError<'UPSTREAM_MALFORMED'> {
    return malformedError(this.#host.upstream, reason, cause);
  }
}

function isHopError(error: RawObject): boolean {
  const code = error.member('code')?.value;
  return code === headerMismatch || code === versionUnsupported;
}

function timedOut(call: ModernHttpCall): void {
  call.timedOut();
}

function abortFlight(flight: HttpInFlight | undefined): void {
  flight?.abort();
}

/** A result without a type is a complete one (spec: basic, results). */
function complete(result: RawObject): RawObject {
  return result.has('resultType') ? result : result.prepend('resultType', completeType);
}

const completeType = RawJson.of('complete');
