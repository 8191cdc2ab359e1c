import { PairLists } from '../lexical/pair-lists.ts';
import { Vocabulary } from '../lexical/vocabulary.ts';
import type { ToolTraits } from './tool-traits.ts';

/** What is kept of a tool beside its traits. */
export interface GraphNode {
  readonly id: string;
  readonly server: string;
  readonly name: string;
}

/** Nodes by slot, what each needs, and who offers what: in all the catalogue, and in each server. */
export class TraitIndex {
  readonly #nodes: (GraphNode | undefined)[] = [];
  readonly #free: number[] = [];
  readonly #slots = new Map<string, number>();
  readonly #servers = new Map<string, { readonly number: number; tools: number }>();
  readonly #freeServers: number[] = [];
  /** How many traits of tools each phrase stands in. */
  readonly #uses: number[] = [];
  /** By slot: `[phrase, bits, …]`. */
  readonly needs: PairLists = new PairLists();
  /** By slot: `[phrase, bits, …]`. */
  readonly offers: PairLists = new PairLists();
  /** By phrase: `[slot, bits, …]`. */
  readonly offerers: PairLists = new PairLists();
  /** The same of one server, by what `#scoped` says. */
  readonly #scopedOfferers = new PairLists();
  readonly #scoped = new Map<number, number>();
  readonly #freeScopes: number[] = [];
  readonly phrases: Vocabulary = new Vocabulary();

  get size(): number {
    return this.#slots.size;
  }

  slot(id: string): number | undefined {
    return this.#slots.get(id);
  }

  node(slot: number): GraphNode | undefined {
    return this.#nodes[slot];
  }

  slots(): Iterable<number> {
    return this.#slots.values();
  }

  put(node: GraphNode, traits: ToolTraits): void {
    this.delete(node.id);
    const slot = this.#free.pop() ?? this.#nodes.length;
    this.#nodes[slot] = node;
    this.#slots.set(node.id, slot);
    const server = this.#enter(node.server);
    for (const [phrase, bits] of traits.needs) this.needs.push(slot, this.#use(phrase), bits);
    for (const [text, bits] of traits.offers) {
      const phrase = this.#use(text);
      this.offers.push(slot, phrase, bits);
      this.offerers.push(phrase, slot, bits);
      this.#scopedOfferers.push(this.#scopeFor(server, phrase), slot, bits);
    }
  }

  delete(id: string): boolean {
    const slot = this.#slots.get(id);
    const node = slot === undefined ? undefined : this.#nodes[slot];
    if (slot === undefined || node === undefined) return false;
    const server = this.#servers.get(node.server)?.number ?? 0;
    for (const [phrase] of pairsOf(this.offers, slot)) {
      this.offerers.delete(phrase, slot);
      const key = scopeKey(server, phrase);
      const list = this.#scoped.get(key);
      if (list !== undefined) {
        this.#scopedOfferers.delete(list, slot);
        if (this.#scopedOfferers.length(list) === 0) {
          this.#scoped.delete(key);
          this.#freeScopes.push(list);
        }
      }
      this.#unuse(phrase);
    }
    for (const [phrase] of pairsOf(this.needs, slot)) this.#unuse(phrase);
    this.offers.clear(slot);
    this.needs.clear(slot);
    this.#leave(node.server);
    this.#nodes[slot] = undefined;
    this.#slots.delete(id);
    this.#free.push(slot);
    return true;
  }

  /** Who offers the phrase: slots and bits, those of the server alone where one is named. None when there are more than `most`: that says nothing. */
  offering(
    phrase: number,
    server: string | undefined,
    most: number,
  ): readonly (readonly [slot: number, bits: number])[] {
    if (server === undefined) return this.offerers.length(phrase) > most ? [] : pairsOf(this.offerers, phrase);
    const number = this.#servers.get(server)?.number;
    const list = number === undefined ? undefined : this.#scoped.get(scopeKey(number, phrase));
    return list === undefined || this.#scopedOfferers.length(list) > most ? [] : pairsOf(this.#scopedOfferers, list);
  }

  /** 0 for what it does not need. */
  bitsOfNeed(slot: number, phrase: number): number {
    const start = this.needs.start(slot);
    const end = start + 2 * this.needs.length(slot);
    for (let at = start; at < end; at += 2) if (this.needs.data[at] === phrase) return this.needs.data[at + 1] ?? 0;
    return 0;
  }

  #use(text: string): number {
    const phrase = this.phrases.numberFor(text);
    this.#uses[phrase] = (this.#uses[phrase] ?? 0) + 1;
    return phrase;
  }

  #unuse(phrase: number): void {
    const left = (this.#uses[phrase] ?? 0) - 1;
    this.#uses[phrase] = left;
    if (left <= 0) this.phrases.release(phrase);
  }

  #scopeFor(server: number, phrase: number): number {
    const key = scopeKey(server, phrase);
    let list = this.#scoped.get(key);
    if (list === undefined) {
      list = this.#freeScopes.pop() ?? this.#scoped.size;
      this.#scoped.set(key, list);
    }
    return list;
  }

  #enter(server: string): number {
    const known = this.#servers.get(server);
    if (known !== undefined) {
      known.tools += 1;
      return known.number;
    }
    const number = this.#freeServers.pop() ?? this.#servers.size;
    this.#servers.set(server, { number, tools: 1 });
    return number;
  }

  #leave(server: string): void {
    const known = this.#servers.get(server);
    if (known === undefined) return;
    known.tools -= 1;
    if (known.tools > 0) return;
    this.#servers.delete(server);
    this.#freeServers.push(known.number);
  }
}

export function pairsOf(lists: PairLists, list: number): readonly (readonly [number, number])[] {
  const start = lists.start(list);
  return Array.from(
    { length: lists.length(list) },
    (_, at) => [lists.data[start + 2 * at] ?? 0, lists.data[start + 2 * at + 1] ?? 0] as const,
  );
}

/** Exact for up to 2²¹ servers. */
function scopeKey(server: number, phrase: number): number {
  return server * 2 ** 32 + phrase;
}
