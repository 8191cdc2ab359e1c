import type { Call } from '../../../call.ts';
import { ToolyardError } from '../../../errors/toolyard-error.ts';
import { toWireError } from '../../../errors/wire-error.ts';
import type { MessageId } from '../../../pipe.ts';
import type { Reply } from '../../../reply.ts';
import type { Connection } from '../../../transport.ts';
import type { NotificationEnvelope, RequestEnvelope } from '../../../wire/envelope.ts';
import { RawObject } from '../../../wire/raw-object.ts';
import { createParking, type Parking } from '../../bridge/parking.ts';
import { interruptible, isQuestion, missingCapability, type QuestionMethod } from '../../bridge/question.ts';
import { QuestionedCall } from '../../bridge/questioned-call.ts';
import { completed, UrlElicitations } from '../../bridge/url-elicitations.ts';
import { CallsInFlight } from '../../channel/calls-in-flight.ts';
import type { Channel } from '../../channel/channel.ts';
import { channelConnection } from '../../channel/connection.ts';
import { withProgressToken, writeLegacyMeta } from '../../modern/meta.ts';
import type { PipeConnectOptions } from '../../pipe/pipe-options.ts';
import { modernMethods, removedMethods } from '../../removed-methods.ts';
import { ClientLogLevel } from './client-log-level.ts';
import { ClientSubscriptions } from './client-subscriptions.ts';
import {
  discoverFromInitialize,
  toLegacyAnswer,
  toModernError,
  toModernResult,
  withoutAnswers,
} from '../translate/translate.ts';

const defaultTimeoutMs = 60_000;
const defaultMaxTimeoutMs = 600_000;
const defaultMaxInFlight = 1_024;
const defaultPageWaitMs = 20_000;

/** What the server said when the session was opened. */
export interface LegacyHandshake {
  readonly revision: string;
  /** The result of `initialize`. */
  readonly initialized: RawObject;
}

/** One session, for whoever keeps several with one server. */
export interface LegacySession extends Connection {
  /** Calls that the server works on, those that are parked included, and subscriptions. */
  readonly load: number;
  /** What belongs to no call of this session goes to its subscriptions, and then here. */
  onEvent: ((method: string, params: RawObject) => void) | undefined;
  /** Passes an event of another session with the same server to the subscriptions of this one. */
  overhear(method: string, params: RawObject): void;
}

/** The session of a server before 2026-07-28 as a service of today's shape. */
export function legacyClientSession(
  channel: Channel,
  options: PipeConnectOptions,
  handshake: LegacyHandshake,
): LegacySession {
  const {
    upstream,
    timeoutMs = defaultTimeoutMs,
    maxTimeoutMs = defaultMaxTimeoutMs,
    maxInFlight = defaultMaxInFlight,
  } = options;
  const { revision } = handshake;
  const capabilities = handshake.initialized.object('capabilities') ?? RawObject.empty;
  const discovery: Reply = { result: discoverFromInitialize(handshake.initialized) };
  const parking: Parking = options.parking ?? createParking();
  const flights = new CallsInFlight<QuestionedCall>();
  const logLevel = new ClientLogLevel(channel, capabilities.has('logging'), timeoutMs);
  const subscriptions = new ClientSubscriptions(channel, { upstream, capabilities, timeoutMs, maxInFlight });
  const urls = new UrlElicitations(options.pageWaitMs ?? defaultPageWaitMs);

  const session: LegacySession = {
    ...channelConnection({ channel, options, revision, answer }),
    get load() {
      return flights.size + subscriptions.size;
    },
    onEvent: undefined,
    overhear: (method, params) => subscriptions.event(method, params),
  };
  channel.handTo({ request, notification });
  return session;

  async function answer(call: Call): Promise<Reply> {
    const { method } = call;
    if (method === 'server/discover') return discovery;
    if (method === 'subscriptions/listen') return subscriptions.listen(call);
    if (removedMethods.has(method) || modernMethods.has(method))
      throw new ToolyardError('METHOD_UNKNOWN', { method }, `${upstream} does not know the method ${method}.`);
    try {
      const { result } = await (interruptible(method) ? urls.through(call, run) : run(call));
      return { result: toModernResult(method, result) };
    } catch (error) {
      throw translated(error, call);
    }
  }

  function run(call: Call): Promise<Reply> {
    const { params } = call;
    if (params.has('requestState'))
      return parking.take(call, upstream, params.string('requestState') ?? '').resume(call);
    logLevel.wants(call.logLevel, flights.wantedLevel());
    const first: Call = params.has('inputResponses') ? { ...call, params: withoutAnswers(params) } : call;
    const request = channel.ask(
      call.method,
      (id) => writeLegacyMeta(first, { progressToken: call.progressToken === undefined ? undefined : id }),
      {
        silenceMs: timeoutMs,
        maxMs: maxTimeoutMs,
        deadlineMs: call.deadlineMs,
        progress: (params) => progress(flight.call, params),
      },
    );
    const flight: QuestionedCall = new QuestionedCall(call, request, {
      channel,
      parking,
      upstream,
      answer: toServer,
      settled,
    });
    flights.add(flight);
    return flight.run(call);
  }

  function toServer(method: string, answer: RawObject): RawObject {
    return toLegacyAnswer(method, answer, revision);
  }

  function settled(flight: QuestionedCall): void {
    flights.delete(flight);
    logLevel.settle(flights.wantedLevel());
  }

  function request({ id, method, params }: RequestEnvelope, about: MessageId | undefined): void {
    if (method === 'ping') void channel.reply(id, RawObject.empty);
    else if (isQuestion(method)) question(id, method, params, about);
    else refuse(id, new ToolyardError('METHOD_UNKNOWN', { method }, `This client does not know the method ${method}.`));
  }

  function question(id: MessageId, method: QuestionMethod, params: RawObject, about: MessageId | undefined): void {
    const flight = flights.ownerOfQuestion(about, (candidate) => candidate.interruptible);
    if (flight === undefined || !flight.interruptible) {
      const reason =
        flights.size > 1
          ? 'several calls are in flight, and nothing tells which of them it is about'
          : 'no call is in flight that could be asked';
      refuse(id, new ToolyardError('METHOD_UNKNOWN', { method }, `${method} cannot be passed on: ${reason}.`));
      return;
    }
    const missing = missingCapability(flight.capabilities, method, params);
    if (missing === undefined) flight.question(id, method, params);
    else
      refuse(
        id,
        new ToolyardError(
          'METHOD_UNKNOWN',
          { method },
          `${method} cannot be passed on: the caller did not declare ${missing}.`,
        ),
      );
  }

  function refuse(id: MessageId, error: ToolyardError): void {
    void channel.replyError(id, toWireError(error).error);
  }

  function notification({ method, params }: NotificationEnvelope, about: MessageId | undefined): void {
    if (method === 'notifications/message') flights.log(params, about);
    else if (method === 'notifications/cancelled') withdraw(params.member('requestId')?.text);
    else if (method === completed) pageCompleted(params);
    else event(method, params);
  }

  function event(method: string, params: RawObject): void {
    subscriptions.event(method, params);
    session.onEvent?.(method, params);
  }

  function pageCompleted(params: RawObject): void {
    const id = params.string('elicitationId');
    const known = id !== undefined && [...flights.values()].some((flight) => flight.pageCompleted(id));
    if (!known) urls.complete(params);
  }

  function withdraw(id: MessageId | undefined): void {
    if (id !== undefined) for (const flight of flights.values()) flight.withdraw(id);
  }

  function translated(error: unknown, call: Call): unknown {
    if (!ToolyardError.is(error, 'UPSTREAM_ERROR')) return error;
    const original = error.facts.error;
    const modern = toModernError(original, call.params.string('uri'));
    return modern === original
      ? error
      : new ToolyardError('UPSTREAM_ERROR', { upstream, error: modern }, error.message, { cause: error });
  }
}

function progress(call: Call | undefined, params: RawObject): void {
  if (call?.progressToken === undefined) return;
  void call.notify({ method: 'notifications/progress', params: withProgressToken(params, call.progressToken) });
}
