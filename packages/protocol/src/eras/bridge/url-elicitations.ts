import { cancelled, onAbort } from '../../abort.ts';
import type { Call } from '../../call.ts';
import { ToolyardError } from '../../errors/toolyard-error.ts';
import type { Reply } from '../../reply.ts';
import { RawJson } from '../../wire/raw-json.ts';
import { RawObject } from '../../wire/raw-object.ts';
import { withGrowingProgress } from '../channel/growing-progress.ts';
import { upstreamCode } from '../channel/upstream-error.ts';
import { inputRequiredResult, type Question } from '../legacy/translate/translate.ts';
import { missingCapability } from './question.ts';

/** URLElicitationRequired (spec 2025-11-25: client/elicitation): the call can be made once the user has been to these pages. */
export const urlElicitationRequired = -32_042;
/** Pages that one error may send a user to. */
const maxPages = 16;
/** Elicitations of which a session remembers that they were completed before anybody asked. */
const maxCompleted = 1_000;
export const completed = 'notifications/elicitation/complete';

/**
 * Calls that a server of 2025-11-25 refuses until its user has opened a page. The caller is asked for that under the elicitations' ids and without a
 * `requestState`, since nothing waits: its retry is a call like any other, and any node may take it. One that comes back sooner than the user
 * is given time.
 */
export class UrlElicitations {
  readonly #waitMs: number;
  readonly #completed = new Set<string>();
  readonly #waiting = new Map<string, Set<() => void>>();

  /** `waitMs`: how long a retry waits for the server to say that its user is done, before the user is asked again. */
  constructor(waitMs: number) {
    this.#waitMs = waitMs;
  }

  /** The server says that its user is done with one. */
  complete(params: RawObject): void {
    const id = params.string('elicitationId');
    if (id === undefined) return;
    this.#completed.delete(id);
    this.#completed.add(id);
    const [oldest] = this.#completed;
    if (this.#completed.size > maxCompleted && oldest !== undefined) this.#completed.delete(oldest);
    for (const wake of this.#waiting.get(id) ?? []) wake();
  }

  /** Runs a call, and again where its caller was at the pages and the server has not noticed yet. Throws `QUESTION_FAILED` where the user would not
   * go, or cannot be asked. */
  async through(call: Call, run: (call: Call) => Promise<Reply>): Promise<Reply> {
    const answers = call.params.has('requestState') ? undefined : call.params.object('inputResponses');
    if (answers === undefined) return this.#once(call, run);
    for (const key of answers.keys()) {
      const action = answers.object(key)?.string('action');
      if (action !== undefined && action !== 'accept') throw failed(`the user chose to ${action}`);
    }
    const given = new Set(answers.keys());
    this.#relay(given, call);
    const growing = withGrowingProgress(call);
    try {
      return await run(growing);
    } catch (error) {
      const questions = questionsIn(error);
      if (questions === undefined) throw error;
      const ids = new Set([...given, ...questions.map(({ key }) => key)]);
      await this.#wait(ids, call.signal);
      this.#relay(ids, call);
      return this.#once(growing, run);
    }
  }

  async #once(call: Call, run: (call: Call) => Promise<Reply>): Promise<Reply> {
    try {
      return await run(call);
    } catch (error) {
      const questions = questionsIn(error);
      if (questions === undefined) throw error;
      for (const { params } of questions) {
        const missing = missingCapability(call.caller.capabilities, 'elicitation/create', params);
        if (missing !== undefined) throw failed(`this client has no capability ${missing}`, error);
      }
      return { result: inputRequiredResult(questions, undefined) };
    }
  }

  /** Clients of 2025-11-25 show that they wait until they hear that it is done. */
  #relay(ids: ReadonlySet<string>, call: Call): void {
    for (const elicitationId of ids) {
      if (this.#completed.delete(elicitationId))
        void call.notify({ method: completed, params: RawObject.of({ elicitationId }) });
    }
  }

  async #wait(ids: ReadonlySet<string>, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, this.#waitMs);
    const forget = onAbort(signal, () => reject(cancelled(signal)));
    for (const id of ids) {
      if (this.#completed.has(id)) resolve();
      const waiting = this.#waiting.get(id) ?? new Set();
      this.#waiting.set(id, waiting.add(resolve));
    }
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      forget();
      for (const id of ids) {
        const waiting = this.#waiting.get(id);
        waiting?.delete(resolve);
        if (waiting?.size === 0) this.#waiting.delete(id);
      }
    }
  }
}

/** What the user has to do by an error -32042; `undefined` for any other error, and for one that does not say. */
function questionsIn(error: unknown): readonly Question[] | undefined {
  if (upstreamCode(error) !== urlElicitationRequired || !ToolyardError.is(error, 'UPSTREAM_ERROR')) return undefined;
  const elicitations = error.facts.error.object('data')?.array('elicitations') ?? [];
  if (elicitations.length === 0 || elicitations.length > maxPages) return undefined;
  const questions = new Map<string, Question>();
  for (const params of elicitations) {
    const key = params instanceof RawObject ? params.string('elicitationId') : undefined;
    if (!(params instanceof RawObject) || key === undefined || params.string('url') === undefined) return undefined;
    questions.set(key, {
      key,
      method: 'elicitation/create',
      params: params.string('mode') === 'url' ? params : params.with('mode', urlMode),
    });
  }
  return [...questions.values()];
}

const urlMode = RawJson.of('url');

function failed(reason: string, cause?: unknown): ToolyardError<'QUESTION_FAILED'> {
  const method = 'elicitation/create';
  const why = cause instanceof Error ? ` It said: ${cause.message}` : '';
  return new ToolyardError(
    'QUESTION_FAILED',
    { method, reason },
    `The server needs its user to open a page first: ${reason}.${why}`,
    { cause },
  );
}
