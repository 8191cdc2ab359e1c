import type { Notification } from '@toolyard/protocol';
import type { Member } from './member.ts';
import { TaskStates } from './task-states.ts';
import type { Topic } from './topics.ts';
import { isTask, subjectOf, taskMethod, topicsOf } from './topics.ts';

/** Who takes part in a feed, by what they want to hear. */
export class Audience {
  readonly #byTopic = new Map<Topic, Set<Member>>();
  readonly #states = new TaskStates();

  get topics(): Iterable<Topic> {
    return this.#byTopic.keys();
  }

  wants(topic: Topic): boolean {
    return this.#byTopic.has(topic);
  }

  add(member: Member): void {
    for (const topic of member.topics) {
      const others = this.#byTopic.get(topic);
      if (others === undefined) this.#byTopic.set(topic, new Set([member]));
      else others.add(member);
    }
  }

  /** Returns how many topics nobody wants any more. */
  delete(member: Member): number {
    let gone = 0;
    for (const topic of member.topics) {
      const others = this.#byTopic.get(topic);
      if (others?.delete(member) !== true || others.size > 0) continue;
      this.#byTopic.delete(topic);
      if (isTask(topic)) this.#states.forget(subjectOf(topic));
      gone++;
    }
    return gone;
  }

  /**
   * Tells those of `members` who want it, each once. What no topic seems to cover is told where there is but one who could have asked for it:
   * servers may see a part of a resource where the URI does not show it.
   */
  tell(notification: Notification, members: ReadonlySet<Member>, known: ReadonlySet<Topic>): void {
    if (notification.method === taskMethod && !this.#states.isNews(notification.params)) return;
    const topics = topicsOf(notification);
    const told = new Set<Member>();
    for (const topic of topics) {
      for (const member of this.#byTopic.get(topic) ?? []) {
        if (!members.has(member) || told.has(member)) continue;
        told.add(member);
        member.deliver(topic, notification);
      }
    }
    const [sole] = members;
    if (members.size !== 1 || sole === undefined || told.size > 0) return;
    const strange =
      notification.method !== taskMethod && topics.length > 0 && !topics.some((topic) => known.has(topic));
    if (strange) sole.deliver(undefined, notification);
  }
}
