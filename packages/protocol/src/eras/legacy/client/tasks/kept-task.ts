import type { Caller } from '../../../../call.ts';
import { ToolyardError } from '../../../../errors/toolyard-error.ts';
import { toWireError } from '../../../../errors/wire-error.ts';
import type { MessageId } from '../../../../pipe.ts';
import { RawJson } from '../../../../wire/raw-json.ts';
import type { RawObject } from '../../../../wire/raw-object.ts';
import type { OpenQuestions } from '../../../bridge/open-questions.ts';
import type { QuestionMethod } from '../../../bridge/question.ts';
import type { Questioned } from '../../../bridge/questioned-call.ts';
import { inputRequestsOf, toModernTask, withoutRelatedTask } from '../../translate/translate.ts';
import { isTerminal, type OpenResult, type ServerTask, statusOf, type TaskStatus } from './server-task.ts';
import type { TaskPlace } from './task-table.ts';
import { pollIntervalOf } from './task-watch.ts';
import { TaskWatchers } from './task-watchers.ts';

export interface KeptTaskParts {
  /** No id of a request: what belongs to the task is found by the task. */
  readonly flightId: number;
  readonly caller: Caller;
  readonly server: ServerTask;
  /** As its server created it. */
  readonly task: RawObject;
  readonly place: TaskPlace;
  readonly ttlMs: number;
  readonly questions: OpenQuestions;
  /** Whether one more `tasks/result` may be held open for this caller. */
  readonly mayOpen: () => boolean;
  /** Called once, when it is known to run no more. */
  readonly over: (task: KeptTask) => void;
  /** Called once, when nothing more is known of it. */
  readonly dropped: (task: KeptTask) => void;
}

/** How long an answer to `tasks/get` waits for the questions of a server that says that it has some. */
const askWaitMs = 1_000;
const invalidParams = -32_602;

/** A task of a server of 2025-11-25 that its caller knows by its id (SEP-2663). Drawn in the README of this folder. */
export class KeptTask implements Questioned {
  readonly id: number;
  readonly principal: string;
  readonly tenant: string;
  readonly impersonal = false;
  readonly call: undefined;
  readonly interruptible = true;
  readonly #parts: KeptTaskParts;
  readonly #watchers: TaskWatchers;
  #capabilities: RawObject;
  #task: RawObject;
  #result: OpenResult | undefined;
  #asked: (() => void) | undefined;
  #told = false;
  #over = false;
  #dropped = false;

  constructor(parts: KeptTaskParts) {
    this.id = parts.flightId;
    this.principal = parts.caller.principal;
    this.tenant = parts.caller.tenant;
    this.#capabilities = parts.caller.capabilities;
    this.#parts = parts;
    this.#task = parts.task;
    this.#watchers = new TaskWatchers({
      look: () => this.#look(),
      pauseMs: () => (this.#over ? undefined : pollIntervalOf(this.#task)),
    });
  }

  get capabilities(): RawObject {
    return this.#capabilities;
  }

  /** Whether its end was told to its caller. */
  get told(): boolean {
    return this.#told;
  }

  /** Keeps it as long as its server does, within bounds. The result of the call that created it. */
  keep(): RawObject {
    const created = this.#shown(statusOf(this.#task));
    this.#parts.place.keep(this, this.#ttlMs());
    return created.prepend('resultType', RawJson.of('task'));
  }

  /** How it stands now. Rejects with `INVALID_PARAMS` where its server does not know it any more. */
  async get({ capabilities }: Caller): Promise<RawObject> {
    this.#capabilities = capabilities;
    const shown = await this.#look();
    this.#told ||= this.#over;
    return shown;
  }

  /** Takes answers to its questions. */
  update(responses: RawObject): void {
    this.#parts.questions.take(responses);
    this.#watchers.hurry();
  }

  /** Asks its server to stop; whether it does, `get` tells. */
  async cancel(): Promise<void> {
    try {
      await this.#parts.server.cancel();
    } catch (error) {
      // A server refuses to cancel what is over.
      if (!isInvalidParams(error)) throw this.#failure(error);
    }
    this.#parts.questions.refuseAll('The task was cancelled.');
    this.#watchers.hurry();
  }

  /** As `TaskWatchers.add`. */
  watch(tell: (task: RawObject) => void): () => void {
    return this.#watchers.add(tell);
  }

  /** Its server says that its status has changed. */
  changed(): void {
    this.#watchers.hurry();
  }

  question(id: MessageId, method: QuestionMethod, params: RawObject): void {
    if (!this.#parts.questions.add(id, method, params)) return;
    this.#asked?.();
    this.#watchers.hurry();
  }

  withdraw(id: MessageId): void {
    this.#parts.questions.withdraw(id);
  }

  /** Nobody waits to be told that a page is done. */
  pageCompleted(): boolean {
    return false;
  }

  /** Its server goes on without an answer, and says itself what comes of that. */
  refuseFor(capability: string, id: MessageId, method: QuestionMethod): void {
    this.#parts.questions.refuseFor(capability, id, method);
  }

  /** Forgets it; its server is told where it still runs. */
  drop(): void {
    if (this.#dropped) return;
    this.#dropped = true;
    const { questions, server, place, dropped } = this.#parts;
    if (!isTerminal(statusOf(this.#task))) server.cancel().catch(() => {}); // Nobody is left to be told.
    questions.refuseAll('The task is no longer known to its caller.');
    this.#finish();
    this.#watchers.end();
    place.leave();
    dropped(this);
  }

  async #look(): Promise<RawObject> {
    const { server } = this.#parts;
    try {
      this.#task = await server.get();
      const status = statusOf(this.#task);
      if (status === 'completed' || status === 'failed') return await this.#ended();
      if (status === 'cancelled') {
        this.#finish();
        return this.#shown(status);
      }
      if (status === 'input_required' && this.#open()) await this.#question();
    } catch (error) {
      throw this.#failure(error);
    }
    const questions = this.#parts.questions.list();
    if (questions.length === 0) return this.#shown('working');
    return this.#shown('input_required', { inputRequests: inputRequestsOf(questions) });
  }

  /** Of 2025-11-25, `failed` is also what a tool itself calls an error; of the extension only what is a JSON-RPC error. */
  async #ended(): Promise<RawObject> {
    const outcome = await this.#parts.server.open(false).outcome;
    if ('error' in outcome && !ToolyardError.is(outcome.error, 'UPSTREAM_ERROR')) throw outcome.error;
    this.#finish();
    return 'result' in outcome
      ? this.#shown('completed', { result: withoutRelatedTask(outcome.result) })
      : this.#shown('failed', { error: toWireError(outcome.error).error });
  }

  #shown(status: TaskStatus, details: Readonly<Record<string, RawJson>> = {}): RawObject {
    return toModernTask(this.#task, { taskId: this.#parts.place.id, ttlMs: this.#ttlMs(), status, details });
  }

  #ttlMs(): number {
    const ttl = this.#task.member('ttl')?.value;
    return typeof ttl === 'number' ? Math.min(Math.max(ttl, 0), this.#parts.ttlMs) : this.#parts.ttlMs;
  }

  /** Has its server ask what it wants to know. Whether that is news to it. */
  #open(): boolean {
    if (this.#result !== undefined || this.#dropped || !this.#parts.mayOpen()) return false;
    const result = this.#parts.server.open(true);
    this.#result = result;
    void result.outcome.then(() => {
      if (this.#result === result) this.#result = undefined;
      this.#asked?.();
      this.#watchers.hurry();
    });
    return true;
  }

  async #question(): Promise<void> {
    if (this.#parts.questions.size > 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, askWaitMs);
    this.#asked = resolve;
    await promise;
    clearTimeout(timer);
    this.#asked = undefined;
  }

  #finish(): void {
    this.#parts.questions.forget();
    this.#asked?.();
    this.#result?.close();
    if (this.#over) return;
    this.#over = true;
    this.#parts.over(this);
  }

  #failure(error: unknown): unknown {
    const lost = ToolyardError.is(error, 'UPSTREAM_CLOSED') || ToolyardError.is(error, 'CLOSED');
    if (!lost && !isInvalidParams(error)) return error;
    this.drop();
    return unknownTask();
  }
}

/** What is said of a task that never was, is gone, or is another caller's. */
export function unknownTask(): ToolyardError<'INVALID_PARAMS'> {
  const reason = 'There is no such task: it never was, has expired, or the session with its server is over.';
  return new ToolyardError('INVALID_PARAMS', { reason }, reason);
}

function isInvalidParams(error: unknown): boolean {
  return ToolyardError.is(error, 'UPSTREAM_ERROR') && error.facts.error.member('code')?.value === invalidParams;
}
