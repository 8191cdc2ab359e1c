import { randomUUID } from 'node:crypto';
import type { Call } from '../../call.ts';
import { ToolyardError } from '../../errors/toolyard-error.ts';
import type { MessageId } from '../../pipe.ts';
import type { Service } from '../../service.ts';
import { RawObject } from '../../wire/raw-object.ts';
import { cancelled, onAbort } from '../channel/abort.ts';
import type { Channel } from '../channel/channel.ts';
import { isInputRequired, type Question, questionsOf, toLegacyQuestion, withAnswers } from '../legacy/translate/translate.ts';
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
export async function callThroughQuestions(service: Service, call: Call, client: { channel: Channel; lane: MessageId }, bounds: AskBounds): Promise<RawObject> {
  let { params } = call;
  for (let round = 1; ; round++) {
    const { result } = await service({ ...call, params });
    if (!isInputRequired(result)) return result;
    if (round > bounds.maxAskRounds) throw failed(call.method, `it came back with questions more than ${bounds.maxAskRounds} times`);
    const questions = questionsOf(result);
    // A server without questions only wants to be called again, later (load shedding).
    if (questions.length === 0) await pause(Math.min(firstPauseMs * 2 ** (round - 1), longestPauseMs), call.signal);
    params = withAnswers(call.params, await askAll(questions, call, client, bounds), result);
  }
}

async function askAll(
  questions: readonly Question[],
  call: Call,
  { channel, lane }: { channel: Channel; lane: MessageId },
  { askTimeoutMs }: AskBounds,
): Promise<ReadonlyMap<string, RawObject>> {
  for (const { method, params } of questions) {
    const missing = isQuestion(method) ? missingCapability(call.caller.capabilities, method, params) : method;
    if (missing !== undefined) throw failed(method, `this client has no capability ${missing}`);
  }
  const round = new AbortController();
  const forget = onAbort(call.signal, () => round.abort(call.signal.reason));
  try {
    const answers = await Promise.all(questions.map(async (question) => [question.key, await ask(question)] as const));
    return new Map(answers);
  } finally {
    // Where one failed, the client need not bother with the others.
    round.abort();
    forget();
  }

  async function ask(question: Question): Promise<RawObject> {
    const params = toLegacyQuestion(question, randomUUID);
    const request = channel.ask(question.method, () => params, { about: lane, silenceMs: askTimeoutMs, maxMs: askTimeoutMs });
    const stop = onAbort(round.signal, () => request.cancel(cancelled(round.signal)));
    try {
      return await request.result;
    } catch (error) {
      if (call.signal.aborted) throw cancelled(call.signal);
      if (question.method === 'elicitation/create') return RawObject.of({ action: 'cancel' });
      throw failed(question.method, error instanceof Error ? error.message : 'it was not answered', error);
    } finally {
      stop();
    }
  }
}

function failed(method: string, reason: string, cause?: unknown): ToolyardError<'QUESTION_FAILED'> {
  return new ToolyardError('QUESTION_FAILED', { method, reason }, `The server asked for ${method}, which could not be answered: ${reason}.`, { cause });
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
