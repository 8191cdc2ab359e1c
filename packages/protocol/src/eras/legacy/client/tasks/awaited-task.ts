import { ToolyardError } from '../../../../errors/toolyard-error.ts';
import type { RawObject } from '../../../../wire/raw-object.ts';
import { Patience, type PatienceBounds } from '../../../channel/patience.ts';
import type { OpenRequest, SentRequest } from '../../../channel/sent-request.ts';
import { toolErrorResult, withoutRelatedTask, withRelatedTask } from '../../translate/translate.ts';
import { sessionLost } from '../sessions/session-loss.ts';
import { isTerminal, type OpenResult, type ServerTask, statusOf, type TaskOutcome } from './server-task.ts';
import { defaultPollMs, pollIntervalOf, TaskWatch } from './task-watch.ts';

export interface AwaitedTaskParts {
  /** The call that asks for the task. */
  readonly request: SentRequest;
  /** The whole time counts anew once there is a task; of silence there is none, since its server is asked again and again. */
  readonly options: PatienceBounds;
  /** The task that its answer tells of; `undefined` where the server has done without one. */
  readonly taskOf: (result: RawObject) => ServerTask | undefined;
  /** What the call is answered with where its caller wants to know the task; `undefined` where it wants the end of it. */
  readonly keep: (task: ServerTask, result: RawObject) => RawObject | undefined;
  readonly timedOut: (afterMs: number) => Error;
  readonly progress: (params: RawObject) => void;
  /** Called once, when nothing more can come of it. */
  readonly settled: () => void;
}

/** How long the creation of a task may take once nobody wants it; without the id of the task it could not be cancelled. */
const graceMs = 2_000;

/**
 * A call that its server of 2025-11-25 runs as a task, as one request: open until the task ends, or has an id that its caller may know. Drawn in the
 * README of this folder.
 */
export class AwaitedTask implements OpenRequest {
  readonly id: number;
  readonly method: string;
  readonly result: Promise<RawObject>;
  readonly #parts: AwaitedTaskParts;
  readonly #outcome: PromiseWithResolvers<RawObject> = Promise.withResolvers<RawObject>();
  #deadlineMs: number | undefined;
  #server: ServerTask | undefined;
  #watch: TaskWatch | undefined;
  #open: OpenResult | undefined;
  #patience: Patience | undefined;
  #suspended = false;
  #progress = -Infinity;
  #pending = true;
  /** Known to run no more, or somebody else's to care for. */
  #ended = false;

  constructor(parts: AwaitedTaskParts) {
    this.#parts = parts;
    this.id = parts.request.id;
    this.method = parts.request.method;
    this.result = this.#outcome.promise;
    this.#deadlineMs = parts.options.deadlineMs;
    parts.request.result.then(
      (result) => this.#started(result),
      (error: unknown) => this.#settle({ error }),
    );
  }

  /** The id that its server gave it, once it has. */
  get taskId(): string | undefined {
    return this.#server?.taskId;
  }

  /** Reports progress if it grew, since the task's server may count on, or anew. */
  reported(params: RawObject): void {
    const progress = params.member('progress')?.value;
    if (!this.#pending || typeof progress !== 'number' || !(progress > this.#progress)) return;
    this.#progress = progress;
    this.#parts.progress(params);
  }

  suspend(): void {
    this.#suspended = true;
    this.#parts.request.suspend();
    this.#patience?.suspend();
    this.#watch?.pause();
  }

  resume(deadlineMs: number | undefined): void {
    this.#suspended = false;
    this.#deadlineMs = deadlineMs;
    this.#parts.request.resume(deadlineMs);
    this.#patience?.resume(deadlineMs);
    this.#watch?.resume();
  }

  cancel(error: Error): void {
    if (!this.#pending) return;
    this.#settle({ error });
    if (this.#server !== undefined) return;
    const { request } = this.#parts;
    const timer = setTimeout(() => request.cancel(error), graceMs);
    const stop = (): void => clearTimeout(timer);
    request.result.then(stop, stop);
  }

  /** The session in which it ran is over. */
  lost(error: Error): void {
    this.#settle({ error });
  }

  /** Its server says that its status has changed. */
  changed(): void {
    this.#watch?.hurry();
  }

  #started(result: RawObject): void {
    try {
      this.#server = this.#parts.taskOf(result);
    } catch (error) {
      return this.#settle({ error });
    }
    if (this.#server === undefined) return this.#settle({ result });
    if (!this.#pending) return this.#abandon();
    const answer = this.#parts.keep(this.#server, result);
    if (answer === undefined) return this.#await(result);
    this.#ended = true;
    this.#settle({ result: answer });
  }

  #await(result: RawObject): void {
    const { options, timedOut } = this.#parts;
    const bounds = { maxMs: options.maxMs, deadlineMs: this.#deadlineMs };
    this.#patience = new Patience(bounds, (afterMs) => this.#settle({ error: timedOut(afterMs) }));
    this.#patience.start();
    this.#watch = new TaskWatch(() => this.#ask(), pollIntervalOf(result.object('task') ?? result));
    if (!this.#suspended) return;
    this.#patience.suspend();
    this.#watch.pause();
  }

  async #ask(): Promise<number | undefined> {
    const server = this.#server;
    if (server === undefined || !this.#pending) return undefined;
    try {
      const task = await server.get();
      const status = statusOf(task);
      this.#ended = isTerminal(status);
      if (status === 'cancelled') this.#settle({ result: cancelledResult(task) });
      else if (status !== 'working') this.#wait(server, !isTerminal(status));
      return this.#pending && !isTerminal(status) ? pollIntervalOf(task) : undefined;
    } catch (error) {
      // The question was not sent, for want of room; its task goes on.
      if (ToolyardError.is(error, 'UPSTREAM_BUSY')) return defaultPollMs;
      this.#settle({ error });
      return undefined;
    }
  }

  /** The server asks its questions, and gives the result, in the answer to this one request. */
  #wait(server: ServerTask, patient: boolean): void {
    if (this.#open !== undefined || !this.#pending) return;
    const open = server.open(patient);
    this.#open = open;
    void open.outcome.then((outcome) => {
      this.#ended ||= 'result' in outcome;
      this.#settle(outcome);
    });
  }

  #settle(outcome: TaskOutcome): void {
    if (!this.#pending) return;
    this.#pending = false;
    this.#watch?.stop();
    this.#patience?.end();
    if ('result' in outcome) this.#outcome.resolve(withoutRelatedTask(outcome.result));
    else this.#outcome.reject(this.#server === undefined ? outcome.error : afterStart(outcome.error));
    this.#abandon();
    this.#parts.settled();
  }

  /** Where nobody waits any more for what still runs, its server is told. */
  #abandon(): void {
    this.#open?.close();
    if (this.#server !== undefined && !this.#ended) this.#server.cancel().catch(() => {}); // Nobody is left to be told.
  }
}

/** Marks the answers to the questions of a task as its server wants them. */
export function marking(
  task: AwaitedTask,
  answer: (method: string, answer: RawObject) => RawObject,
): (method: string, answer: RawObject) => RawObject {
  return (method, given) =>
    task.taskId === undefined ? answer(method, given) : withRelatedTask(answer(method, given), task.taskId);
}

function cancelledResult(task: RawObject): RawObject {
  const why = task.string('statusMessage');
  return toolErrorResult(why === undefined ? 'The task was cancelled.' : `The task was cancelled: ${why}`);
}

/** What ran once must not be taken for a call that its server never saw. */
function afterStart(error: unknown): unknown {
  return ToolyardError.is(error, 'UPSTREAM_CLOSED') ? sessionLost(error) : error;
}
