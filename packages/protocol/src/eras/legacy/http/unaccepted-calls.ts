import { OpenEntries } from '../../../open-items.ts';
import type { MessageId } from '../../../pipe.ts';

/** A call that was posted, for as long as the server has not said that it has it. */
export interface UnacceptedCall {
  /** Ends its POST, which nobody waits for any more. */
  readonly giveUp: () => void;
}

/** How long a cancellation waits for its call to be accepted. A server that says nothing for so long may be one that says so only once the call is over. */
const patienceMs = 5_000;

/**
 * Keeps cancellations from overtaking their calls, which go by other sockets: a server that reads the cancellation first knows of no such request, and runs it to its end.
 */
export class UnacceptedCalls {
  readonly #calls = new OpenEntries<MessageId, Unaccepted>();
  #cancelled = 0;

  add(id: MessageId, call: UnacceptedCall): void {
    this.#calls.set(id, { ...call, waiting: undefined });
  }

  /** The server has it, or will never have it. */
  accepted(id: MessageId): void {
    this.#over(id, true);
  }

  /** Its reply came, so that there is nothing to cancel. */
  replied(id: MessageId): void {
    this.#over(id, false);
  }

  /** Whether a cancellation of one waits. */
  get anyCancelled(): boolean {
    return this.#cancelled > 0;
  }

  /** Resolves when the cancellation may be sent, with whether it still should. `undefined`: at once. */
  whenAccepted(id: MessageId): Promise<boolean> | undefined {
    const call = this.#calls.get(id);
    if (call === undefined) return undefined;
    call.waiting ??= this.#wait(id, call);
    return call.waiting.promise;
  }

  /** There is nobody to tell any more. */
  clear(): void {
    for (const [id] of [...this.#calls.entries()]) this.#over(id, false);
  }

  #wait(id: MessageId, { giveUp }: UnacceptedCall): Waiting {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => {
      giveUp();
      this.#over(id, true);
    }, patienceMs).unref();
    this.#cancelled++;
    return {
      promise,
      over: (stillOpen) => {
        clearTimeout(timer);
        this.#cancelled--;
        resolve(stillOpen);
      },
    };
  }

  #over(id: MessageId, stillOpen: boolean): void {
    const waiting = this.#calls.get(id)?.waiting;
    this.#calls.delete(id);
    waiting?.over(stillOpen);
  }
}

interface Unaccepted extends UnacceptedCall {
  waiting: Waiting | undefined;
}

interface Waiting {
  readonly promise: Promise<boolean>;
  over(stillOpen: boolean): void;
}
