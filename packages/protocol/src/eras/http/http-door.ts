import { ToolyardError } from '../../errors/toolyard-error.ts';
import type { Service } from '../../service.ts';
import { type Envelope, readEnvelope, salvageId } from '../../wire/envelope.ts';
import { RawObject } from '../../wire/raw-object.ts';
import { defaultMaxInFlight, defaultMaxPendingBytes } from '../defaults.ts';
import { isBatch } from '../legacy/http/batch.ts';
import { HttpSessions } from '../legacy/http/http-sessions.ts';
import { ModernHttpDoor } from '../modern/http/http-door.ts';
import { requestEra } from '../request-era.ts';
import { type Accepted, isJson, readAccept } from './http-accept.ts';
import type { HttpDoorOptions } from './http-door-options.ts';
import type { HttpIncoming, HttpOutgoing } from './http-incoming.ts';
import { jsonHeaders, refuse } from './http-refusal.ts';

/** An MCP endpoint, whatever carries its HTTP. */
export interface HttpDoor {
  /** Answers one request; never throws. */
  handle(incoming: HttpIncoming, outgoing: HttpOutgoing): void;
  /**
   * Answers a request at the place of the event stream of HTTP+SSE (2024-11-05); never throws. `messagesPath`: where what is posted
   * reaches `handleMessage`.
   */
  handleEvents(incoming: HttpIncoming, outgoing: HttpOutgoing, messagesPath: string): void;
  /** Answers a request at `messagesPath`; never throws. `sessionId`: from its query. */
  handleMessage(incoming: HttpIncoming, outgoing: HttpOutgoing, sessionId: string | undefined): void;
  /** As `Listener.close`. */
  close(options?: { readonly drainMs?: number }): Promise<void>;
}

const methodNotAllowed = [...jsonHeaders, 'allow', 'POST'];
const sessionMethodNotAllowed = [...jsonHeaders, 'allow', 'POST, GET, DELETE'];

/** Serves clients of every revision at one endpoint: those of 2026-07-28 without sessions, older ones with (spec: basic/versioning). */
export function httpDoor(service: Service, options: HttpDoorOptions): HttpDoor {
  const { maxPendingBytes = defaultMaxPendingBytes, maxInFlight = defaultMaxInFlight, toolHeaders } = options;
  const serverInfo = RawObject.of(options.serverInfo);
  const modern = new ModernHttpDoor(service, { serverInfo, maxPendingBytes, maxInFlight, toolHeaders });
  const sessions = new HttpSessions(service, options);
  let closing: Promise<void> | undefined;
  let hurry: ((drainMs: number) => void) | undefined;

  return {
    handle(incoming, outgoing) {
      if (closing !== undefined && !goesOn(incoming)) return refuseClosed(incoming, outgoing);
      try {
        if (incoming.method === 'POST') post(incoming, outgoing);
        else if (incoming.method === 'GET' || incoming.method === 'DELETE') other(incoming, outgoing);
        else refuse(outgoing, notAllowed(incoming.method), undefined, sessionMethodNotAllowed);
      } catch (error) {
        refuse(outgoing, error);
      }
    },
    handleEvents(incoming, outgoing, messagesPath) {
      if (closing !== undefined) return refuseClosed(incoming, outgoing);
      try {
        // Clients that try newer transports first take this for a sign to come back with GET (spec: basic/transports, backwards compatibility).
        if (incoming.method !== 'GET')
          return refuse(outgoing, notAllowed(incoming.method), undefined, [...jsonHeaders, 'allow', 'GET']);
        if (!readAccept(incoming.header('accept')).events) throw mediaType('Accept', 'text/event-stream');
        sessions.openEvents(incoming, outgoing, messagesPath);
      } catch (error) {
        refuse(outgoing, error);
      }
    },
    handleMessage(incoming, outgoing, sessionId) {
      if (closing !== undefined && !goesOn(incoming)) return refuseClosed(incoming, outgoing);
      try {
        if (incoming.method !== 'POST')
          return refuse(outgoing, notAllowed(incoming.method), undefined, methodNotAllowed);
        checkContent(incoming);
        sessions.postMessage(incoming, outgoing, sessionId);
      } catch (error) {
        refuse(outgoing, error, salvageId(incoming.body));
      }
    },
    close({ drainMs = 0 } = {}) {
      hurry?.(drainMs);
      return (closing ??= drain(drainMs));
    },
  };

  function post(incoming: HttpIncoming, outgoing: HttpOutgoing): void {
    checkContent(incoming);
    const accepted = readAccept(incoming.header('accept'));
    if (!accepted.json && !accepted.events) throw mediaType('Accept', 'application/json, text/event-stream');
    if (isBatch(incoming.body)) return sessions.postBatch(incoming, outgoing, accepted);
    let envelope: Envelope;
    try {
      envelope = readEnvelope(incoming.body);
    } catch (error) {
      return refuse(outgoing, error, salvageId(incoming.body));
    }
    dispatch(incoming, outgoing, envelope, accepted);
  }

  function dispatch(incoming: HttpIncoming, outgoing: HttpOutgoing, envelope: Envelope, accepted: Accepted): void {
    try {
      if (envelope.kind === 'request' || envelope.kind === 'notification') {
        const era = requestEra(envelope.method, envelope.params, incoming.header('mcp-protocol-version'));
        if (era === 'modern') return modern.handle(incoming, outgoing, envelope, accepted);
      }
      sessions.post(incoming, outgoing, envelope, accepted);
    } catch (error) {
      refuse(outgoing, error, envelope.kind === 'notification' ? undefined : envelope.id);
    }
  }

  function other(incoming: HttpIncoming, outgoing: HttpOutgoing): void {
    if (incoming.header('mcp-session-id') === undefined) {
      return refuse(outgoing, notAllowed(incoming.method), undefined, methodNotAllowed);
    }
    if (incoming.method === 'DELETE') return sessions.end(incoming, outgoing);
    if (!readAccept(incoming.header('accept')).events) throw mediaType('Accept', 'text/event-stream');
    sessions.listen(incoming, outgoing);
  }

  async function drain(drainMs: number): Promise<void> {
    const over = Promise.withResolvers<void>();
    let timer = setTimeout(over.resolve, drainMs);
    let untilMs = performance.now() + drainMs;
    hurry = (sooner) => {
      if (performance.now() + sooner >= untilMs) return;
      untilMs = performance.now() + sooner;
      clearTimeout(timer);
      timer = setTimeout(over.resolve, sooner);
      void sessions.close(sooner);
    };
    const idle = Promise.all([modern.drain(closed()), sessions.close(drainMs)]);
    await Promise.race([idle, over.promise]);
    clearTimeout(timer);
    modern.abort(closed());
    await sessions.close(0);
  }
}

/** Whether a call that has still to end may need it: an answer to what the client was asked, a cancellation, a stream that was lost. */
function goesOn(incoming: HttpIncoming): boolean {
  if (incoming.method === 'GET') return incoming.header('last-event-id') !== undefined;
  try {
    return incoming.method === 'POST' && readEnvelope(incoming.body).kind !== 'request';
  } catch {
    return false;
  }
}

/** Nothing of it was done, so it may be sent again: to whoever is there then. */
function refuseClosed({ method, body }: HttpIncoming, outgoing: HttpOutgoing): void {
  refuse(outgoing, closed(), method === 'POST' ? salvageId(body) : undefined, [...jsonHeaders, 'retry-after', '1']);
}

function checkContent(incoming: HttpIncoming): void {
  if (!isJson(incoming.header('content-type'))) throw mediaType('Content-Type', 'application/json');
  const encoding = incoming.header('content-encoding');
  if (encoding !== undefined && encoding !== 'identity') throw mediaType('Content-Encoding', 'identity');
}

function closed(): ToolyardError<'CLOSED'> {
  return new ToolyardError('CLOSED', { what: 'endpoint' }, 'The endpoint is closing.');
}

function notAllowed(method: string): ToolyardError<'METHOD_NOT_ALLOWED'> {
  return new ToolyardError('METHOD_NOT_ALLOWED', { method }, `${method} is not allowed here.`);
}

function mediaType(header: string, expected: string): ToolyardError<'MEDIA_TYPE_UNSUPPORTED'> {
  return new ToolyardError('MEDIA_TYPE_UNSUPPORTED', { header, expected }, `${header} must be ${expected}.`);
}
