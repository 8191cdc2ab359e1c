import type { Place } from '../keys/place.ts';

/** Which slots are whose, so that a drop need not look at all of them. Holds what it was told and not untold. */
export class SlotIndex {
  readonly #topics = new Map<string, Set<string>>();
  readonly #slots = new Map<string, Set<string>>();

  add(slot: string, { server, topic }: Place): void {
    const topics = this.#topics.get(server);
    if (topics === undefined) this.#topics.set(server, new Set([topic]));
    else topics.add(topic);
    const slots = this.#slots.get(topic);
    if (slots === undefined) this.#slots.set(topic, new Set([slot]));
    else slots.add(slot);
  }

  remove(slot: string, { server, topic }: Place): void {
    const slots = this.#slots.get(topic);
    slots?.delete(slot);
    if (slots === undefined || slots.size > 0) return;
    this.#slots.delete(topic);
    const topics = this.#topics.get(server);
    topics?.delete(topic);
    if (topics?.size === 0) this.#topics.delete(server);
  }

  ofTopic(topic: string): readonly string[] {
    return [...(this.#slots.get(topic) ?? [])];
  }

  ofServer(server: string): readonly string[] {
    return [...(this.#topics.get(server) ?? [])].flatMap((topic) => this.ofTopic(topic));
  }
}
