import { ToolyardError } from '../../errors/toolyard-error.ts';
import { OpenEntries } from '../../open-items.ts';
import type { MessageId, Pipe } from '../../pipe.ts';
import { encodeError, encodeNotification, encodeRequest, encodeResult } from '../../wire/encode.ts';
import {
  type Envelope,
  type NotificationEnvelope,
  readEnvelope,
  type RequestEnvelope,
  salvageId,
} from '../../wire/envelope.ts';
import { RawObject } from '../../wire/raw-object.ts';
import { readBatch } from '../legacy/http/batch.ts';
import type { PatienceBounds } from './patience.ts';
import { SentRequest } from './sent-request.ts';
import { upstreamError } from './upstream-error.ts';

/** What the two eras make of the messages that are not answers to us. */
export interface ChannelUser {
  request(request: RequestEnvelope, about: MessageId | undefined): void;
  notification(notification: NotificationEnvelope, about: MessageId | undefined): void;
}

export interface ChannelOptions {
  /** How the peer is called in errors. */
  readonly upstream: string;
  readonly maxMessageBytes: number;
  /** Requests of ours that may wait for their answer; one more is refused with `UPSTREAM_BUSY`. */
  readonly maxInFlight: number;
  /**
   * Something came that is no good JSON-RPC message. `id` is its own where it has a readable one, and `answers` tells that it is meant for an answer;
   * an answer to a request of ours fails that request instead.
   */
  readonly broken: (
    error: ToolyardError,
    message: { readonly id: MessageId | undefined; readonly answers: boolean },
  ) => void;
  /** What may wait to be read by the peer before nothing more is read from it. Default: any amount. */
  readonly pauseAboveBytes?: number;
  /**
   * What may wait to be read by the peer before it is refused more: requests with `UPSTREAM_BUSY`, and a peer that makes us say other things
   * all the same is given up. Default: any amount.
   */
  readonly maxUnreadBytes?: number;
}

export interface AskOptions extends PatienceBounds {
  readonly about?: MessageId | undefined;
  readonly progress?: ((params: RawObject) => void) | undefined;
  /** Part of finding out what the peer speaks: it is not told when we give up, since `initialize` must never be cancelled, and does not count for `maxInFlight`. Default `false`. */
  readonly handshake?: boolean;
}

/** JSON-RPC over a pipe, for both roles and both eras: our requests and their answers; the rest goes to the user of the hour. */
export class Channel {
  /** Resolves once when the pipe is over: with the reason when the peer went away, with `undefined` after `close()`. */
  readonly closed: Promise<Error | undefined>;
  /** Answers that belonged to no request of ours: late, doubled or invented. */
  strayAnswers = 0;
  readonly #pipe: Pipe;
  readonly #options: ChannelOptions;
  readonly #over: PromiseWithResolvers<Error | undefined> = Promise.withResolvers<Error | undefined>();
  readonly #sent = new OpenEntries<number, SentRequest>();
  /** Whoever is told what comes under the token of a request that has its answer. */
  readonly #late = new Map<number, (params: RawObject) => void>();
  #user: ChannelUser = nobody;
  #nextId = 1;
  #pendingBytes = 0;
  #pendingMessages = 0;
  #room: PromiseWithResolvers<void> | undefined;
  #gone: ToolyardError | undefined;
  #maxBatch = 0;

  /** Starts the pipe. */
  constructor(pipe: Pipe, options: ChannelOptions) {
    this.#pipe = pipe;
    this.#options = options;
    this.closed = this.#over.promise;
    pipe.start({
      message: (bytes, about) => this.#message(bytes, about),
      closed: (reason) => this.#finish(reason, this.#upstreamClosed(reason)),
    });
  }

  /** From now on, what comes in is for `user`. */
  handTo(user: ChannelUser): void {
    this.#user = user;
  }

  /** From now on an array of 1 to `maxMessages` messages is taken for those, one by one; any other array is broken, as before. */
  takeBatches(maxMessages: number): void {
    this.#maxBatch = maxMessages;
  }

  /** Why nothing can be sent any more: `CLOSED` after `close()`, `UPSTREAM_CLOSED` once the peer is gone. */
  get gone(): ToolyardError | undefined {
    return this.#gone;
  }

  /** What was sent and not yet read by the peer. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  get pendingMessages(): number {
    return this.#pendingMessages;
  }

  /** Sends a request; `params` is called with the id it gets. Throws where nothing was sent: `gone`, or `UPSTREAM_BUSY`. */
  ask(method: string, params: (id: number) => RawObject, options: AskOptions = {}): SentRequest {
    if (this.#gone !== undefined) throw this.#gone;
    const { upstream, maxInFlight, maxUnreadBytes } = this.#options;
    const isFull = options.handshake !== true && this.#sent.size >= maxInFlight;
    if (isFull || this.#pendingBytes > (maxUnreadBytes ?? Infinity)) {
      const why = isFull ? `has ${maxInFlight} calls in flight already` : 'does not read what it is sent';
      throw new ToolyardError('UPSTREAM_BUSY', { upstream, limit: maxInFlight }, `${upstream} ${why}.`);
    }
    const id = this.#nextId++;
    const request = new SentRequest(id, {
      method,
      silenceMs: options.silenceMs,
      maxMs: options.maxMs,
      deadlineMs: options.deadlineMs,
      progress: options.progress,
      gaveUp: (given, why) => {
        given.reject(why.kind === 'cancelled' ? why.error : this.#timeout(method, why.afterMs));
        if (options.handshake !== true)
          this.#tellCancelled(id, why.kind === 'timeout' ? 'timeout' : undefined, options.about);
      },
      settled: () => this.#sent.delete(id),
    });
    const message = encodeRequest(String(id), method, params(id));
    this.#sent.set(id, request);
    request.sent();
    void this.#send(message, options.about, (error) => request.reject(error));
    return request;
  }

  /** Has what comes under the token of a request told to `told` also after its answer, until the returned function is called. */
  keepToken(id: number, told: (params: RawObject) => void): () => void {
    this.#late.set(id, told);
    return () => this.#late.delete(id);
  }

  /** Resolves when there is room for more. Never rejects: what is sent into a closed pipe is lost, and `closed` tells. */
  notify(method: string, params: RawObject, about?: MessageId): Promise<void> {
    return this.#post(encodeNotification(method, params), about);
  }

  /** `failed` is called where the peer would not take it, and the pipe can tell. */
  reply(id: MessageId, result: RawObject, failed?: (error: ToolyardError) => void): Promise<void> {
    return this.#post(encodeResult(id, result), id, failed);
  }

  /** `id` is `undefined` where the request could not be read; `failed` as for `reply`. */
  replyError(id: MessageId | undefined, error: RawObject, failed?: (error: ToolyardError) => void): Promise<void> {
    return this.#post(encodeError(id, error), id, failed);
  }

  /** Resolves when the peer has read enough for `pauseAboveBytes`, or is gone. */
  room(): Promise<void> {
    return this.#pause() ?? Promise.resolve();
  }

  /** Fails what is in flight with `why`, tells the peer so, and closes the pipe. Safe to call twice. */
  async close(why: ToolyardError): Promise<void> {
    this.#end(undefined, why);
    await this.#pipe.close();
  }

  /** Gives the peer up: as `close`, but `closed` resolves with `why`. */
  async fail(why: ToolyardError): Promise<void> {
    this.#end(why, why);
    await this.#pipe.close();
  }

  #message(bytes: Uint8Array, about: MessageId | undefined): Promise<void> | undefined {
    const messages = this.#batch(bytes);
    if (messages === undefined) this.#one(bytes, about);
    else for (const message of messages) this.#one(message, about);
    return this.#pause();
  }

  #batch(bytes: Uint8Array): readonly Uint8Array[] | undefined {
    if (this.#maxBatch === 0 || bytes.byteLength > this.#options.maxMessageBytes) return undefined;
    const messages = readBatch(bytes);
    return messages === undefined || messages.length === 0 || messages.length > this.#maxBatch ? undefined : messages;
  }

  #one(bytes: Uint8Array, about: MessageId | undefined): void {
    if (this.#gone !== undefined) return;
    try {
      this.#dispatch(this.#read(bytes), about);
    } catch (error) {
      // Not only an envelope can be bad: of a payload that is looked at, members that stand twice come to light only then.
      if (!ToolyardError.is(error)) throw error;
      this.#broken(error, bytes);
    }
  }

  #read(bytes: Uint8Array): Envelope {
    const { maxMessageBytes } = this.#options;
    if (bytes.byteLength <= maxMessageBytes) return readEnvelope(bytes);
    throw new ToolyardError(
      'MESSAGE_TOO_LARGE',
      { limitBytes: maxMessageBytes },
      `A message is larger than ${maxMessageBytes} bytes.`,
    );
  }

  #dispatch(envelope: Envelope, about: MessageId | undefined): void {
    switch (envelope.kind) {
      case 'result':
        this.#answered(envelope.id)?.resolve(envelope.result);
        break;
      case 'error':
        // One without an id is about a message of ours that the peer could not read: nobody can tell which.
        if (envelope.id === undefined) this.strayAnswers++;
        else this.#answered(envelope.id)?.reject(upstreamError(this.#options.upstream, envelope.error));
        break;
      case 'notification':
        if (!this.#progress(envelope)) this.#user.notification(envelope, about);
        break;
      case 'request':
        this.#user.request(envelope, about);
        break;
    }
  }

  #broken(error: ToolyardError, bytes: Uint8Array): void {
    const id = salvageId(bytes);
    const answers = isAnswer(bytes);
    const request = id === undefined || !answers ? undefined : this.#sent.get(Number(id));
    if (request === undefined) this.#options.broken(error, { id, answers });
    else request.reject(this.#malformed(error));
  }

  #answered(id: MessageId): SentRequest | undefined {
    const request = this.#sent.get(Number(id));
    if (request === undefined) this.strayAnswers++;
    return request;
  }

  #progress({ method, params }: NotificationEnvelope): boolean {
    if (method !== 'notifications/progress') return false;
    const token = params.member('progressToken')?.value;
    if (typeof token !== 'number') return true;
    this.#sent.get(token)?.reported(params);
    this.#late.get(token)?.(params);
    return true;
  }

  #tellCancelled(id: number, reason: string | undefined, about: MessageId | undefined): void {
    void this.notify('notifications/cancelled', RawObject.of({ requestId: id, reason }), about);
  }

  #post(message: Uint8Array, about: MessageId | undefined, failed?: (error: ToolyardError) => void): Promise<void> {
    if (this.#gone !== undefined) return Promise.resolve();
    const { upstream, maxUnreadBytes } = this.#options;
    if (this.#pendingBytes > 2 * (maxUnreadBytes ?? Infinity)) {
      const reason = 'it does not read what it is sent';
      return this.fail(
        new ToolyardError('UPSTREAM_MALFORMED', { upstream, reason }, `${upstream} was given up: ${reason}.`),
      );
    }
    return this.#send(message, about, failed);
  }

  /** Counts what the peer has not read. Never rejects. */
  #send(message: Uint8Array, about: MessageId | undefined, failed?: (error: ToolyardError) => void): Promise<void> {
    const { byteLength } = message;
    this.#pendingBytes += byteLength;
    this.#pendingMessages++;
    const taken = (): void => {
      this.#pendingBytes -= byteLength;
      this.#pendingMessages--;
      if (this.#room !== undefined && !this.#congested()) {
        this.#room.resolve();
        this.#room = undefined;
      }
    };
    return this.#pipe.send(message, about).then(taken, (error: unknown) => {
      taken();
      failed?.(this.#sendFailed(error));
    });
  }

  #congested(): boolean {
    return this.#pendingBytes > (this.#options.pauseAboveBytes ?? Infinity);
  }

  #pause(): Promise<void> | undefined {
    if (!this.#congested() || this.#gone !== undefined) return undefined;
    this.#room ??= Promise.withResolvers<void>();
    return this.#room.promise;
  }

  #end(reason: Error | undefined, gone: ToolyardError): void {
    if (this.#gone !== undefined) return;
    for (const request of [...this.#sent.values()]) request.cancel(gone);
    this.#finish(reason, gone);
  }

  #finish(reason: Error | undefined, gone: ToolyardError): void {
    if (this.#gone !== undefined) return;
    this.#gone = gone;
    for (const request of [...this.#sent.values()]) request.reject(gone);
    this.#room?.resolve();
    this.#over.resolve(reason);
  }

  #upstreamClosed(reason: unknown): ToolyardError<'UPSTREAM_CLOSED'> {
    const { upstream } = this.#options;
    const message = ToolyardError.is(reason, 'MESSAGE_TOO_LARGE')
      ? `The connection to ${upstream} was ended: it sent a message of more than ${reason.facts.limitBytes} bytes.`
      : `${upstream} closed the connection.`;
    return new ToolyardError('UPSTREAM_CLOSED', { upstream }, message, { cause: reason });
  }

  #sendFailed(error: unknown): ToolyardError {
    if (this.#gone !== undefined) return this.#gone;
    return ToolyardError.is(error) && error.code !== 'CLOSED' ? error : this.#upstreamClosed(error);
  }

  #timeout(method: string, afterMs: number): ToolyardError<'UPSTREAM_TIMEOUT'> {
    const { upstream } = this.#options;
    return new ToolyardError(
      'UPSTREAM_TIMEOUT',
      { upstream, method, afterMs },
      `${upstream} did not answer ${method} within ${afterMs} ms.`,
    );
  }

  #malformed(cause: ToolyardError): ToolyardError<'UPSTREAM_MALFORMED'> {
    const { upstream } = this.#options;
    return new ToolyardError(
      'UPSTREAM_MALFORMED',
      { upstream, reason: cause.message },
      `${upstream} sent an answer that is no JSON-RPC: ${cause.message}`,
      { cause },
    );
  }
}

const nobody: ChannelUser = { request() {}, notification() {} };

/** Whether a message that is broken was meant for an answer. */
function isAnswer(bytes: Uint8Array): boolean {
  try {
    const names = new Set(RawObject.read(bytes).keys());
    return !names.has('method') && (names.has('result') || names.has('error'));
  } catch {
    return false;
  }
}
