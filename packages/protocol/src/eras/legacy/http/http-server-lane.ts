import { eventFrame } from '../../http/event-frame.ts';
import type { Accepted } from '../../http/http-accept.ts';
import type { HttpOutgoing, HttpOutgoingListener } from '../../http/http-incoming.ts';
import { jsonHeaders } from '../../http/http-refusal.ts';

const done: Promise<void> = Promise.resolve();

/** The response to one POST of a session. */
export class HttpServerLane implements HttpOutgoingListener {
  readonly #outgoing: HttpOutgoing;
  readonly #accepted: Accepted;
  readonly #headers: readonly string[];
  readonly #left: () => void;
  #streams = false;

  constructor(outgoing: HttpOutgoing, accepted: Accepted, headers: readonly string[], left: () => void) {
    this.#outgoing = outgoing;
    this.#accepted = accepted;
    this.#headers = headers;
    this.#left = left;
    outgoing.attach(this);
  }

  get opensSession(): boolean {
    return this.#headers.length > 0;
  }

  get pendingBytes(): number {
    return this.#outgoing.pendingBytes;
  }

  gone(): void {
    this.#left();
  }

  silent(): void {
    if (this.#accepted.events) this.#open();
  }

  say(message: Uint8Array): Promise<void> {
    if (!this.#accepted.events) return done;
    this.#open();
    return this.#outgoing.write(eventFrame(message)) ? done : this.#outgoing.drained();
  }

  reply(message: Uint8Array, good: boolean): void {
    if (this.#streams || !this.#accepted.json) {
      this.#open();
      this.#outgoing.write(eventFrame(message));
      this.#outgoing.end();
    } else {
      this.#outgoing.respond(200, good ? [...jsonHeaders, ...this.#headers] : jsonHeaders, message);
    }
  }

  finish(): void {
    if (this.#accepted.events) {
      this.#open();
      this.#outgoing.end();
    } else {
      this.#outgoing.respond(202, []);
    }
  }

  destroy(): void {
    this.#outgoing.destroy();
  }

  #open(): void {
    if (this.#streams) return;
    this.#streams = true;
    this.#outgoing.open(this.#headers);
  }
}
