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
import type { QuestionMethod } from './question.ts';

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

type Outcome = { readonly result: RawObject } | { readonly error: unknown };

/** Questions of one call that may be open at once. */
const maxOpen = 64;

/** Methods whose reply may be `input_required` (spec: basic/patterns/mrtr). */
const interruptible: readonly string[] = ['tools/call', 'prompts/get', 'resources/read'];

/**
 * A call to a server that asks back in the middle of it. The server's request goes on over several calls of its caller: each question ends the call of
 * the moment with `input_required`, and the retry takes the answers to the server and waits on. Drawn in the README of this folder.
 */
export class QuestionedCall implements Flight, ParkedCall {
  readonly id: number;
  readonly principal: string;
  readonly tenant: string;
  readonly #channel: Channel;
  readonly #parking: Parking;
  readonly #request: SentRequest;
  readonly #settled: () => void;
  readonly #open = new Map<string, Question>();
  #turn: Turn | undefined;
  #outcome: Outcome | undefined;
  #state: string | undefined;
  #gathering: NodeJS.Immediate | undefined;
  #asked = 0;
  #capabilities: RawObject;

  /** `settled` is called once, when the server is done with it or was told to be. */
  constructor(call: Call, request: SentRequest, parts: { channel: Channel; parking: Parking; settled: (flight: QuestionedCall) => void }) {
    this.id = request.id;
    this.principal = call.caller.principal;
    this.tenant = call.caller.tenant;
    this.#capabilities = call.caller.capabilities;
    this.#channel = parts.channel;
    this.#parking = parts.parking;
    this.#request = request;
    this.#settled = () => parts.settled(this);
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
    return interruptible.includes(this.#request.method);
  }

  /** Waits for the result, or for a question. */
  run(call: Call): Promise<Reply> {
    const turn: Turn = { call, reply: Promise.withResolvers<Reply>(), forget: undefined };
    this.#turn = turn;
    this.#capabilities = call.caller.capabilities;
    turn.forget = onAbort(call.signal, () => this.#give(cancelled(call.signal)));
    return turn.reply.promise;
  }

  /** The server asks. Questions that come at once are put together. */
  question(id: MessageId, method: QuestionMethod, params: RawObject): void {
    const asked: Question = { id, method, params };
    if (this.#open.size >= maxOpen) return this.#refuse(asked, `A call may have ${maxOpen} open questions.`);
    this.#open.set(`q${++this.#asked}`, asked);
    if (this.#turn !== undefined) this.#gathering ??= setImmediate(() => this.#ask());
  }

  /** The server no longer wants to know. */
  withdraw(id: MessageId): void {
    for (const [key, question] of this.#open) if (question.id === id) this.#open.delete(key);
  }

  resume(call: Call): Promise<Reply> {
    this.#state = undefined;
    const reply = this.run(call);
    const responses = call.params.object('inputResponses');
    for (const [key, question] of this.#open) {
      const response = responses?.object(key);
      if (response === undefined) continue;
      this.#open.delete(key);
      void this.#channel.reply(question.id, response);
    }
    if (this.#outcome !== undefined) this.#settle(this.#outcome);
    else if (this.#open.size > 0) this.#ask();
    else this.#request.resume(call.deadlineMs);
    return reply;
  }

  abandon(): void {
    this.#state = undefined;
    this.#give(new ToolyardError('CANCELLED', { reason: 'nobody answered the question' }, 'The call was abandoned: nobody answered the question of its server.'));
  }

  #ask(): void {
    this.#gathering = undefined;
    const turn = this.#turn;
    if (turn === undefined || this.#open.size === 0) {
      if (turn !== undefined) this.#request.resume(turn.call.deadlineMs);
      return;
    }
    const state = this.#parking.park(turn.call, this);
    if (state === undefined) {
      this.#refuseAll('Too many calls wait for an answer of their callers.');
      this.#request.resume(turn.call.deadlineMs);
      return;
    }
    this.#state = state;
    this.#request.suspend();
    const questions = [...this.#open].map(([key, { method, params }]) => toModernQuestion(key, method, params));
    const result = inputRequiredResult(questions, state);
    this.#settle({ result });
  }

  #give(error: Error): void {
    this.#refuseAll('The call was cancelled.');
    this.#request.cancel(error);
    this.#finish({ error });
  }

  #finish(outcome: Outcome): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = outcome;
    clearImmediate(this.#gathering);
    this.#open.clear();
    this.#settled();
    if (this.#channel.gone !== undefined && this.#state !== undefined) this.#parking.forget(this.#state);
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
    if (method === 'elicitation/create') void this.#channel.reply(id, RawObject.of({ action: 'cancel' }));
    else void this.#channel.replyError(id, RawObject.of({ code: -1, message: why }));
  }
}
