/** One of the sessions that have to be subscribed to the same. */
export interface ResourceSubscriber {
  /** Resolves with whether the server agreed. */
  subscribe(uri: string): Promise<boolean>;
  unsubscribe(uri: string): void;
}

interface Hold {
  count: number;
  readonly agreed: Promise<boolean>;
}

/** Resources that are subscribed to at once; one more is not agreed to. */
export const maxHolds = 10_000;
/** Requests at once by which a new session is subscribed to what the others are. */
const maxAtOnce = 16;
/** How long is waited for other sessions once one has agreed: the server of one may be busy with a call. */
const maxLagMs = 1_000;

/**
 * Resources that the sessions of one owner with one server are subscribed to, each once however many want it. Many a server tells of a change only in the
 * session whose call made it, so every session is subscribed to every one of them, those too that open later.
 */
export class ResourceHolds {
  readonly #sessions = new Set<ResourceSubscriber>();
  readonly #holds = new Map<string, Hold>();

  /** Resolves with whether the server agreed in one of the sessions; if so, `release` must follow. */
  async hold(uri: string): Promise<boolean> {
    if (this.#holds.size >= maxHolds && !this.#holds.has(uri)) return false;
    const hold = this.#holds.get(uri) ?? { count: 0, agreed: this.#subscribe(uri) };
    this.#holds.set(uri, hold);
    hold.count++;
    const agreed = await hold.agreed;
    if (!agreed) this.release(uri);
    return agreed;
  }

  release(uri: string): void {
    const hold = this.#holds.get(uri);
    if (hold === undefined || --hold.count > 0) return;
    this.#holds.delete(uri);
    for (const session of this.#sessions) session.unsubscribe(uri);
  }

  /** Takes a session in. Resolves when its server has answered for all that was held before, and never rejects; `undefined` where nothing was. */
  join(session: ResourceSubscriber): Promise<unknown> | undefined {
    this.#sessions.add(session);
    if (this.#holds.size === 0) return undefined;
    // Shared by all that take from it, and what is released meanwhile is not in it any more.
    const held = this.#holds.keys();
    const subscribeRest = async (): Promise<void> => {
      for (const uri of held) {
        if (!this.#sessions.has(session)) return;
        await session.subscribe(uri);
      }
    };
    return Promise.all(Array.from({ length: Math.min(maxAtOnce, this.#holds.size) }, subscribeRest));
  }

  /** A session that is over. */
  leave(session: ResourceSubscriber): void {
    this.#sessions.delete(session);
  }

  async #subscribe(uri: string): Promise<boolean> {
    const answers = [...this.#sessions].map((session) => session.subscribe(uri));
    const late = Promise.withResolvers<boolean>();
    let timer: NodeJS.Timeout | undefined;
    for (const answer of answers)
      void answer.then((agreed) => {
        if (agreed) timer ??= setTimeout(() => late.resolve(true), maxLagMs);
      });
    const all = Promise.all(answers).then((agreed) => agreed.includes(true));
    try {
      return await Promise.race([all, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }
}
