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
import { type Questioned, QuestionedCall } from '../../bridge/questioned-call.ts';
import { completed, UrlElicitations } from '../../bridge/url-elicitations.ts';
import { CallsInFlight } from '../../channel/calls-in-flight.ts';
import type { Channel } from '../../channel/channel.ts';
import { channelConnection } from '../../channel/connection.ts';
import { withProgressToken, writeLegacyMeta } from '../../modern/meta.ts';
import type { PipeConnectOptions } from '../../pipe/pipe-options.ts';
import { modernMethods, removedMethods } from '../../removed-methods.ts';
import { ClientLogLevel } from './client-log-level.ts';
import { ClientSubscriptions } from './client-subscriptions.ts';
import { marking } from './tasks/awaited-task.ts';
import { type SentCall, SessionTasks } from './tasks/session-tasks.ts';
import { answerTask, isTaskMethod, tasksListenedTo } from './tasks/task-methods.ts';
import type { TaskTable } from './tasks/task-table.ts';
import {
  discoverFromInitialize,
  modernKnowsNotification,
  runsTasks,
  toLegacyAnswer,
  toModernError,
  toModernResult,
  withoutAnswers,
  withoutNotifications,
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
  /** `SessionPipe.hears`, which may change until the session is open. */
  readonly hears: () => boolean;
  /** What all sessions with this server have it run. */
  readonly tasks: TaskTable;
}

/** One session, for whoever keeps several with one server. */
export interface LegacySession extends Connection {
  /** Calls that the server works on, those that are parked included, and subscriptions. */
  readonly load: number;
  /** What all sessions with this server have it run. */
  readonly tasks: TaskTable;
  /** What belongs to no call of this session goes to its subscriptions, and then to `hear`; so does, of each kind, the last that came before. */
  handEventsTo(hear: (method: string, params: RawObject) => void): void;
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
  const { revision, hears, tasks: table } = handshake;
  const capabilities = handshake.initialized.object('capabilities') ?? RawObject.empty;
  const parking: Parking = options.parking ?? createParking();
  const flights = new CallsInFlight<Questioned>();
  const logLevel = new ClientLogLevel(channel, capabilities.has('logging'), timeoutMs);
  const tasks = runsTasks(capabilities)
    ? new SessionTasks({ channel, upstream, capabilities, table, flights, timeoutMs, answer: toServer })
    : undefined;
  const subscriptions = new ClientSubscriptions(channel, {
    upstream,
    capabilities,
    hears,
    timeoutMs,
    maxInFlight,
    tasks: (call) => tasksListenedTo(call, table),
  });
  const urls = new UrlElicitations(options.pageWaitMs ?? defaultPageWaitMs);

  const unheard = new Map<string, RawObject>();
  let hear = (method: string, params: RawObject): void => {
    if (modernKnowsNotification(method)) unheard.set(method, params);
  };

  const connection = channelConnection({ channel, options, revision, answer });
  const session: LegacySession = {
    ...connection,
    // A retry that was cancelled before it came is how a caller lets go of a call that waits for it.
    service: (call) => (call.signal.aborted && waits(call) ? answer(call) : connection.service(call)),
    get load() {
      return flights.size + subscriptions.size;
    },
    tasks: table,
    handEventsTo(listener) {
      hear = listener;
      for (const [method, params] of unheard) listener(method, params);
      unheard.clear();
    },
    overhear(method, params) {
      subscriptions.event(method, params);
      tasks?.heard(method, params);
    },
  };
  channel.handTo({ request, notification });
  return session;

  function waits({ params }: Call): boolean {
    return channel.gone === undefined && params.has('requestState');
  }

  function discovery(): RawObject {
    const offered = hears() ? capabilities : withoutNotifications(capabilities);
    return discoverFromInitialize(handshake.initialized.with('capabilities', offered));
  }

  async function answer(call: Call): Promise<Reply> {
    const { method } = call;
    if (method === 'server/discover') return { result: discovery() };
    if (method === 'subscriptions/listen') return subscriptions.listen(call);
    if (tasks !== undefined && isTaskMethod(method)) return answerTask(call, table);
    if (removedMethods.has(method) || modernMethods.has(method))
      throw new ToolyardError('METHOD_UNKNOWN', { method }, `${upstream} does not know the method ${method}.`);
    try {
      const { result } = await (interruptible(method) ? urls.through(call, run) : run(call));
      if (method === 'tools/list') tasks?.tools.learn(result);
      return { result: toModernResult(method, result, tasks !== undefined) };
    } catch (error) {
      throw translated(error, call);
    }
  }

  async function run(call: Call): Promise<Reply> {
    const { params } = call;
    if (params.has('requestState'))
      return parking.take(call, upstream, params.string('requestState') ?? '').resume(call);
    const place = tasks === undefined ? undefined : await tasks.place(call);
    logLevel.wants(call.logLevel, flights.wantedLevel());
    const first = { ...call, params: firstParams(call) };
    const sent: SentCall = {
      call,
      params: (id) => writeLegacyMeta(first, { progressToken: call.progressToken === undefined ? undefined : id }),
      options: { silenceMs: timeoutMs, maxMs: maxTimeoutMs, deadlineMs: call.deadlineMs },
      progress: (params) => progress(flight.call, params),
      flight: () => flight,
    };
    const task = place === undefined ? undefined : tasks?.start(place, sent);
    const request = task ?? channel.ask(call.method, sent.params, { ...sent.options, progress: sent.progress });
    const answer = task === undefined ? toServer : marking(task, toServer);
    const flight: QuestionedCall = new QuestionedCall(call, request, { channel, parking, upstream, answer, settled });
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
    const known = tasks?.running.ownerOf(params, about);
    const flight = known ?? flights.ownerOfQuestion(about, (candidate) => candidate.interruptible);
    if (flight === undefined || flight === 'nobody' || !flight.interruptible) {
      const reason =
        flights.size > 1
          ? 'several calls are in flight, and nothing tells which of them it is about'
          : 'no call is in flight that could be asked';
      refuse(id, new ToolyardError('METHOD_UNKNOWN', { method }, `${method} cannot be passed on: ${reason}.`));
      return;
    }
    const missing = missingCapability(flight.capabilities, method, params);
    if (missing === undefined) flight.question(id, method, params);
    else flight.refuseFor(missing, id, method);
  }

  function refuse(id: MessageId, error: ToolyardError): void {
    void channel.replyError(id, toWireError(error).error);
  }

  function notification({ method, params }: NotificationEnvelope, about: MessageId | undefined): void {
    if (method === 'notifications/message') log(params, about);
    else if (method === 'notifications/cancelled') withdraw(params.member('requestId')?.text);
    else if (method === completed) pageCompleted(params);
    else event(method, params);
  }

  function log(params: RawObject, about: MessageId | undefined): void {
    const owner = tasks?.running.ownerOf(params, about);
    if (owner !== 'nobody') flights.log(params, about, owner);
  }

  function event(method: string, params: RawObject): void {
    tasks?.heard(method, params);
    subscriptions.event(method, params);
    hear(method, params);
  }

  function pageCompleted(params: RawObject): void {
    const id = params.string('elicitationId');
    const known = id !== undefined && [...flights.values()].some((flight) => flight.pageCompleted(id));
    if (known) return;
    // There is no message in which 2026-07-28 could tell a caller whose call has ended; a retry that comes back from the page is told.
    options.onLog?.('a page was completed that no call in flight has asked for');
    urls.complete(params);
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

/** As the server gets them first. Whether it runs a tool as a task is not up to the caller: 2026-07-28 has no such param. */
function firstParams({ method, params }: Call): RawObject {
  const first = params.has('inputResponses') ? withoutAnswers(params) : params;
  return method === 'tools/call' ? first.without('task') : first;
}

function progress(call: Call | undefined, params: RawObject): void {
  if (call?.progressToken === undefined) return;
  void call.notify({ method: 'notifications/progress', params: withProgressToken(params, call.progressToken) });
}
