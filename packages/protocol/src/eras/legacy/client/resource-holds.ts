import { RawObject } from '../../../wire/raw-object.ts';
import type { Channel } from '../../channel/channel.ts';

interface Hold {
  count: number;
  /** The last request about this resource; the next one waits for it, since a channel with lanes may swap them. Tells whether it is subscribed to. */
  last: Promise<boolean>;
}

/** Resources that one session may be subscribed to; one more is not agreed to. */
const maxHolds = 10_000;

/** Resources one session is subscribed to, each once however many want it. */
export class ResourceHolds {
  readonly #channel: Channel;
  readonly #timeoutMs: number;
  readonly #holds = new Map<string, Hold>();

  constructor(channel: Channel, timeoutMs: number) {
    this.#channel = channel;
    this.#timeoutMs = timeoutMs;
  }

  get size(): number {
    return this.#holds.size;
  }

  /** Resolves with whether the server agreed; if so, `release` must follow. */
  async hold(uri: string): Promise<boolean> {
    if (this.#holds.size >= maxHolds && !this.#holds.has(uri)) return false;
    const hold = this.#holds.get(uri) ?? { count: 0, last: Promise.resolve(false) };
    this.#holds.set(uri, hold);
    if (++hold.count === 1)
      hold.last = hold.last.then((subscribed) => subscribed || this.#request('resources/subscribe', uri));
    const subscribed = await hold.last;
    if (!subscribed) this.release(uri);
    return subscribed;
  }

  release(uri: string): void {
    const hold = this.#holds.get(uri);
    if (hold === undefined || --hold.count > 0) return;
    hold.last = hold.last.then(async (subscribed) => {
      if (hold.count > 0) return subscribed;
      if (subscribed) await this.#request('resources/unsubscribe', uri);
      if (hold.count === 0) this.#holds.delete(uri);
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
