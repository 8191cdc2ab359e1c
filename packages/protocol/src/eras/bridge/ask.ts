import { cancelled, onAbort } from '../../abort.ts';
import type { Call } from '../../call.ts';
import { ToolyardError } from '../../errors/toolyard-error.ts';
import type { Service } from '../../service.ts';
import { RawObject } from '../../wire/raw-object.ts';
import { withGrowingProgress } from '../channel/growing-progress.ts';
import {
  isInputRequired,
  type Question,
  questionsOf,
  toLegacyQuestion,
  withAnswers,
} from '../legacy/translate/translate.ts';
import type { AskedClient } from './asked-client.ts';
import { OpenPages } from './open-pages.ts';
import { isQuestion, missingCapability } from './question.ts';

export interface AskBounds {
  /** Times a call may come back with questions; one more fails it. */
  readonly maxAskRounds: number;
  /** How long the client may take for the questions of one round. */
  readonly askTimeoutMs: number;
}

const firstPauseMs = 100;
const longestPauseMs = 5_000;

/**
 * Calls the service until it is complete: what it asks on the way is put to a client before 2026-07-28 as requests of ours in the lane of its own
 * request, and the answers go back in a retry with the `requestState` as it came (spec: basic/patterns/mrtr).
 * Rejects with `QUESTION_FAILED` where the client cannot be asked, does not answer, or is asked too often. Drawn in the README of this folder.
 */
export async function callThroughQuestions(
  service: Service,
  first: Call,
  client: AskedClient,
  bounds: AskBounds,
): Promise<RawObject> {
  const pages = new OpenPages(client);
  const call = pages.watch(withGrowingProgress(first));
  let { params } = call;
  for (let round = 1; ; round++) {
    const result = await callOnce({ ...call, params });
    if (!isInputRequired(result)) return result;
    try {
      params = withAnswers(call.params, await answersTo(result, round), result);
    } catch (error) {
      if (result.has('requestState')) letGo({ ...call, params: withAnswers(call.params, new Map(), result) });
      throw error;
    }
  }

  async function answersTo(result: RawObject, round: number): Promise<ReadonlyMap<string, RawObject>> {
    if (round > bounds.maxAskRounds)
      throw failed(call.method, `it came back with questions more than ${bounds.maxAskRounds} times`);
    const questions = questionsOf(result);
    // A server without questions only wants to be called again, later (load shedding).
    if (questions.length === 0) await pause(Math.min(firstPauseMs * 2 ** (round - 1), longestPauseMs), call.signal);
    return askAll(questions, call, { ...client, pages }, bounds);
  }

  /** A server before 2026-07-28 may be waiting for the answers. A retry that is cancelled already tells it, and goes out to no other. */
  function letGo(retry: Call): void {
    const signal = AbortSignal.abort(new ToolyardError('CANCELLED', {}, 'The questions were not answered.'));
    service({ ...retry, signal }).catch(() => {}); // Why the call failed is known already.
  }

  async function callOnce(round: Call): Promise<RawObject> {
    try {
      return (await service(round)).result;
    } finally {
      pages.over();
    }
  }
}

async function askAll(
  questions: readonly Question[],
  call: Call,
  { channel, lane, revision, pages }: AskedClient & { readonly pages: OpenPages },
  { askTimeoutMs }: AskBounds,
): Promise<ReadonlyMap<string, RawObject>> {
  const requests = questions.map((question) => {
    const { method, params } = question;
    const missing = isQuestion(method) ? missingCapability(call.caller.capabilities, method, params) : method;
    if (missing !== undefined) throw failed(method, `this client has no capability ${missing}`);
    const readable = toLegacyQuestion(question, revision, () => pages.mintId());
    if (readable === undefined) throw failed(method, `revision ${revision}, which this client speaks, cannot put it`);
    if (method === 'elicitation/create') pages.asks(readable);
    return { ...question, params: readable };
  });
  const round = new AbortController();
  const forget = onAbort(call.signal, () => round.abort(call.signal.reason));
  try {
    const answers = await Promise.all(requests.map(async (request) => [request.key, await ask(request)] as const));
    return new Map(answers);
  } finally {
    // Where one failed, the client need not bother with the others.
    round.abort();
    forget();
  }

  async function ask({ method, params }: Question): Promise<RawObject> {
    const request = channel.ask(method, () => params, { about: lane, silenceMs: askTimeoutMs, maxMs: askTimeoutMs });
    const stop = onAbort(round.signal, () => request.cancel(cancelled(round.signal)));
    try {
      const answer = await request.result;
      if (answer.string('action') === 'accept') pages.accepted(params);
      return answer;
    } catch (error) {
      if (call.signal.aborted) throw cancelled(call.signal);
      if (method === 'elicitation/create') return RawObject.of({ action: 'cancel' });
      throw failed(method, error instanceof Error ? error.message : 'it was not answered', error);
    } finally {
      stop();
    }
  }
}

function failed(method: string, reason: string, cause?: unknown): ToolyardError<'QUESTION_FAILED'> {
  return new ToolyardError(
    'QUESTION_FAILED',
    { method, reason },
    `The server asked for ${method}, which could not be answered: ${reason}.`,
    { cause },
  );
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const forget = onAbort(signal, () => reject(cancelled(signal)));
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    forget();
  }
}
