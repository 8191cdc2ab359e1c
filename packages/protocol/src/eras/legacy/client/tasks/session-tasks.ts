import type { Call, Caller } from '../../../../call.ts';
import { ToolyardError } from '../../../../errors/toolyard-error.ts';
import { RawObject } from '../../../../wire/raw-object.ts';
import { OpenQuestions } from '../../../bridge/open-questions.ts';
import type { Questioned } from '../../../bridge/questioned-call.ts';
import type { Channel } from '../../../channel/channel.ts';
import type { CallsInFlight } from '../../../channel/client/calls-in-flight.ts';
import { closedHere } from '../../../channel/client/connection.ts';
import type { PatienceBounds } from '../../../channel/patience.ts';
import { asTask, declaresTasks, withRelatedTask } from '../../translate/translate.ts';
import { AwaitedTask } from './awaited-task.ts';
import { KeptTask } from './kept-task.ts';
import { openTask } from './open-task.ts';
import { RunningTasks } from './running-tasks.ts';
import type { ServerTask } from './server-task.ts';
import type { TaskPlace, TaskTable } from './task-table.ts';
import { TaskTools } from './task-tools.ts';

export interface SessionTasksParts {
  readonly channel: Channel;
  readonly upstream: string;
  /** Of the server. */
  readonly capabilities: RawObject;
  /** Of all sessions with this server. */
  readonly table: TaskTable;
  readonly flights: CallsInFlight<Questioned>;
  readonly timeoutMs: number;
  /** The answer to a question as the server can read it. */
  readonly answer: (method: string, answer: RawObject) => RawObject;
}

/** One call, as its session sends it. */
export interface SentCall {
  readonly call: Call;
  /** Its params, with the token that the server is to report progress under. */
  readonly params: (id: number) => RawObject;
  readonly options: PatienceBounds;
  readonly progress: (params: RawObject) => void;
  /** Whoever is asked what the server wants to know; looked at only after the call was sent. */
  readonly flight: () => Questioned;
}

/** `tasks/result` requests that one principal may have open in one session. */
const maxLanesPerPrincipal = 64;

/** The tasks that one session has a server of 2025-11-25 run. */
export class SessionTasks {
  readonly running: RunningTasks = new RunningTasks();
  readonly tools: TaskTools;
  readonly #parts: SessionTasksParts;
  readonly #kept = new Set<KeptTask>();
  readonly #awaited = new Set<AwaitedTask>();

  constructor(parts: SessionTasksParts) {
    this.#parts = parts;
    this.tools = new TaskTools(parts.channel, parts.timeoutMs);
    void parts.channel.closed.then(() => {
      for (const task of this.#kept) task.drop();
      for (const task of this.#awaited) task.lost(parts.channel.gone ?? closedHere(parts.upstream));
    });
  }

  /**
   * Room for the task that this call has to run as; `undefined` where it runs without. Throws `UPSTREAM_BUSY` where there is no room and the tool takes
   * no other calls.
   */
  async place({ method, params, caller, signal }: Call): Promise<TaskPlace | undefined> {
    const name = method === 'tools/call' ? params.string('name') : undefined;
    const support = name === undefined ? undefined : await this.tools.support(name, signal);
    if (support === undefined || (support === 'optional' && !declaresTasks(caller.capabilities))) return undefined;
    const { table, upstream } = this.#parts;
    const place = table.reserve(caller);
    if (place !== undefined || support === 'optional') return place;
    const limit = table.maxTasks;
    throw new ToolyardError('UPSTREAM_BUSY', { upstream, limit }, `${upstream} runs as many tasks as it may.`);
  }

  /** Sends a call that runs as a task. Throws as `Channel.ask`. */
  start(place: TaskPlace, given: SentCall): AwaitedTask {
    const { channel, upstream, table } = this.#parts;
    const { method } = given.call;
    let leave = (): void => place.leave();
    try {
      const request = channel.ask(method, (id) => asTask(given.params(id), table.ttlMs), {
        ...given.options,
        progress: (params) => awaited.reported(params),
      });
      const awaited: AwaitedTask = new AwaitedTask({
        request,
        options: given.options,
        taskOf: (result) => openTask(result, { ...this.#parts, running: this.running }),
        keep: (task, result) => {
          const owner = given.flight();
          if (declaresTasks(owner.capabilities)) {
            leave = () => {};
            return this.#keep(place, task, result, request.id, given.call.caller);
          }
          const quiet = channel.keepToken(request.id, (params) => awaited.reported(params));
          this.running.add(task.taskId, { owner, changed: () => awaited.changed() });
          leave = () => {
            quiet();
            this.running.delete(task.taskId);
            place.leave();
          };
          return undefined;
        },
        progress: given.progress,
        timedOut: (afterMs) => {
          const message = `${upstream} did not end its task within ${afterMs} ms.`;
          return new ToolyardError('UPSTREAM_TIMEOUT', { upstream, method, afterMs }, message);
        },
        settled: () => {
          this.#awaited.delete(awaited);
          leave();
        },
      });
      this.#awaited.add(awaited);
      return awaited;
    } catch (error) {
      place.leave();
      throw error;
    }
  }

  /** A notification of the server that belongs to no call. */
  heard(method: string, params: RawObject): void {
    if (method === 'notifications/tasks/status') this.running.changed(params);
    else if (method === 'notifications/tools/list_changed') this.tools.forget();
  }

  #keep(place: TaskPlace, server: ServerTask, result: RawObject, requestId: number, caller: Caller): RawObject {
    const { channel, table, flights, answer } = this.#parts;
    const marked = (method: string, given: RawObject): RawObject =>
      withRelatedTask(answer(method, given), server.taskId);
    const task: KeptTask = new KeptTask({
      // Of the calls in flight none has a negative id, and neither has a lane.
      flightId: -requestId,
      caller,
      server,
      task: result.object('task') ?? RawObject.empty,
      place,
      ttlMs: table.ttlMs,
      // A server that does not take an answer goes on or fails by itself, and `tasks/get` says which.
      questions: new OpenQuestions({ channel, answer: marked, unanswered: () => {} }),
      mayOpen: () => this.running.lanesOf(caller) < maxLanesPerPrincipal,
      over: () => flights.delete(task),
      dropped: () => {
        flights.delete(task);
        this.running.delete(server.taskId);
        this.#kept.delete(task);
      },
    });
    flights.add(task);
    this.running.add(server.taskId, { owner: task, changed: () => task.changed() });
    this.#kept.add(task);
    return task.keep();
  }
}
