import type { Call } from '../../call.ts';
import { ToolyardError } from '../../errors/toolyard-error.ts';
import type { MessageId } from '../../pipe.ts';
import type { Reply } from '../../reply.ts';
import { RawObject } from '../../wire/raw-object.ts';
import { cancelled, onAbort } from '../channel/abort.ts';
import type { Flight } from '../channel/calls-in-flight.ts';
import type { Channel } from '../channel/channel.ts';
import { inputRequiredResult, toModernQuestion } from '../legacy/translate/translate.ts';
import type { SentRequest } from '../channel/sent-request.ts';
import type { ParkedCall, Parking } from './parking.ts';
import { interruptible, type QuestionMethod } from './question.ts';
import { completed } from './url-elicitations.ts';

interface Question {
  readonly id: MessageId;
  readonly method: QuestionMethod;
  readonly params: RawObject;
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
/** Questions of one call that may be open at once. */
const maxOpen = 64;

/**
 * A call to a server that asks back in the middle of it. The server's request goes on over several calls of its caller: each question ends the call of
 * the moment with `input_required`, and the retry takes the answers to the server and waits on. Drawn in the README of this folder.
 */
export class QuestionedCall implements Flight, ParkedCall {
  readonly id: number;
  readonly principal: string;
  readonly tenant: string;
  readonly #parts: QuestionedCallParts;
  readonly #request: SentRequest;
  readonly #open = new Map<string, Question>();
  /** Pages that its caller was sent to; `true` once the server has said that its user is done there and the caller was not told yet. */
  readonly #pages = new Map<string, boolean>();
  #turn: Turn | undefined;
  #outcome: Outcome | undefined;
  #parked = false;
  #gathering: NodeJS.Timeout | undefined;
  #asked = 0;
  #capabilities: RawObject;

  constructor(call: Call, request: SentRequest, parts: QuestionedCallParts) {
    this.id = request.id;
    this.principal = call.caller.principal;
    this.tenant = call.caller.tenant;
    this.#capabilities = call.caller.capabilities;
    this.#parts = parts;
    this.#request = request;
    request.result.then(
      (result) => this.#finish({ result }),
      (error: unknown) => this.#finish({ error }),
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
    const asked: Question = { id, method, params };
    if (this.#open.size >= maxOpen) return this.#refuse(asked, `A call may have ${maxOpen} open questions.`);
    this.#open.set(`q${++this.#asked}`, asked);
    const page = params.string('elicitationId');
    if (page !== undefined) this.#pages.set(page, false);
    if (this.#turn === undefined || this.#gathering !== undefined) return;
    this.#request.suspend();
    this.#gathering = setTimeout(() => this.#ask(), gatherMs);
  }

  /** The server no longer wants to know. */
  withdraw(id: MessageId): void {
    for (const [key, question] of this.#open) if (question.id === id) this.#open.delete(key);
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
    const responses = call.params.object('inputResponses');
    for (const [key, question] of this.#open) {
      const response = responses?.object(key);
      if (response === undefined) continue;
      this.#open.delete(key);
      const { channel, answer } = this.#parts;
      void channel.reply(question.id, answer(question.method, response));
    }
    if (this.#outcome !== undefined) this.#settle(this.#outcome);
    else if (this.#open.size > 0) this.#ask();
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

  #ask(): void {
    this.#gathering = undefined;
    const turn = this.#turn;
    if (turn === undefined || this.#open.size === 0) {
      if (turn !== undefined) this.#request.resume(turn.call.deadlineMs);
      return;
    }
    const { parking, upstream } = this.#parts;
    const state = parking.park(turn.call, upstream, this);
    if (state === undefined) {
      this.#refuseAll('Too many calls wait for an answer of their callers.');
      this.#request.resume(turn.call.deadlineMs);
      return;
    }
    this.#parked = true;
    const questions = [...this.#open].map(([key, { method, params }]) => toModernQuestion(key, method, params));
    const result = inputRequiredResult(questions, state);
    this.#settle({ result });
  }

  #tellCompleted(elicitationId: string, call: Call): void {
    this.#pages.delete(elicitationId);
    void call.notify({ method: completed, params: RawObject.of({ elicitationId }) });
  }

  #give(error: Error): void {
    this.#refuseAll('The call was cancelled.');
    this.#request.cancel(error);
    this.#finish({ error });
  }

  #finish(outcome: Outcome): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = outcome;
    clearTimeout(this.#gathering);
    this.#open.clear();
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

  #refuseAll(why: string): void {
    for (const question of this.#open.values()) this.#refuse(question, why);
    this.#open.clear();
  }

  /** A user who turns away is an answer to an elicitation, and to nothing else. */
  #refuse({ id, method }: Question, why: string): void {
    const { channel } = this.#parts;
    if (method === 'elicitation/create') void channel.reply(id, RawObject.of({ action: 'cancel' }));
    else void channel.replyError(id, RawObject.of({ code: -1, message: why }));
  }
}
