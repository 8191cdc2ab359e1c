import type { BackoffOptions, Caller, Notification } from '@toolyard/protocol';
import { createCall, RawObject } from '@toolyard/protocol';
import type { Upstream } from '../catalogue/upstream.ts';
import type { ListeningEnd } from './keep-listening.ts';
import { keepListening } from './keep-listening.ts';
import { tasksExtension } from '../tasks/extension.ts';
import type { Member } from './member.ts';
import { covers, intersection } from './sets.ts';
import type { Topic } from './topics.ts';
import { filterOf, isTask, topicsIn } from './topics.ts';

export interface FeedStreamOptions {
  readonly upstream: Pick<Upstream, 'service' | 'whenUp'>;
  /** In whose name it is opened; its capabilities are written anew. */
  readonly caller: Caller;
  readonly topics: ReadonlySet<Topic>;
  /** For whom it is opened. */
  readonly asked: Set<Member>;
  /** Those of them who wait for it. */
  readonly joining: Set<Member>;
  readonly delays: BackoffOptions;
  readonly random: () => number;
  readonly now: () => number;
  /** After which it counts as not acknowledged. */
  readonly overdueMs: number;
  /** Acknowledged; `again` when it was before, and something may have been missed since. */
  onAck(stream: FeedStream, again: boolean): void;
  onEvent(stream: FeedStream, notification: Notification): void;
  onOverdue(stream: FeedStream): void;
  /** It ended for good, and not because it was ended here. */
  onRefused(stream: FeedStream, how: Exclude<ListeningEnd, 'ended'>): void;
}

/** One subscription with a server. What it is about is fixed when it is opened; it is kept open across its server's absences. */
export class FeedStream {
  readonly topics: ReadonlySet<Topic>;
  readonly asked: Set<Member>;
  readonly joining: Set<Member>;
  readonly caller: Caller;
  readonly signal: AbortSignal;
  readonly #ending = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #honoured: ReadonlySet<Topic> = new Set();
  #live = false;
  #overdue = false;

  constructor(options: FeedStreamOptions) {
    const { topics, caller } = options;
    this.topics = topics;
    this.asked = options.asked;
    this.joining = options.joining;
    const extensions = [...topics].some(isTask) ? { extensions: { [tasksExtension]: {} } } : {};
    this.caller = { ...caller, capabilities: RawObject.of(extensions) };
    this.signal = this.#ending.signal;
    this.#timer = setTimeout(() => {
      this.#overdue = true;
      options.onOverdue(this);
    }, options.overdueMs);
    void this.#run(options);
  }

  /** What of the topics the server agreed to, the last time. */
  get honoured(): ReadonlySet<Topic> {
    return this.#honoured;
  }

  /** Whether the server is telling, as far as is known. */
  get live(): boolean {
    return this.#live;
  }

  get overdue(): boolean {
    return this.#overdue;
  }

  covers(topics: ReadonlySet<Topic>): boolean {
    return covers(this.topics, topics);
  }

  /** Safe to call twice. */
  end(): void {
    clearTimeout(this.#timer);
    this.#live = false;
    this.#ending.abort(new Error('the subscription was replaced or is no longer wanted'));
  }

  async #run(options: FeedStreamOptions): Promise<void> {
    const how = await keepListening({
      ...options,
      call: createCall('subscriptions/listen', {
        params: { notifications: filterOf(this.topics) },
        caller: this.caller,
        signal: this.signal,
      }),
      onAck: (honoured, again) => {
        clearTimeout(this.#timer);
        this.#overdue = false;
        this.#honoured = intersection(this.topics, topicsIn(honoured));
        this.#live = true;
        options.onAck(this, again);
      },
      onEvent: (notification) => options.onEvent(this, notification),
      onGap: () => {
        this.#live = false;
      },
    });
    if (this.signal.aborted || how === 'ended') return;
    this.end();
    options.onRefused(this, how);
  }
}
