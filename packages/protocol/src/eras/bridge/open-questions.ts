import { ToolyardError } from '../../errors/toolyard-error.ts';
import { toWireError } from '../../errors/wire-error.ts';
import type { MessageId } from '../../pipe.ts';
import { RawObject } from '../../wire/raw-object.ts';
import type { Channel } from '../channel/channel.ts';
import { type Question, toModernQuestion } from '../legacy/translate/translate.ts';
import type { QuestionMethod } from './question.ts';

interface OpenQuestion {
  readonly id: MessageId;
  readonly method: QuestionMethod;
  readonly params: RawObject;
}

export interface OpenQuestionsParts {
  readonly channel: Channel;
  /** The answer to a question as the server can read it. */
  readonly answer: (method: string, answer: RawObject) => RawObject;
  /** Called where the server would not take an answer, and the pipe can tell. */
  readonly unanswered: (error: ToolyardError) => void;
}

/** Questions of one call that may be open at once. */
const maxOpen = 64;

/** What a server before 2026-07-28 wants to know in the middle of one call. No key comes twice. */
export class OpenQuestions {
  readonly #parts: OpenQuestionsParts;
  readonly #open = new Map<string, OpenQuestion>();
  #asked = 0;

  constructor(parts: OpenQuestionsParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Whether there was room for it; where not, it was refused. */
  add(id: MessageId, method: QuestionMethod, params: RawObject): boolean {
    const asked: OpenQuestion = { id, method, params };
    const room = this.#open.size < maxOpen;
    if (room) this.#open.set(`q${++this.#asked}`, asked);
    else this.#refuse(asked, `A call may have ${maxOpen} open questions.`);
    return room;
  }

  /** The server no longer wants to know. */
  withdraw(id: MessageId): void {
    for (const [key, question] of this.#open) if (question.id === id) this.#open.delete(key);
  }

  /** Takes to the server what answers are among these `inputResponses`; what nobody asked for is ignored. */
  take(responses: RawObject | undefined): void {
    const { channel, answer, unanswered } = this.#parts;
    for (const [key, question] of this.#open) {
      const response = responses?.object(key);
      if (response === undefined) continue;
      this.#open.delete(key);
      void channel.reply(question.id, answer(question.method, response), unanswered);
    }
  }

  /** Those that are open. */
  list(): readonly Question[] {
    return [...this.#open].map(([key, { method, params }]) => toModernQuestion(key, method, params));
  }

  /** Refuses one that its caller did not declare it can answer. */
  refuseFor(capability: string, id: MessageId, method: QuestionMethod): void {
    const why = `${method} cannot be passed on: the caller did not declare ${capability}.`;
    const refusal = toWireError(new ToolyardError('METHOD_UNKNOWN', { method }, why)).error;
    void this.#parts.channel.replyError(id, refusal, this.#parts.unanswered);
  }

  refuseAll(why: string): void {
    for (const question of this.#open.values()) this.#refuse(question, why);
    this.#open.clear();
  }

  /** Nobody is there any more to be answered. */
  forget(): void {
    this.#open.clear();
  }

  /** A user who turns away is an answer to an elicitation, and to nothing else. */
  #refuse({ id, method }: OpenQuestion, why: string): void {
    const { channel, unanswered } = this.#parts;
    if (method === 'elicitation/create') void channel.reply(id, RawObject.of({ action: 'cancel' }), unanswered);
    else void channel.replyError(id, RawObject.of({ code: -1, message: why }), unanswered);
  }
}
