import { cancelled, onAbort } from '../../abort.ts';
import type { Call } from '../../call.ts';
import { ToolyardError } from '../../errors/toolyard-error.ts';
import type { MessageId } from '../../pipe.ts';
import type { Reply } from '../../reply.ts';
import { RawObject } from '../../wire/raw-object.ts';
import type { Channel } from '../channel/channel.ts';
import type { Flight } from '../channel/client/calls-in-flight.ts';
import { isImpersonal } from '../channel/client/calls-in-flight.ts';
import type { OpenRequest } from '../channel/sent-request.ts';
import { upstreamCode } from '../channel/upstream-error.ts';
import { inputRequiredResult } from '../legacy/translate/translate.ts';
import { OpenQuestions } from './open-questions.ts';
import type { ParkedCall, Parking } from './parking.ts';
import { interruptible, type QuestionMethod } from './question.ts';
import { completed, urlElicitationRequired } from './url-elicitations.ts';

/** What a server works on, and may have a question about. */
export interface Questioned extends Flight {
  /** What its caller declared, the last time it called. */
  readonly capabilities: RawObject;
  /** Whether its caller can be asked at all. */
  readonly interruptible: boolean;
  /** The server asks. */
  question(id: MessageId, method: QuestionMethod, params: RawObject): void;
  /** The server asks what its caller did not declare it can answer. */
  refuseFor(capability: string, id: MessageId, method: QuestionMethod): void;
  /** The server no longer wants to know. */
  withdraw(id: MessageId): void;
  /** The server is done with a page; whether this call knows it. */
  pageCompleted(id: string): boolean;
}

/** One call of the caller: from its arrival to its reply. */
interface Turn {
  readonly call: Call;
  readonly reply: PromiseWithResolvers<Reply>;
  forget: (() => void) | undefined;
}

export interface QuestionedCallParts {
  readonly channel: Channel;
  readonly parking: Parking;
  readonly upstream: string;
  /** The answer to a question as the server can read it. */
  readonly answer: (method: string, answer: RawObject) => RawObject;
  /** Called once, when the server is done with the call or was told to be. */
  readonly settled: (flight: QuestionedCall) => void;
}

type Outcome = { readonly result: RawObject } | { readonly error: unknown };

/** How long a question waits for others that its server sends in the same breath: they may come in several reads. */
const gatherMs = 10;

/**
 * A call to a server that asks back in the middle of it. The server's request goes on over several calls of its caller: each question ends the call of
 * the moment with `input_required`, and the retry takes the answers to the server and waits on. Drawn in the README of this folder.
 */
export class QuestionedCall implements Questioned, ParkedCall {
  readonly id: number;
  readonly principal: string;
  readonly tenant: string;
  readonly impersonal: boolean;
  readonly #parts: QuestionedCallParts;
  readonly #request: OpenRequest;
  readonly #questions: OpenQuestions;
  /** Pages that its caller was sent to; `true` once the server has said that its user is done there and the caller was not told yet. */
  readonly #pages = new Map<string, boolean>();
  #turn: Turn | undefined;
  #outcome: Outcome | undefined;
  #parked = false;
  #gathering: NodeJS.Timeout | undefined;
  #capabilities: RawObject;
  /** What the server asked for last that its caller did not declare: `elicitation.url`. */
  #lacked: string | undefined;

  constructor(call: Call, request: OpenRequest, parts: QuestionedCallParts) {
    this.id = request.id;
    this.principal = call.caller.principal;
    this.tenant = call.caller.tenant;
    this.impersonal = isImpersonal(call.caller, interruptible(request.method));
    this.#capabilities = call.caller.capabilities;
    this.#parts = parts;
    this.#request = request;
    this.#questions = new OpenQuestions({ ...parts, unanswered: (error) => this.#unanswered(error) });
    request.result.then(
      (result) => this.#finish({ result }),
      (error: unknown) => this.#finish({ error: this.#explained(error) }),
    );
  }

  /** Whoever waits for it now. */
  get call(): Call | undefined {
    return this.#turn?.call;
  }

  /** What its caller declared, the last time it called. */
  get capabilities(): RawObject {
    return this.#capabilities;
  }

  /** Whether its caller can be asked at all. */
  get interruptible(): boolean {
    return interruptible(this.#request.method);
  }

  /** Waits for the result, or for a question. */
  run(call: Call): Promise<Reply> {
    const turn: Turn = { call, reply: Promise.withResolvers<Reply>(), forget: undefined };
    this.#turn = turn;
    this.#capabilities = call.caller.capabilities;
    for (const [id, done] of this.#pages) if (done) this.#tellCompleted(id, call);
    turn.forget = onAbort(call.signal, () => this.#give(cancelled(call.signal)));
    return turn.reply.promise;
  }

  /** The server asks. Questions that come at once are put together. */
  question(id: MessageId, method: QuestionMethod, params: RawObject): void {
    if (!this.#questions.add(id, method, params)) return;
    const page = params.string('elicitationId');
    if (page !== undefined) this.#pages.set(page, false);
    if (this.#turn === undefined || this.#gathering !== undefined) return;
    this.#request.suspend();
    this.#gathering = setTimeout(() => this.#ask(), gatherMs);
  }

  /** Where the call then fails with an error, that is why. A result stays what it is, one with `isError` too: the tool has dealt with it. */
  refuseFor(capability: string, id: MessageId, method: QuestionMethod): void {
    this.#lacked = capability;
    this.#questions.refuseFor(capability, id, method);
  }

  /** The server no longer wants to know. */
  withdraw(id: MessageId): void {
    this.#questions.withdraw(id);
  }

  /** The server is done with a page; whether this call knows it. */
  pageCompleted(id: string): boolean {
    if (!this.#pages.has(id)) return false;
    if (this.#turn === undefined) this.#pages.set(id, true);
    else this.#tellCompleted(id, this.#turn.call);
    return true;
  }

  resume(call: Call): Promise<Reply> {
    this.#parked = false;
    const reply = this.run(call);
    this.#questions.take(call.params.object('inputResponses'));
    if (this.#outcome !== undefined) this.#settle(this.#outcome);
    else if (this.#questions.size > 0) this.#ask();
    else this.#request.resume(call.deadlineMs);
    return reply;
  }

  abandon(): void {
    this.#parked = false;
    this.#give(
      new ToolyardError(
        'CANCELLED',
        { reason: 'nobody answered the question' },
        'The call was abandoned: nobody answered the question of its server.',
      ),
    );
  }

  /** A server that refuses an answer would wait for it in vain: one without sessions may look for the question where it was not asked. */
  #unanswered(error: ToolyardError): void {
    // All else ends the session, and the call with it.
    if (!ToolyardError.is(error, 'UPSTREAM_STATUS')) return;
    const { upstream, status } = error.facts;
    const message = `${upstream} asked back and then refused the answer (HTTP status ${status}).`;
    this.#request.cancel(new ToolyardError('UPSTREAM_STATUS', error.facts, message, { cause: error }));
  }

  /** A server of 2026-07-28 would have told a caller what it lacks (spec: basic, error -32021). A demand for pages says itself what it needs. */
  #explained(error: unknown): unknown {
    const lacked = this.#lacked;
    if (lacked === undefined || !ToolyardError.is(error, 'UPSTREAM_ERROR')) return error;
    if (upstreamCode(error) === urlElicitationRequired) return error;
    const message = `${this.#parts.upstream} asked for what its caller did not declare (${lacked}), and then failed: ${error.message}`;
    return new ToolyardError('CAPABILITY_REQUIRED', { requiredCapabilities: nested(lacked) }, message, {
      cause: error,
    });
  }

  #ask(): void {
    this.#gathering = undefined;
    const turn = this.#turn;
    if (turn === undefined || this.#questions.size === 0) {
      if (turn !== undefined) this.#request.resume(turn.call.deadlineMs);
      return;
    }
    const { parking, upstream } = this.#parts;
    const state = parking.park(turn.call, upstream, this);
    if (state === undefined) {
      this.#questions.refuseAll('Too many calls wait for an answer of their callers.');
      this.#request.resume(turn.call.deadlineMs);
      return;
    }
    this.#parked = true;
    const result = inputRequiredResult(this.#questions.list(), state);
    this.#settle({ result });
  }

  #tellCompleted(elicitationId: string, call: Call): void {
    this.#pages.delete(elicitationId);
    void call.notify({ method: completed, params: RawObject.of({ elicitationId }) });
  }

  #give(error: Error): void {
    this.#questions.refuseAll('The call was cancelled.');
    this.#request.cancel(error);
    this.#finish({ error });
  }

  #finish(outcome: Outcome): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = outcome;
    clearTimeout(this.#gathering);
    this.#questions.forget();
    const { channel, parking, settled } = this.#parts;
    settled(this);
    // Where the server went away the retry is told so; where we closed the connection, nobody is meant to come back.
    if (this.#parked && channel.gone?.code === 'CLOSED') parking.forget(this);
    this.#settle(outcome);
  }

  #settle(outcome: Outcome): void {
    const turn = this.#turn;
    this.#turn = undefined;
    turn?.forget?.();
    if ('result' in outcome) turn?.reply.resolve({ result: outcome.result });
    else turn?.reply.reject(outcome.error);
  }
}

/** `a.b` as capabilities: `{ a: { b: {} } }`. */
function nested(path: string): Readonly<Record<string, unknown>> {
  return path.split('.').reduceRight<Readonly<Record<string, unknown>>>((inner, key) => ({ [key]: inner }), {});
}
