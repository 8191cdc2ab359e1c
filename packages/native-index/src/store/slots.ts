import type { ToolSummary } from '../tool-index.ts';
import { Fingerprints } from './fingerprints.ts';

/** What is kept of a tool beside its terms and its vector. */
export interface Entry extends ToolSummary {
  /** Fingerprint of the whole content. */
  readonly hash: string;
  /** Fingerprint of what an embedder reads of it. */
  readonly textKey: string;
}

/** What few tools have. */
type Labels = Pick<ToolSummary, 'category' | 'tags'>;

/** What `save` gives: texts by slot, an empty id for a free one. */
export interface SavedSlots {
  readonly ids: readonly string[];
  readonly names: readonly string[];
  /** By number. */
  readonly servers: readonly string[];
  readonly labels: readonly (readonly [slot: number, category: string | null, tags: readonly string[]])[];
  readonly serverOf: Uint32Array;
  readonly hashes: Uint8Array;
  readonly textKeys: Uint8Array;
}

/** Which tool has which slot: small numbers by which all parts of the index know it. Slots are reused. What is known of a tool stands in columns, which costs a third of an object each. */
export class Slots {
  readonly #byId = new Map<string, number>();
  readonly #ids: string[] = [];
  readonly #names: string[] = [];
  readonly #labels = new Map<number, Labels>();
  #hashes = new Fingerprints();
  #textKeys = new Fingerprints();
  readonly #free: number[] = [];
  readonly #servers = new Map<string, number>();
  readonly #serverNames: string[] = [];
  /** Tools of each server, by its number. */
  readonly #offered: number[] = [];
  readonly #freeServers: number[] = [];
  #serverOf: Uint32Array = new Uint32Array(64);

  get size(): number {
    return this.#byId.size;
  }

  /** Slots are below this. */
  get bound(): number {
    return this.#ids.length;
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

  /** Empty for a free slot. */
  id(slot: number): string {
    return this.#ids[slot] ?? '';
  }

  server(slot: number): string {
    return this.#serverNames[this.#serverOf[slot] ?? 0] ?? '';
  }

  /** Made anew at each call. */
  entry(slot: number): ToolSummary | undefined {
    const id = this.id(slot);
    if (id === '') return undefined;
    const { category, tags } = this.#labels.get(slot) ?? noLabels;
    return { id, server: this.server(slot), name: this.#names[slot] ?? '', category, tags };
  }

  /** Whether the tool's whole content has this fingerprint. */
  hasHash(slot: number, hash: string): boolean {
    return this.#hashes.is(slot, hash);
  }

  hasTextKey(slot: number, textKey: string): boolean {
    return this.#textKeys.is(slot, textKey);
  }

  /** All slots that hold a tool. */
  taken(): Iterable<number> {
    return this.#byId.values();
  }

  *entries(): Iterable<ToolSummary> {
    for (let slot = 0; slot < this.bound; slot += 1) {
      const entry = this.entry(slot);
      if (entry !== undefined) yield entry;
    }
  }

  /** Gives the tool a slot, or puts the entry in the one it has. */
  put(entry: Entry): number {
    const known = this.#byId.get(entry.id);
    if (known !== undefined) this.#leaveServer(known);
    const slot = known ?? this.#free.pop() ?? this.bound;
    this.#enterServer(slot, entry.server);
    this.#byId.set(entry.id, slot);
    this.#ids[slot] = entry.id;
    this.#names[slot] = entry.name;
    if (entry.category === undefined && entry.tags.length === 0) this.#labels.delete(slot);
    else this.#labels.set(slot, { category: entry.category, tags: entry.tags });
    this.#hashes.set(slot, entry.hash);
    this.#textKeys.set(slot, entry.textKey);
    return slot;
  }

  delete(slot: number): void {
    const id = this.id(slot);
    if (id === '') return;
    this.#leaveServer(slot);
    this.#byId.delete(id);
    this.#ids[slot] = '';
    this.#names[slot] = '';
    this.#labels.delete(slot);
    this.#free.push(slot);
  }

  save(): SavedSlots {
    const { bound } = this;
    return {
      ids: this.#ids,
      names: this.#names,
      servers: this.#serverNames,
      labels: [...this.#labels].map(([slot, { category, tags }]) => [slot, category ?? null, tags] as const),
      serverOf: this.#serverOf.slice(0, bound),
      hashes: this.#hashes.save(bound),
      textKeys: this.#textKeys.save(bound),
    };
  }

  /** Throws `RangeError` where the parts do not fit together. */
  static restore({ ids, names, servers, labels, serverOf, hashes, textKeys }: SavedSlots): Slots {
    const lengths = [names.length, serverOf.length, Fingerprints.slotsIn(hashes), Fingerprints.slotsIn(textKeys)];
    if (lengths.some((length) => length !== ids.length)) throw new RangeError('a column is too short');
    const slots = new Slots();
    slots.#hashes = new Fingerprints(hashes);
    slots.#textKeys = new Fingerprints(textKeys);
    ids.forEach((id, slot) => {
      slots.#ids.push(id);
      slots.#names.push(names[slot] ?? '');
      if (id === '') {
        slots.#free.push(slot);
        return;
      }
      const server = servers[serverOf[slot] ?? 0];
      if (server === undefined) throw new RangeError('a tool has no server');
      slots.#byId.set(id, slot);
      slots.#enterServer(slot, server);
    });
    for (const [slot, category, tags] of labels)
      slots.#labels.set(slot, { category: category ?? undefined, tags });
    return slots;
  }

  #enterServer(slot: number, name: string): void {
    if (slot >= this.#serverOf.length) {
      const grown = new Uint32Array(Math.ceil((slot + 1) * 1.25));
      grown.set(this.#serverOf);
      this.#serverOf = grown;
    }
    let server = this.#servers.get(name);
    if (server === undefined) {
      server = this.#freeServers.pop() ?? this.#offered.length;
      this.#servers.set(name, server);
      this.#serverNames[server] = name;
    }
    this.#offered[server] = (this.#offered[server] ?? 0) + 1;
    this.#serverOf[slot] = server;
  }

  #leaveServer(slot: number): void {
    const server = this.#serverOf[slot] ?? 0;
    const left = (this.#offered[server] ?? 0) - 1;
    this.#offered[server] = left;
    if (left > 0) return;
    this.#servers.delete(this.#serverNames[server] ?? '');
    this.#serverNames[server] = '';
    this.#freeServers.push(server);
  }
}

const noLabels: Labels = { category: undefined, tags: [] };
