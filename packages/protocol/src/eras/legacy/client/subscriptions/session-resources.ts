import { RawObject } from '../../../../wire/raw-object.ts';
import type { Channel } from '../../../channel/channel.ts';
import { maxHolds, type ResourceSubscriber } from './resource-holds.ts';

interface Resource {
  wanted: boolean;
  /** The last request about this resource; the next one waits for it, since a channel with lanes may swap them. Tells whether it is subscribed to. */
  last: Promise<boolean>;
}

/** What one session is subscribed to. */
export class SessionResources implements ResourceSubscriber {
  readonly #channel: Channel;
  readonly #timeoutMs: number;
  readonly #resources = new Map<string, Resource>();

  constructor(channel: Channel, timeoutMs: number) {
    this.#channel = channel;
    this.#timeoutMs = timeoutMs;
  }

  subscribe(uri: string): Promise<boolean> {
    if (this.#resources.size >= maxHolds && !this.#resources.has(uri)) return Promise.resolve(false);
    const resource = this.#resources.get(uri) ?? { wanted: true, last: Promise.resolve(false) };
    this.#resources.set(uri, resource);
    resource.wanted = true;
    resource.last = resource.last.then((subscribed) => {
      return subscribed || !resource.wanted ? subscribed : this.#request('resources/subscribe', uri);
    });
    return resource.last;
  }

  unsubscribe(uri: string): void {
    const resource = this.#resources.get(uri);
    if (resource === undefined) return;
    resource.wanted = false;
    resource.last = resource.last.then(async (subscribed) => {
      if (resource.wanted) return subscribed;
      if (subscribed) await this.#request('resources/unsubscribe', uri);
      if (!resource.wanted) this.#resources.delete(uri);
      return false;
    });
  }

  /** Whether the server agreed. Why it did not is told to nobody: an acknowledgement only names what is honoured. */
  async #request(method: string, uri: string): Promise<boolean> {
    try {
      await this.#channel.ask(method, () => RawObject.of({ uri }), { silenceMs: this.#timeoutMs }).result;
      return true;
    } catch {
      return false;
    }
  }
}
