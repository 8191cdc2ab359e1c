import type { Endpoint } from './endpoint.ts';
import type { Place } from './sse-paths.ts';

/** The endpoints of one server, which come and go while others are served. Of two that want one place, the older has it. */
export class Mounts {
  readonly #mounted = new Set<Endpoint>();
  /** Off the server, and still ending their calls. */
  readonly #leaving = new Set<Endpoint>();
  #byPath = new Map<string, Endpoint>();
  #closing = false;

  /** What ordinary requests for this path are for: an endpoint, and not a place of it for others. */
  at(path: string): Endpoint | undefined {
    return this.#byPath.get(path);
  }

  /** What a request with this target is for. */
  find(url: string | undefined): { readonly endpoint: Endpoint; readonly place: Place } | undefined {
    for (const endpoint of this.#mounted) {
      const place = endpoint.find(url);
      if (place !== undefined) return { endpoint, place };
    }
    return undefined;
  }

  /** Whether calls are refused, and those in flight end. */
  get closing(): boolean {
    return this.#closing;
  }

  /** After `close` it is added to nothing. */
  add(endpoint: Endpoint): void {
    if (this.#closing) return;
    this.#mounted.add(endpoint);
    this.#sort();
  }

  async remove(endpoint: Endpoint, options?: { readonly drainMs?: number }): Promise<void> {
    if (this.#mounted.delete(endpoint)) this.#sort();
    this.#leaving.add(endpoint);
    await endpoint.close(options);
    this.#leaving.delete(endpoint);
  }

  /** As `Listener.close`, for all of them. */
  async close(options: { readonly drainMs?: number }): Promise<void> {
    this.#closing = true;
    await Promise.all([...this.#mounted, ...this.#leaving].map((endpoint) => endpoint.close(options)));
  }

  #sort(): void {
    this.#byPath = new Map();
    for (const { path } of this.#mounted) {
      const found = this.find(path);
      if (found?.place === 'endpoint') this.#byPath.set(path, found.endpoint);
    }
  }
}
