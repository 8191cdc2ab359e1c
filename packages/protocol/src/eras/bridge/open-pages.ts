import { randomUUID } from 'node:crypto';
import type { Call } from '../../call.ts';
import { RawObject } from '../../wire/raw-object.ts';
import type { AskedClient } from './asked-client.ts';
import { completed } from './url-elicitations.ts';

/**
 * Pages that one request has sent the user of an older client to. Such a client shows that it waits until it hears
 * `notifications/elicitation/complete` (spec 2025-11-25: client/elicitation). A server of that revision says so itself; for one of 2026-07-28, which
 * has no word for it, the call that goes on without asking again says so.
 */
export class OpenPages {
  readonly #client: AskedClient;
  readonly #minted = new Set<string>();
  readonly #asked = new Set<string>();
  readonly #open = new Set<string>();

  constructor(client: AskedClient) {
    this.#client = client;
  }

  mintId(): string {
    const id = randomUUID();
    this.#minted.add(id);
    return id;
  }

  /** The client is about to be asked with these params. */
  asks(params: RawObject): void {
    const id = params.string('mode') === 'url' ? params.string('elicitationId') : undefined;
    if (id !== undefined) this.#asked.add(id);
  }

  /** Its user agreed to. */
  accepted(params: RawObject): void {
    const id = params.string('elicitationId');
    if (id !== undefined && this.#minted.has(id)) this.#open.add(id);
  }

  /** The server has been called again, and knows by now what became of the pages. */
  over(): void {
    const { channel, lane } = this.#client;
    for (const elicitationId of this.#open) void channel.notify(completed, RawObject.of({ elicitationId }), lane);
    this.#open.clear();
  }

  /** The same call, whose caller hears of no page that it was not sent to. */
  watch(call: Call): Call {
    return {
      ...call,
      notify: (notification) => {
        const { method, params } = notification;
        const known = method !== completed || this.#asked.has(params.string('elicitationId') ?? '');
        return known ? call.notify(notification) : Promise.resolve();
      },
    };
  }
}
