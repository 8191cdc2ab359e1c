import type { BackoffOptions, Caller, Notification, Service } from '@toolyard/protocol';
import { createCall } from '@toolyard/protocol';
import type { Upstream } from '../catalogue/upstream.ts';
import type { ListeningEnd } from './keep-listening.ts';
import { Audience } from './audience.ts';
import { FeedStream } from './feed-stream.ts';
import type { Deliver } from './member.ts';
import { Member } from './member.ts';
import type { Pace } from './pace.ts';
import type { Topic } from './topics.ts';
import { isTask, subjectOf, taskMethod, updateOf } from './topics.ts';

export interface FeedOptions {
  readonly upstream: Pick<Upstream, 'up' | 'service' | 'whenUp'>;
  /** In whose name the server is asked. */
  readonly caller: Caller;
  readonly pace: Pace;
  readonly delays: BackoffOptions;
  readonly random: () => number;
  readonly now: () => number;
}

/**
 * What one server tells to all who may hear the same: one subscription with it, about the union of what they want, from the first who joins
 * to the last who leaves.
 *
 * A filter cannot be changed, so a change opens a subscription that takes the place of the one before as soon as it is acknowledged; changes that come
 * meanwhile, or within `gapMs`, make one. After a break everything is told as updated, and tasks are asked how they stand: nobody knows what was missed.
 *
 *     waiting ──opened with──▶ joining ──acknowledged──▶ in ──stream refused──▶ waiting
 *                                 └──refused alone──▶ out
 */
export class Feed {
  readonly #options: FeedOptions;
  readonly #audience = new Audience();
  readonly #members = new Set<Member>();
  /** Those the current stream is for. */
  readonly #in = new Set<Member>();
  /** Those who have no stream yet, or wait for the next one. */
  readonly #waiting = new Set<Member>();
  #current: FeedStream | undefined;
  #next: FeedStream | undefined;
  /** The one before the current, which may still have something to say that was on its way. */
  #previous: FeedStream | undefined;
  /** Something may have been missed since the last acknowledgement. */
  #missed = false;
  /** The current stream is about more than anybody wants. */
  #tooWide = false;
  /** How many who wait are asked for at once: halved when they are refused together, until who spoils it for the others is alone. */
  #batch = Number.POSITIVE_INFINITY;
  /** The connection that knows no subscriptions. */
  #unsupported: Service | undefined;
  /** Nothing is opened before it is over. */
  #gap: NodeJS.Timeout | undefined;
  #linger: NodeJS.Timeout | undefined;

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  get empty(): boolean {
    return this.#members.size === 0;
  }

  /** The member's `honoured` resolves with what the server agreed to; where it is away with everything, as it is asked when it is back. */
  join(topics: ReadonlySet<Topic>, deliver: Deliver): Member {
    const { upstream } = this.#options;
    const member = new Member(topics, deliver);
    this.#members.add(member);
    if (!upstream.up) {
      member.owed = true;
      member.settle(topics);
    }
    this.#audience.add(member);
    if (upstream.service === this.#unsupported) this.#refuse(member);
    else this.#place(member);
    return member;
  }

  leave(member: Member): void {
    if (!this.#members.delete(member)) return;
    this.#forget(member);
    if (this.empty) this.#end();
  }

  /** Gives a new member its place: in the stream there is, in the one that is being opened, or in line for another. */
  #place(member: Member): void {
    const current = this.#current?.covers(member.topics) === true;
    const next = this.#next?.covers(member.topics) === true;
    if (current && (next || this.#next === undefined)) {
      this.#in.add(member);
      if (this.#current?.live === true) member.settle(this.#current.honoured);
      return;
    }
    this.#waiting.add(member);
    if (next) {
      this.#next?.joining.add(member);
      this.#next?.asked.add(member);
    } else this.#consider();
  }

  #forget(member: Member): void {
    this.#in.delete(member);
    this.#waiting.delete(member);
    for (const stream of [this.#current, this.#next]) {
      stream?.joining.delete(member);
      stream?.asked.delete(member);
    }
    if (this.#audience.delete(member) === 0) return;
    // Whoever comes back soon, or another who wants the same, changes nothing.
    this.#linger ??= setTimeout(() => {
      this.#linger = undefined;
      this.#tooWide =
        this.#current !== undefined && [...this.#current.topics].some((topic) => !this.#audience.wants(topic));
      this.#consider();
    }, this.#options.pace.lingerMs);
  }

  #refuse(member: Member): void {
    member.settle(new Set());
    this.#forget(member);
  }

  /** Opens another stream if there is reason to. */
  #consider(): void {
    const next = this.#next;
    if (this.#gap !== undefined) return;
    // One that was asked for is waited for, so that what comes meanwhile makes one change.
    if (next !== undefined && this.#options.upstream.up && !next.overdue) return;
    if (this.#waiting.size > (next?.joining.size ?? 0) || this.#tooWide) this.#open();
  }

  #open(): void {
    this.#tooWide = false;
    this.#next?.end();
    if (this.#current !== undefined && !this.#current.live) this.#drop(this.#current);
    const joining = new Set([...this.#waiting].slice(0, this.#batch));
    const asked = new Set([...this.#in, ...joining]);
    const topics =
      joining.size === this.#waiting.size
        ? new Set(this.#audience.topics)
        : new Set([...asked].flatMap((member) => [...member.topics]));
    this.#pauseOpening();
    // Those who are left are out: the server would not have them.
    if (topics.size === 0) return this.#endStreams();
    this.#next = new FeedStream({
      ...this.#options,
      topics,
      asked,
      joining,
      overdueMs: this.#options.pace.ackTimeoutMs,
      onAck: (stream, again) => this.#acknowledged(stream, again),
      onEvent: (stream, notification) => this.#heard(stream, notification),
      onOverdue: () => this.#consider(),
      onRefused: (stream, how) => this.#refused(stream, how),
    });
  }

  /** The current stream is of no use any more. */
  #drop(stream: FeedStream): void {
    stream.end();
    this.#current = undefined;
    this.#missed = true;
  }

  #acknowledged(stream: FeedStream, again: boolean): void {
    if (stream !== this.#current && stream !== this.#next) return stream.end();
    let missed = again;
    if (stream === this.#next) {
      if (this.#current !== undefined && !this.#current.live) this.#drop(this.#current);
      missed = this.#missed;
      this.#succeed(stream);
    }
    this.#missed = false;
    this.#catchUp(stream, missed);
  }

  #succeed(stream: FeedStream): void {
    this.#previous?.end();
    this.#previous = this.#current;
    this.#current = stream;
    this.#next = undefined;
    this.#batch *= 2;
    for (const member of stream.joining) {
      this.#waiting.delete(member);
      this.#in.add(member);
    }
    stream.joining.clear();
    this.#pauseOpening();
  }

  /** Says what was agreed to, and makes up for what was missed. */
  #catchUp(stream: FeedStream, missed: boolean): void {
    const tasks = new Set<Topic>();
    for (const member of this.#in) {
      member.settle(stream.honoured);
      if (!missed && !member.owed) continue;
      member.owed = false;
      for (const topic of member.topics) {
        if (!stream.honoured.has(topic)) continue;
        if (isTask(topic)) tasks.add(topic);
        else member.deliver(topic, updateOf(subjectOf(topic)));
      }
    }
    if (tasks.size > 0) void this.#askAbout(tasks, stream);
  }

  /** A notice of a task is what `tasks/get` would have said at that moment (SEP-2663), so asking makes up for one that was missed. */
  async #askAbout(tasks: ReadonlySet<Topic>, stream: FeedStream): Promise<void> {
    const { upstream } = this.#options;
    const { caller, signal } = stream;
    for (const topic of tasks) {
      if (signal.aborted) return;
      try {
        const params = { taskId: subjectOf(topic) };
        const { result } = await upstream.service(createCall('tasks/get', { params, caller, signal }));
        this.#heard(stream, { method: taskMethod, params: result.without('resultType') });
      } catch {
        // The task is gone, or the server: callers who ask are told so themselves.
      }
    }
  }

  #heard(stream: FeedStream, notification: Notification): void {
    if (stream !== this.#current && stream !== this.#previous) return;
    this.#audience.tell(notification, this.#in, stream.topics);
  }

  #refused(stream: FeedStream, how: Exclude<ListeningEnd, 'ended'>): void {
    if (stream === this.#next) this.#next = undefined;
    else if (stream === this.#current) this.#drop(stream);
    else return;
    if (how === 'unsupported') {
      this.#unsupported = this.#options.upstream.service;
      for (const member of [...this.#members]) this.#refuse(member);
      return this.#endStreams();
    }
    const blamed = this.#current === undefined ? stream.asked : stream.joining;
    if (this.#current === undefined) {
      for (const member of this.#in) this.#waiting.add(member);
      this.#in.clear();
    }
    if (blamed.size > 1) this.#batch = Math.floor(blamed.size / 2);
    else for (const member of [...blamed]) this.#refuse(member);
    this.#pauseOpening();
  }

  #pauseOpening(): void {
    clearTimeout(this.#gap);
    this.#gap = setTimeout(() => {
      this.#gap = undefined;
      this.#previous?.end();
      this.#previous = undefined;
      this.#consider();
    }, this.#options.pace.gapMs);
  }

  #end(): void {
    clearTimeout(this.#gap);
    clearTimeout(this.#linger);
    this.#endStreams();
  }

  #endStreams(): void {
    for (const stream of [this.#current, this.#next, this.#previous]) stream?.end();
    this.#current = this.#next = this.#previous = undefined;
  }
}
