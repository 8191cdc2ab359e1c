import { ToolyardError } from '../../../errors/toolyard-error.ts';
import type { HeaderLookup } from '../../../headers/header-names.ts';
import type { HeaderParam } from '../../../headers/header-params.ts';
import { type CheckedMeta, checkNotification, checkRequest } from '../ladder.ts';
import { checkParamHeaders } from '../../../headers/param-headers.ts';
import { readTraceContext } from '../../../headers/trace-context.ts';
import { OpenItems } from '../../../open-items.ts';
import type { Service } from '../../../service.ts';
import type { Envelope, NotificationEnvelope, RequestEnvelope } from '../../../wire/envelope.ts';
import type { RawObject } from '../../../wire/raw-object.ts';
import type { Accepted } from '../../http/http-accept.ts';
import type { HttpIncoming, HttpOutgoing } from '../../http/http-incoming.ts';
import { refuse } from '../../http/http-refusal.ts';
import { removedMethods } from '../../removed-methods.ts';
import { ModernServedCall, type ServedCallHost } from './http-served-call.ts';

/** The header annotations of a tool, where they are known. */
export type ToolHeaderLookup = (tool: string) => readonly HeaderParam[] | undefined;

export interface ModernHttpDoorOptions {
  readonly serverInfo: RawObject;
  readonly maxPendingBytes: number;
  /** Calls of one principal at once. */
  readonly maxInFlight: number;
  readonly toolHeaders: ToolHeaderLookup | undefined;
}

/** Requests of 2026-07-28 at our door: each is complete in itself, and no session is kept. */
export class ModernHttpDoor implements ServedCallHost {
  readonly service: Service;
  readonly serverInfo: RawObject;
  readonly maxPendingBytes: number;
  readonly #maxInFlight: number;
  readonly #toolHeaders: ToolHeaderLookup | undefined;
  readonly #calls = new OpenItems<ModernServedCall>();
  /** Calls of each caller; one with none has no entry. */
  readonly #counts = new Map<string, number>();
  #idle: (() => void) | undefined;

  constructor(service: Service, options: ModernHttpDoorOptions) {
    this.service = service;
    this.serverInfo = options.serverInfo;
    this.maxPendingBytes = options.maxPendingBytes;
    this.#maxInFlight = options.maxInFlight;
    this.#toolHeaders = options.toolHeaders;
  }

  handle(incoming: HttpIncoming, outgoing: HttpOutgoing, envelope: Envelope, accepted: Accepted): void {
    if (envelope.kind !== 'request') {
      // Nothing that a client of this revision may send besides requests has any effect over HTTP.
      if (envelope.kind === 'notification') this.#notified(incoming, outgoing, envelope);
      else
        refuse(
          outgoing,
          new ToolyardError(
            'INVALID_REQUEST',
            { reason: 'a client sends no responses' },
            'A client sends no responses in this revision.',
          ),
        );
      return;
    }
    try {
      const meta = this.#check(envelope, (name) => incoming.header(name));
      if (envelope.method === 'subscriptions/listen' && !accepted.events) throw needsEvents();
      this.#count(incoming);
      const call = new ModernServedCall(this, incoming, outgoing, {
        request: envelope,
        clientInfo: meta.clientInfo,
        capabilities: meta.capabilities,
        progressToken: meta.progressToken,
        logLevel: meta.logLevel,
        trace: readTraceContext((name) => incoming.header(name)),
        acceptsEvents: accepted.events,
        acceptsJson: accepted.json,
      });
      this.#calls.add(call);
      call.start();
    } catch (error) {
      refuse(outgoing, error, envelope.id);
    }
  }

  #notified(incoming: HttpIncoming, outgoing: HttpOutgoing, { method, params }: NotificationEnvelope): void {
    try {
      checkNotification(method, params, (name) => incoming.header(name));
      outgoing.respond(202, []);
    } catch (error) {
      refuse(outgoing, error);
    }
  }

  #check({ method, params }: RequestEnvelope, header: HeaderLookup): CheckedMeta {
    const meta = checkRequest(method, params, header);
    if (removedMethods.has(method))
      throw new ToolyardError('METHOD_UNKNOWN', { method }, `There is no method ${method}.`);
    const name = method === 'tools/call' && this.#toolHeaders !== undefined ? params.string('name') : undefined;
    const annotated = name === undefined ? undefined : this.#toolHeaders?.(name);
    if (annotated !== undefined) checkParamHeaders(annotated, params, header);
    return meta;
  }

  settled(call: ModernServedCall): void {
    if (!this.#calls.delete(call)) return;
    const key = callerKey(call);
    const count = (this.#counts.get(key) ?? 1) - 1;
    if (count === 0) this.#counts.delete(key);
    else this.#counts.set(key, count);
    if (this.#calls.size === 0) this.#idle?.();
  }

  #count(caller: HttpIncoming): void {
    const key = callerKey(caller);
    const count = this.#counts.get(key) ?? 0;
    const limit = this.#maxInFlight;
    if (count >= limit)
      throw new ToolyardError('TOO_MANY_CALLS', { limit }, `There are ${limit} calls of yours in flight already.`);
    this.#counts.set(key, count + 1);
  }

  /** Ends subscriptions at once. Resolves when no call is left. */
  drain(why: ToolyardError): Promise<void> {
    for (const call of this.#calls.list()) if (call.listens) call.close(why);
    if (this.#calls.size === 0) return Promise.resolve();
    return new Promise((resolve) => (this.#idle = resolve));
  }

  abort(why: ToolyardError): void {
    for (const call of this.#calls.list()) call.close(why);
  }
}

function callerKey({ principal, tenant }: { readonly principal: string; readonly tenant: string }): string {
  return tenant === 'default' ? principal : `${tenant}\n${principal}`;
}

function needsEvents(): ToolyardError<'MEDIA_TYPE_UNSUPPORTED'> {
  const facts = { header: 'Accept', expected: 'text/event-stream' };
  return new ToolyardError(
    'MEDIA_TYPE_UNSUPPORTED',
    facts,
    'A subscription needs a client that accepts text/event-stream.',
  );
}
