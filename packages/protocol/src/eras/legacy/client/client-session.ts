import { cancelled, onAbort } from '../../../abort.ts';
import type { Call } from '../../../call.ts';
import { ToolyardError } from '../../../errors/toolyard-error.ts';
import type { Reply } from '../../../reply.ts';
import type { Connection } from '../../../transport.ts';
import { RawObject } from '../../../wire/raw-object.ts';
import { createParking, type Parking } from '../../bridge/parking.ts';
import { interruptible } from '../../bridge/question.ts';
import { type Questioned, QuestionedCall } from '../../bridge/questioned-call.ts';
import { UrlElicitations } from '../../bridge/url-elicitations.ts';
import type { Channel } from '../../channel/channel.ts';
import { CallsInFlight } from '../../channel/client/calls-in-flight.ts';
import { channelConnection } from '../../channel/client/connection.ts';
import { defaultMaxInFlight, defaultMaxTimeoutMs, defaultTimeoutMs } from '../../defaults.ts';
import { withProgressToken, writeLegacyMeta } from '../../modern/meta.ts';
import type { PipeConnectOptions } from '../../pipe/pipe-options.ts';
import { modernMethods, removedMethods } from '../../removed-methods.ts';
import {
  discoverFromInitialize,
  runsTasks,
  toLegacyAnswer,
  toModernError,
  toModernResult,
  withoutAnswers,
  withoutNotifications,
} from '../translate/translate.ts';
import { ClientLogLevel } from './client-log-level.ts';
import { ServerMessages } from './server-messages.ts';
import type { EventMember } from './sessions/shared-events.ts';
import type { SharedState } from './sessions/shared-state.ts';
import { ClientSubscriptions, offersSubscriptions } from './subscriptions/client-subscriptions.ts';
import { SessionResources } from './subscriptions/session-resources.ts';
import { marking } from './tasks/awaited-task.ts';
import { type SentCall, SessionTasks } from './tasks/session-tasks.ts';
import { answerTask, isTaskMethod, tasksListenedTo } from './tasks/task-methods.ts';

const defaultPageWaitMs = 20_000;

/** What the server said when the session was opened. */
export interface LegacyHandshake {
  readonly revision: string;
  /** The result of `initialize`. */
  readonly initialized: RawObject;
  /** `SessionPipe.hears`, which may change until the session is open. */
  readonly hears: () => boolean;
  readonly shared: SharedState;
}

/** One session, for whoever keeps several with one server. */
export interface LegacySession extends Connection {
  /** Calls that the server works on, those that are parked included, and subscriptions. */
  readonly load: number;
  /** The same without subscriptions. */
  readonly working: number;
  readonly shared: SharedState;
  check(signal: AbortSignal): Promise<void>;
  drained(): Promise<void>;
  /** Subscribes to what the sessions beside this one are subscribed to. To be called once, when the server knows that the session is open. As `ResourceHolds.join`. */
  catchUp(): Promise<unknown> | undefined;
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
  const { revision, hears, shared } = handshake;
  const capabilities = handshake.initialized.object('capabilities') ?? RawObject.empty;
  const parking: Parking = options.parking ?? createParking();
  const flights = new CallsInFlight<Questioned>();
  const logLevel = new ClientLogLevel(channel, capabilities.has('logging'), timeoutMs);
  const tasks = runsTasks(capabilities)
    ? new SessionTasks({ channel, upstream, capabilities, table: shared.tasks, flights, timeoutMs, answer: toServer })
    : undefined;
  const subscriptions = new ClientSubscriptions(channel, {
    upstream,
    capabilities,
    hears,
    resources: shared.resources,
    maxInFlight,
    tasks: (call) => tasksListenedTo(call, shared.tasks),
  });
  const urls = new UrlElicitations(options.pageWaitMs ?? defaultPageWaitMs);

  const resources = new SessionResources(channel, timeoutMs);
  const member: EventMember = {
    owner: shared.owner,
    overhear: (method, params) => tasks?.heard(method, params),
    tell: (method, params) => subscriptions.event(method, params),
  };
  shared.events.join(member);
  void channel.closed.then(() => {
    shared.events.leave(member);
    shared.resources.leave(resources);
  });

  const connection = channelConnection({ channel, options, revision, answer });
  const session: LegacySession = {
    ...connection,
    stateful: true,
    // A retry that was cancelled before it came is how a caller lets go of a call that waits for it.
    service: (call) => (call.signal.aborted && waits(call) ? answer(call) : connection.service(call)),
    get load() {
      return flights.size + subscriptions.size;
    },
    get working() {
      return flights.size;
    },
    shared,
    check: (signal) => ping(channel, signal),
    drained: () => flights.whenEmpty(),
    catchUp() {
      const joins = channel.gone === undefined && offersSubscriptions(capabilities);
      return joins ? shared.resources.join(resources) : undefined;
    },
  };
  channel.handTo(
    new ServerMessages({
      channel,
      flights,
      tasks,
      urls,
      event: (method, params) => shared.events.heard(member, method, params),
      onLog: options.onLog,
    }),
  );
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
    if (tasks !== undefined && isTaskMethod(method)) return answerTask(call, shared.tasks);
    if (removedMethods.has(method) || modernMethods.has(method))
      throw new ToolyardError('METHOD_UNKNOWN', { method }, `${upstream} does not know the method ${method}.`);
    try {
      const { result } = await (interruptible(method) ? urls.through(call, run) : run(call));
      if (method === 'tools/list') tasks?.tools.learn(result);
      const modern = toModernResult(method, result, tasks !== undefined);
      return result.has('ttlMs') ? { result: modern } : { result: modern, unhinted: true };
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

/** One that does not know `ping` has answered, too. */
async function ping(channel: Channel, signal: AbortSignal): Promise<void> {
  if (signal.aborted) throw cancelled(signal);
  const request = channel.ask('ping', () => RawObject.empty);
  const forget = onAbort(signal, () => request.cancel(cancelled(signal)));
  try {
    await request.result;
  } catch (error) {
    if (!ToolyardError.is(error, 'UPSTREAM_ERROR')) throw error;
  } finally {
    forget();
  }
}
