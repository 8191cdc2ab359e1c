import type { Call, LogLevel, Notification, TraceContext } from '../../../call.ts';
import { ToolyardError } from '../../../errors/toolyard-error.ts';
import { toWireError } from '../../../errors/wire-error.ts';
import type { OpenItem } from '../../../open-items.ts';
import type { Service } from '../../../service.ts';
import { encodeError, encodeNotification, encodeResultPieces } from '../../../wire/encode.ts';
import type { RequestEnvelope } from '../../../wire/envelope.ts';
import { RawObject } from '../../../wire/raw-object.ts';
import { concat } from '../../../wire/text.ts';
import { eventFrame } from '../../http/event-frame.ts';
import { jsonHeaders } from '../../http/http-refusal.ts';
import type { HttpIncoming, HttpOutgoing, HttpOutgoingListener } from '../../http/http-incoming.ts';
import { modernKnowsNotification } from '../../legacy/translate/notifications.ts';
import { withServerInfo, withSubscriptionId } from '../meta.ts';

/** What a served call needs of its door. */
export interface ServedCallHost {
  readonly service: Service;
  readonly serverInfo: RawObject;
  readonly maxPendingBytes: number;
  settled(call: ModernServedCall): void;
}

/** What the request has said about itself, after it was found to be in order. */
export interface AdmittedRequest {
  readonly request: RequestEnvelope;
  readonly clientInfo: RawObject | undefined;
  readonly capabilities: RawObject;
  readonly progressToken: string | number | undefined;
  readonly logLevel: LogLevel | undefined;
  readonly trace: TraceContext | undefined;
  /** Whether the client takes an event stream, and whether it takes plain JSON. */
  readonly acceptsEvents: boolean;
  readonly acceptsJson: boolean;
}

const done: Promise<void> = Promise.resolve();

/** One modern call at our door, from the request to the end of its response: JSON unless something has to be said before the reply. */
export class ModernServedCall implements HttpOutgoingListener, OpenItem {
  place = -1;
  readonly listens: boolean;
  readonly principal: string;
  readonly tenant: string;
  readonly #host: ServedCallHost;
  readonly #outgoing: HttpOutgoing;
  readonly #admitted: AdmittedRequest;
  readonly #controller = new AbortController();
  #streams = false;
  #acknowledged = false;
  #over = false;

  constructor(host: ServedCallHost, incoming: HttpIncoming, outgoing: HttpOutgoing, admitted: AdmittedRequest) {
    this.#host = host;
    this.#outgoing = outgoing;
    this.#admitted = admitted;
    this.principal = incoming.principal;
    this.tenant = incoming.tenant;
    this.listens = admitted.request.method === 'subscriptions/listen';
    outgoing.attach(this);
  }

  start(): void {
    const { request, clientInfo, capabilities, progressToken, logLevel, trace, acceptsJson } = this.#admitted;
    if (!acceptsJson) this.#open();
    const call: Call = {
      method: request.method,
      params: request.params,
      caller: { principal: this.principal, tenant: this.tenant, clientInfo, capabilities },
      signal: this.#controller.signal,
      deadlineMs: undefined,
      progressToken,
      logLevel,
      trace,
      notify: (notification) => this.#notify(notification),
    };
    let answer: ReturnType<Service>;
    try {
      answer = this.#host.service(call);
    } catch (error) {
      return this.fail(error);
    }
    answer.then(
      (reply) => this.#succeed(reply.result),
      (error: unknown) => this.fail(error),
    );
  }

  /** Closing the response is how a client cancels (spec: basic/transports/streamable-http). */
  gone(): void {
    this.#abort(
      new ToolyardError('CANCELLED', { reason: 'the client closed the response' }, 'The client closed the response.'),
    );
  }

  silent(): void {
    if (this.#admitted.acceptsEvents && !this.#over) this.#open();
  }

  /** The door closes: a subscription ends well, with a result; any other call is aborted and told so. */
  close(why: ToolyardError): void {
    if (this.#over) return;
    if (this.listens && this.#streams) this.#succeed(endOfSubscription);
    else this.fail(why);
    this.#controller.abort(why);
  }

  fail(error: unknown): void {
    if (!this.#settle()) return;
    const { httpStatus, error: told } = toWireError(error);
    this.#finish(httpStatus, [encodeError(this.#admitted.request.id, told)]);
  }

  #succeed(result: RawObject): void {
    if (this.#over) return;
    const { id } = this.#admitted.request;
    let body: readonly Uint8Array[];
    try {
      const stamped = withServerInfo(result, this.#host.serverInfo);
      body = encodeResultPieces(id, this.listens ? withSubscriptionId(stamped, id) : stamped);
    } catch (error) {
      return this.fail(error);
    }
    if (this.#settle()) this.#finish(200, body);
  }

  #finish(status: number, body: readonly Uint8Array[]): void {
    if (!this.#streams) return this.#outgoing.respond(status, jsonHeaders, ...body);
    this.#outgoing.write(eventFrame(concat(body)));
    this.#outgoing.end();
  }

  #notify({ method, params }: Notification): Promise<void> {
    const { acceptsEvents, logLevel, progressToken, request } = this.#admitted;
    if (this.#over || !acceptsEvents || !modernKnowsNotification(method)) return done;
    if (method === 'notifications/message' && logLevel === undefined) return done;
    if (method === 'notifications/progress' && progressToken === undefined) return done;
    if (this.listens && !this.#acknowledges(method)) return done;
    const frame = eventFrame(
      encodeNotification(method, this.listens ? withSubscriptionId(params, request.id) : params),
    );
    const { pendingBytes } = this.#outgoing;
    if (pendingBytes > 0 && pendingBytes + frame.length > this.#host.maxPendingBytes) {
      this.#tooSlow();
      return done;
    }
    this.#open();
    return this.#outgoing.write(frame) ? done : this.#outgoing.drained();
  }

  /** The acknowledgement goes first, and nothing before it (spec: basic/patterns/subscriptions). */
  #acknowledges(method: string): boolean {
    this.#acknowledged ||= method === 'notifications/subscriptions/acknowledged';
    return this.#acknowledged;
  }

  #tooSlow(): void {
    const limitBytes = this.#host.maxPendingBytes;
    this.#abort(
      new ToolyardError('CALLER_TOO_SLOW', { limitBytes }, `The client left more than ${limitBytes} bytes unread.`),
    );
    this.#outgoing.destroy();
  }

  #open(): void {
    if (this.#streams) return;
    this.#streams = true;
    this.#outgoing.open();
  }

  #abort(why: ToolyardError): void {
    if (this.#settle()) this.#controller.abort(why);
  }

  #settle(): boolean {
    if (this.#over) return false;
    this.#over = true;
    this.#host.settled(this);
    return true;
  }
}

const endOfSubscription = RawObject.of({ resultType: 'complete' });
