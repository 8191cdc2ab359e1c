import { column } from './column.ts';
import { IdTable } from './id-table.ts';

/** By what a tool is known. */
export interface ToolKey {
  readonly id: string;
  readonly server: string;
  readonly name: string;
}

/** What `save` gives: texts by slot, an empty id for a free one; servers by number. */
export interface SavedNames {
  readonly ids: readonly string[];
  readonly names: readonly string[];
  readonly servers: readonly string[];
}

/** Slots for tools: small numbers by which other parts know them. Slots are reused. What is known of a tool stands in columns, which cost a third of an object each. */
export class NamedSlots {
  readonly #ids: string[] = [];
  readonly #byId = new IdTable(this.#ids);
  readonly #names: string[] = [];
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
    return this.#byId.slot(id);
  }

  /** Empty for a free slot. */
  id(slot: number): string {
    return this.#ids[slot] ?? '';
  }

  name(slot: number): string {
    return this.#names[slot] ?? '';
  }

  server(slot: number): string {
    return this.#serverNames[this.#serverOf[slot] ?? 0] ?? '';
  }

  serverNumber(name: string): number | undefined {
    return this.#servers.get(name);
  }

  /** All slots that hold a tool, ascending. */
  *taken(): Generator<number, void> {
    for (let slot = 0; slot < this.bound; slot += 1) if (this.#ids[slot] !== '') yield slot;
  }

  /** Gives the tool a slot, or leaves it the one it has. */
  place({ id, server, name }: ToolKey): number {
    const known = this.#byId.slot(id);
    if (known !== undefined) this.#leaveServer(known);
    const slot = known ?? this.#free.pop() ?? this.bound;
    this.#ids[slot] = id;
    this.#names[slot] = name;
    if (known === undefined) this.#byId.add(id, slot);
    this.#enterServer(slot, server);
    return slot;
  }

  free(slot: number): void {
    const id = this.id(slot);
    if (id === '') return;
    this.#leaveServer(slot);
    this.#byId.delete(slot);
    this.#ids[slot] = '';
    this.#names[slot] = '';
    this.#free.push(slot);
  }

  saveNames(): SavedNames {
    return { ids: this.#ids, names: this.#names, servers: this.#serverNames };
  }

  saveServers(): Uint32Array {
    return this.#serverOf.slice(0, this.bound);
  }

  /** Fills empty slots with what was saved. Throws `RangeError` where it does not fit together. */
  restoreNames({ ids, names, servers }: SavedNames, serverOf: Uint32Array): void {
    if (names.length !== ids.length || serverOf.length !== ids.length) throw new RangeError('a column is too short');
    this.#serverOf = new Uint32Array(ids.length);
    for (const [slot, id] of ids.entries()) {
      this.#ids.push(id);
      this.#names.push(names[slot] ?? '');
      if (id === '') {
        this.#free.push(slot);
        continue;
      }
      const server = servers[serverOf[slot] ?? 0];
      if (server === undefined) throw new RangeError('a tool has no server');
      this.#byId.add(id, slot);
      this.#enterServer(slot, server);
    }
  }

  #enterServer(slot: number, name: string): void {
    if (slot >= this.#serverOf.length) {
      const grown = column(Uint32Array, Math.ceil((slot + 1) * 1.25));
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
