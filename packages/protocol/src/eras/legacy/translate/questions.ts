import { ToolyardError } from '../../../errors/toolyard-error.ts';
import { RawJson } from '../../../wire/raw-json.ts';
import { RawObject } from '../../../wire/raw-object.ts';
import { metaKeys, withoutMetaMember } from '../../modern/meta.ts';
import { downgradeElicitation } from './elicitation.ts';
import { downgradeSample, downgradeSampling } from './sampling.ts';
import { withoutRelatedTask } from './tasks.ts';

/** One thing that a server wants from its caller: an entry of `inputRequests`, and a request of its own before 2026-07-28 (SEP-2322). */
export interface Question {
  /** The name under which the answer is expected; unique within one result. */
  readonly key: string;
  /** `elicitation/create`, `sampling/createMessage` or `roots/list`; not checked. */
  readonly method: string;
  readonly params: RawObject;
}

export function isInputRequired(result: RawObject): boolean {
  return result.string('resultType') === 'input_required';
}

/**
 * The questions of an `input_required` result, in their order; none where it only wants to be called again.
 * Throws `INVALID_REQUEST` where they are not shaped as such.
 */
export function questionsOf(result: RawObject): readonly Question[] {
  const requests = result.member('inputRequests');
  if (requests === undefined) return [];
  if (!(requests instanceof RawObject)) throw malformed('inputRequests is no object');
  return requests.keys().map((key) => {
    const request = requests.object(key);
    const method = request?.string('method');
    if (request === undefined || method === undefined) throw malformed('an entry of inputRequests is no request');
    if (request.has('params') && request.object('params') === undefined)
      throw malformed('the params of an inputRequest are no object');
    return { key, method, params: request.object('params') ?? RawObject.empty };
  });
}

function malformed(reason: string): ToolyardError {
  return new ToolyardError('INVALID_REQUEST', { reason }, `The server's questions cannot be read: ${reason}.`);
}

/** The result that asks. `requestState`: what the retry has to bring along. */
export function inputRequiredResult(questions: readonly Question[], requestState: string | undefined): RawObject {
  return RawObject.of({
    resultType: 'input_required',
    inputRequests: questions.length === 0 ? undefined : inputRequestsOf(questions),
    requestState,
  });
}

/** Questions as `inputRequests`. */
export function inputRequestsOf(questions: readonly Question[]): RawObject {
  return RawObject.of(
    Object.fromEntries(
      questions.map(({ key, method, params }) => [key, RawObject.of({ method, params: orNothing(params) })]),
    ),
  );
}

function orNothing(params: RawObject): RawObject | undefined {
  return params.keys().length === 0 ? undefined : params;
}

/**
 * The params of the call that answers: those of the first one, the answers under the questions' keys (bare results), and the `requestState` of
 * the result that asked, byte for byte. What an earlier round left there is gone.
 */
export function withAnswers(params: RawObject, answers: ReadonlyMap<string, RawJson>, asked: RawObject): RawObject {
  return params.patch({
    inputResponses: answers.size === 0 ? undefined : RawObject.of(Object.fromEntries(answers)),
    requestState: asked.member('requestState'),
  });
}

/** The params without answers, as they were when the call was made first. */
export function withoutAnswers(params: RawObject): RawObject {
  return params.patch({ inputResponses: undefined, requestState: undefined });
}

/**
 * The params of a question as a request to a client of an older revision; `undefined` where that has no words for it. What sends the user to a URL
 * needs an id there: `mintId` makes one, unguessable; it is not asked where the question has one from its server.
 */
export function toLegacyQuestion(
  { method, params }: Question,
  revision: string,
  mintId: () => string,
): RawObject | undefined {
  if (method === 'sampling/createMessage') return downgradeSampling(params, revision);
  if (method !== 'elicitation/create') return params;
  const readable = downgradeElicitation(params, revision);
  if (readable?.string('mode') !== 'url' || readable.has('elicitationId')) return readable;
  return readable.with('elicitationId', RawJson.of(mintId()));
}

/** The answer to a question as a server of an older revision can read it. */
export function toLegacyAnswer(method: string, answer: RawObject, revision: string): RawObject {
  return method === 'sampling/createMessage' ? downgradeSample(answer, revision) : answer;
}

/**
 * A request of a server before 2026-07-28 as a question: without the progress token and what it says of tasks, which belong to that hop.
 * `elicitationId` stays for clients that know it.
 */
export function toModernQuestion(key: string, method: string, params: RawObject): Question {
  const ours = withoutMetaMember(withoutRelatedTask(params), metaKeys.progressToken);
  return { key, method, params: ours.without('task') };
}
