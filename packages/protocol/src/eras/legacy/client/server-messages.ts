import { ToolyardError } from '../../../errors/toolyard-error.ts';
import { toWireError } from '../../../errors/wire-error.ts';
import type { MessageId } from '../../../pipe.ts';
import type { NotificationEnvelope, RequestEnvelope } from '../../../wire/envelope.ts';
import { RawObject } from '../../../wire/raw-object.ts';
import { isQuestion, missingCapability, type QuestionMethod } from '../../bridge/question.ts';
import type { Questioned } from '../../bridge/questioned-call.ts';
import { completed, type UrlElicitations } from '../../bridge/url-elicitations.ts';
import type { Channel, ChannelUser } from '../../channel/channel.ts';
import type { CallsInFlight } from '../../channel/client/calls-in-flight.ts';
import type { SessionTasks } from './tasks/session-tasks.ts';

export interface ServerMessagesParts {
  readonly channel: Channel;
  readonly flights: CallsInFlight<Questioned>;
  /** Of a server that runs tasks. */
  readonly tasks: SessionTasks | undefined;
  readonly urls: UrlElicitations;
  /** Called with each notification that belongs to no call. */
  readonly event: (method: string, params: RawObject) => void;
  readonly onLog: ((line: string) => void) | undefined;
}

/** What the server of one session says that is no answer: finds the call that it is about. */
export class ServerMessages implements ChannelUser {
  readonly #parts: ServerMessagesParts;

  constructor(parts: ServerMessagesParts) {
    this.#parts = parts;
  }

  request({ id, method, params }: RequestEnvelope, about: MessageId | undefined): void {
    if (method === 'ping') void this.#parts.channel.reply(id, RawObject.empty);
    else if (isQuestion(method)) this.#question(id, method, params, about);
    else
      this.#refuse(
        id,
        new ToolyardError('METHOD_UNKNOWN', { method }, `This client does not know the method ${method}.`),
      );
  }

  notification({ method, params }: NotificationEnvelope, about: MessageId | undefined): void {
    if (method === 'notifications/message') this.#log(params, about);
    else if (method === 'notifications/cancelled') this.#withdraw(params.member('requestId')?.text);
    else if (method === completed) this.#pageCompleted(params);
    else {
      this.#parts.tasks?.heard(method, params);
      this.#parts.event(method, params);
    }
  }

  #question(id: MessageId, method: QuestionMethod, params: RawObject, about: MessageId | undefined): void {
    const { flights, tasks } = this.#parts;
    const known = tasks?.running.ownerOf(params, about);
    const flight = known ?? flights.ownerOfQuestion(about, (candidate) => candidate.interruptible);
    if (flight === undefined || flight === 'nobody' || !flight.interruptible) {
      const reason =
        flights.size > 1
          ? 'several calls are in flight, and nothing tells which of them it is about'
          : 'no call is in flight that could be asked';
      this.#refuse(id, new ToolyardError('METHOD_UNKNOWN', { method }, `${method} cannot be passed on: ${reason}.`));
      return;
    }
    const missing = missingCapability(flight.capabilities, method, params);
    if (missing === undefined) flight.question(id, method, params);
    else flight.refuseFor(missing, id, method);
  }

  #refuse(id: MessageId, error: ToolyardError): void {
    void this.#parts.channel.replyError(id, toWireError(error).error);
  }

  #log(params: RawObject, about: MessageId | undefined): void {
    const { flights, tasks } = this.#parts;
    const owner = tasks?.running.ownerOf(params, about);
    if (owner !== 'nobody') flights.log(params, about, owner);
  }

  #withdraw(id: MessageId | undefined): void {
    if (id !== undefined) for (const flight of this.#parts.flights.values()) flight.withdraw(id);
  }

  #pageCompleted(params: RawObject): void {
    const { flights, urls, onLog } = this.#parts;
    const id = params.string('elicitationId');
    const known = id !== undefined && [...flights.values()].some((flight) => flight.pageCompleted(id));
    if (known) return;
    // There is no message in which 2026-07-28 could tell a caller whose call has ended; a retry that comes back from the page is told.
    onLog?.('a page was completed that no call in flight has asked for');
    urls.complete(params);
  }
}
