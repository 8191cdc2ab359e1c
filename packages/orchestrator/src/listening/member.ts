import type { Notification } from '@toolyard/protocol';
import { intersection } from './sets.ts';
import type { Topic } from './topics.ts';

/** Tells a subscriber something that `topic` covers; `topic` is `undefined` where it is not known which of its topics that is. */
export type Deliver = (topic: Topic | undefined, notification: Notification) => void;

/** One who takes part in a feed. */
export class Member {
  readonly topics: ReadonlySet<Topic>;
  readonly deliver: Deliver;
  readonly #honoured = Promise.withResolvers<ReadonlySet<Topic>>();
  #settled = false;
  /** It was acknowledged while the server was away, so what happened until it listens was missed. */
  owed = false;

  constructor(topics: ReadonlySet<Topic>, deliver: Deliver) {
    this.topics = topics;
    this.deliver = deliver;
  }

  /** What it was promised. */
  get honoured(): Promise<ReadonlySet<Topic>> {
    return this.#honoured.promise;
  }

  settle(honoured: ReadonlySet<Topic>): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#honoured.resolve(intersection(this.topics, honoured));
  }
}
