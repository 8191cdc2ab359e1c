import type { ToolSummary } from '../tool-index.ts';

/** What is kept of a tool beside its terms and its vector. */
export interface Entry extends ToolSummary {
  /** Of the whole content. */
  readonly hash: string;
  /** Of what an embedder reads of it. */
  readonly textKey: string;
}

/** Which tool has which slot: small numbers by which all parts of the index know it. Slots are reused. */
export class Slots {
  readonly #byId = new Map<string, number>();
  readonly #entries: (Entry | undefined)[] = [];
  readonly #free: number[] = [];
  readonly #servers = new Map<string, number>();
  /** Tools of each server, by its number. */
  readonly #offered: number[] = [];
  readonly #freeServers: number[] = [];
  #serverOf: Uint32Array = new Uint32Array(64);

  get size(): number {
    return this.#byId.size;
  }

  /** Slots are below this. */
  get bound(): number {
    return this.#entries.length;
  }

  /** Numbers of servers are below this. */
  get serverBound(): number {
    return this.#offered.length;
  }

  /** The server's number, by slot. Ask anew after each change. */
  get serverOf(): Uint32Array {
    return this.#serverOf;
  }

  slot(id: string): number | undefined {
    return this.#byId.get(id);
  }

  entry(slot: number): Entry | undefined {
    return this.#entries[slot];
  }

  /** All slots that hold a tool. */
  taken(): Iterable<number> {
    return this.#byId.values();
  }

  *entries(): Iterable<Entry> {
    for (const entry of this.#entries) if (entry !== undefined) yield entry;
  }

  /** Gives the tool a slot, or puts the entry in the one it has. */
  put(entry: Entry): number {
    const known = this.#byId.get(entry.id);
    if (known !== undefined) this.#leaveServer(known);
    const slot = known ?? this.#free.pop() ?? this.#entries.length;
    this.#place(slot, entry);
    return slot;
  }

  delete(slot: number): void {
    const entry = this.#entries[slot];
    if (entry === undefined) return;
    this.#leaveServer(slot);
    this.#byId.delete(entry.id);
    this.#entries[slot] = undefined;
    this.#free.push(slot);
  }

  /** By slot; `null` for a free one. */
  save(): readonly (Entry | null)[] {
    return this.#entries.map((entry) => entry ?? null);
  }

  static restore(entries: readonly (Entry | null)[]): Slots {
    const slots = new Slots();
    entries.forEach((entry, slot) => {
      if (entry !== null) return slots.#place(slot, entry);
      slots.#entries[slot] = undefined;
      slots.#free.push(slot);
    });
    return slots;
  }

  #place(slot: number, entry: Entry): void {
    if (slot >= this.#serverOf.length) {
      const grown = new Uint32Array(Math.ceil(slot * 1.5));
      grown.set(this.#serverOf);
      this.#serverOf = grown;
    }
    const server = this.#servers.get(entry.server) ?? this.#freeServers.pop() ?? this.#offered.length;
    this.#servers.set(entry.server, server);
    this.#offered[server] = (this.#offered[server] ?? 0) + 1;
    this.#byId.set(entry.id, slot);
    this.#entries[slot] = entry;
    this.#serverOf[slot] = server;
  }

  #leaveServer(slot: number): void {
    const server = this.#serverOf[slot] ?? 0;
    const left = (this.#offered[server] ?? 0) - 1;
    this.#offered[server] = left;
    if (left > 0) return;
    this.#servers.delete(this.#entries[slot]?.server ?? '');
    this.#freeServers.push(server);
  }
}
