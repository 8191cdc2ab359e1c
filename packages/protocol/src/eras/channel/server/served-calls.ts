import type { Call, Notification } from '../../../call.ts';
import { ToolyardError } from '../../../errors/toolyard-error.ts';
import { toWireError } from '../../../errors/wire-error.ts';
import { OpenEntries } from '../../../open-items.ts';
import type { MessageId } from '../../../pipe.ts';
import { idKey } from '../../../wire/message-id.ts';
import type { RawObject } from '../../../wire/raw-object.ts';
import type { Channel } from '../channel.ts';

/** One request of a client, read by the era it belongs to. */
export interface ServedRequest {
  readonly id: MessageId;
  readonly call: Pick<Call, 'method' | 'params' | 'caller' | 'progressToken' | 'logLevel' | 'trace'>;
  /** Resolves with the result as this client reads it. */
  readonly answer: (call: Call) => Promise<RawObject>;
  /** The notification as this client reads it; `undefined` where it should not see it. */
  readonly notification: (notification: Notification) => Notification | undefined;
  /** The error object as this client reads it. Default: as it is. */
  readonly error?: (error: RawObject) => RawObject;
  /** Whether the client may take it back. Default `true`; `initialize` must not be. */
  readonly cancellable?: boolean;
  /** The result that ends this call well when we close; `undefined` for a call that is aborted then. */
  readonly farewell?: RawObject;
}

export interface ServedCallsOptions {
  readonly maxInFlight: number;
  readonly maxPendingBytes: number;
}

interface ServedCall {
  readonly request: ServedRequest;
  readonly controller: AbortController;
}

/** The calls of one client that a service works on. */
export class ServedCalls {
  readonly #channel: Channel;
  readonly #options: ServedCallsOptions;
  readonly #calls = new OpenEntries<string, ServedCall>();
  #refusal: ToolyardError | undefined;
  #idle: (() => void) | undefined;

  constructor(channel: Channel, options: ServedCallsOptions) {
    this.#channel = channel;
    this.#options = options;
    void channel.closed.then((reason) => {
      const why = new ToolyardError('CANCELLED', { reason: 'the client is gone' }, 'The client is gone.', {
        cause: reason,
      });
      for (const [key, call] of this.#calls.entries()) this.#drop(key, call, why);
    });
  }

  get size(): number {
    return this.#calls.size;
  }

  serve(request: ServedRequest): void {
    const key = idKey(request.id);
    const refusal = this.#refuse(key);
    if (refusal !== undefined) return this.#fail(request, refusal);
    const served: ServedCall = { request, controller: new AbortController() };
    this.#calls.set(key, served);
    const call: Call = {
      ...request.call,
      signal: served.controller.signal,
      deadlineMs: undefined,
      notify: (notification) => this.#notify(key, served, notification),
    };
    request.answer(call).then(
      (result) => {
        if (this.#end(key, served)) void this.#channel.reply(request.id, result);
      },
      (error: unknown) => {
        if (this.#end(key, served)) this.#fail(request, error);
      },
    );
  }

  /** The client wants no answer any more, and gets none. */
  cancel(id: MessageId | undefined, reason?: string): void {
    if (id === undefined) return;
    const key = idKey(id);
    const call = this.#calls.get(key);
    if (call === undefined || call.request.cancellable === false) return;
    this.#drop(
      key,
      call,
      new ToolyardError('CANCELLED', reason === undefined ? {} : { reason }, 'The client cancelled the call.'),
    );
  }

  /** No new calls from now on; those that can end well do. Resolves when none is left. */
  drain(why: ToolyardError): Promise<void> {
    this.#refusal = why;
    for (const [key, call] of this.#calls.entries()) {
      const { farewell, id } = call.request;
      if (farewell === undefined) continue;
      void this.#channel.reply(id, farewell);
      this.#drop(key, call, why);
    }
    if (this.#calls.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const idle = this.#idle;
      this.#idle = () => {
        idle?.();
        resolve();
      };
    });
  }

  /** Aborts what is left and answers it with `why`. */
  abort(why: ToolyardError): void {
    for (const [key, call] of this.#calls.entries()) {
      this.#fail(call.request, why);
      this.#drop(key, call, why);
    }
  }

  #refuse(key: string): ToolyardError | undefined {
    if (this.#refusal !== undefined) return this.#refusal;
    if (this.#calls.has(key)) {
      const reason = 'a request with this id is in flight already';
      return new ToolyardError('INVALID_REQUEST', { reason }, `Invalid request: ${reason}.`);
    }
    const { maxInFlight: limit } = this.#options;
    if (this.#calls.size < limit) return undefined;
    return new ToolyardError('TOO_MANY_CALLS', { limit }, `There are ${limit} calls in flight already.`);
  }

  #notify(key: string, served: ServedCall, notification: Notification): Promise<void> {
    if (this.#calls.get(key) !== served) return done;
    const { request } = served;
    const told = request.notification(notification);
    if (told === undefined) return done;
    const sent = this.#channel.notify(told.method, told.params, request.id);
    const { maxPendingBytes: limitBytes } = this.#options;
    // What was just sent counts only where something waited before it: one message alone may have any size.
    if (this.#channel.pendingMessages > 1 && this.#channel.pendingBytes > limitBytes) {
      const why = new ToolyardError(
        'CALLER_TOO_SLOW',
        { limitBytes },
        `The client left more than ${limitBytes} bytes unread.`,
      );
      this.#fail(request, why);
      this.#drop(key, served, why);
    }
    return sent;
  }

  #fail(request: ServedRequest, thrown: unknown): void {
    const { error } = toWireError(thrown);
    void this.#channel.replyError(request.id, request.error?.(error) ?? error);
  }

  #drop(key: string, served: ServedCall, why: ToolyardError): void {
    if (this.#end(key, served)) served.controller.abort(why);
  }

  /** Whether it was still in flight. */
  #end(key: string, served: ServedCall): boolean {
    if (this.#calls.get(key) !== served) return false;
    this.#calls.delete(key);
    if (this.#calls.size === 0) this.#idle?.();
    return true;
  }
}

const done: Promise<void> = Promise.resolve();
