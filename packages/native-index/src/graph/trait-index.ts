import { PackedLists } from '../lexical/packed-lists.ts';
import { Postings } from '../lexical/postings.ts';
import { Vocabulary } from '../lexical/vocabulary.ts';
import { column } from '../store/column.ts';
import { NamedSlots, type SavedNames, type ToolKey } from '../store/named-slots.ts';
import type { ToolTraits } from './tool-traits.ts';

/** A phrase or a slot, with bits. */
export type Trait = readonly [number: number, bits: number];

export interface SavedTraits extends SavedNames {
  readonly serverOf: Uint32Array;
  readonly phrases: readonly string[];
  readonly needs: Uint8Array;
  readonly offers: Uint8Array;
}

/** Tools by slot, what each needs, and who offers what: in all the catalogue, and in each server. */
export class TraitIndex {
  readonly tools: NamedSlots = new NamedSlots();
  readonly phrases: Vocabulary;
  /** How many traits of tools each phrase stands in. */
  #uses: Uint32Array = new Uint32Array(64);
  /** By slot: phrases and bits. */
  readonly #needs: PackedLists;
  readonly #offers: PackedLists;
  /** By phrase: slots and bits, server by server. */
  readonly #offerers: Postings = new Postings((slot) => (this.tools.serverOf[slot] ?? 0) * 2 ** 32 + slot);
  #scratch: Uint32Array = new Uint32Array(256);

  constructor(
    phrases: Vocabulary = new Vocabulary(),
    needs: PackedLists = new PackedLists(),
    offers: PackedLists = new PackedLists(),
  ) {
    this.phrases = phrases;
    this.#needs = needs;
    this.#offers = offers;
  }

  put(tool: ToolKey, traits: ToolTraits): void {
    this.delete(tool.id);
    const slot = this.tools.place(tool);
    this.#write(this.#needs, slot, traits.needs);
    this.#write(this.#offers, slot, traits.offers);
    for (const [phrase, bits] of this.offersOf(slot)) this.#offerers.insert(phrase, slot, bits);
  }

  delete(id: string): void {
    const slot = this.tools.slot(id);
    if (slot === undefined) return;
    for (const [phrase] of this.offersOf(slot)) {
      this.#offerers.delete(phrase, slot);
      this.#unuse(phrase);
    }
    for (const [phrase] of this.needsOf(slot)) this.#unuse(phrase);
    this.#offers.clear(slot);
    this.#needs.clear(slot);
    this.tools.free(slot);
  }

  needsOf(slot: number): readonly Trait[] {
    return copyOf(this.#needs, slot);
  }

  offersOf(slot: number): readonly Trait[] {
    return copyOf(this.#offers, slot);
  }

  /** Who offers the phrase: slots and bits, those of the server alone where one is named. None when there are more than `most`: that says nothing. */
  offering(phrase: number, server: string | undefined, most: number): readonly Trait[] {
    let from = this.#offerers.start(phrase);
    let end = from + this.#offerers.length(phrase);
    if (server !== undefined) {
      const number = this.tools.serverNumber(server);
      if (number === undefined) return [];
      from = this.#offerers.find(phrase, number * 2 ** 32);
      end = this.#offerers.find(phrase, (number + 1) * 2 ** 32);
    }
    if (end - from > most) return [];
    const keys = this.#offerers.keys(phrase);
    const marks = this.#offerers.marks(phrase);
    return Array.from({ length: end - from }, (_, at) => [keys[from + at] ?? 0, marks[from + at] ?? 0] as const);
  }

  /** 0 for what it does not need. */
  bitsOfNeed(slot: number, phrase: number): number {
    const end = 2 * this.#needs.read(slot);
    const { pairs } = this.#needs;
    for (let at = 0; at < end; at += 2) if (pairs[at] === phrase) return pairs[at + 1] ?? 0;
    return 0;
  }

  save(): SavedTraits {
    const { bound } = this.tools;
    return {
      ...this.tools.saveNames(),
      serverOf: this.tools.saveServers(),
      phrases: this.phrases.save(),
      needs: this.#needs.save(bound),
      offers: this.#offers.save(bound),
    };
  }

  /** Throws `RangeError` where the parts do not fit together. */
  static restore({ serverOf, phrases, needs, offers, ...names }: SavedTraits): TraitIndex {
    const slots = names.ids.length;
    const index = new TraitIndex(
      Vocabulary.restore(phrases),
      PackedLists.restore(needs, slots),
      PackedLists.restore(offers, slots),
    );
    index.tools.restoreNames(names, serverOf);
    for (let slot = 0; slot < slots; slot += 1) {
      index.#each(index.#needs, slot, (phrase) => index.#use(phrase));
      index.#each(index.#offers, slot, (phrase, bits) => {
        index.#use(phrase);
        index.#offerers.insert(phrase, slot, bits);
      });
    }
    return index;
  }

  #write(lists: PackedLists, slot: number, traits: ReadonlyMap<string, number>): void {
    if (this.#scratch.length < 2 * traits.size) this.#scratch = new Uint32Array(4 * traits.size);
    let at = 0;
    for (const [text, bits] of traits) {
      const phrase = this.phrases.numberFor(text);
      this.#use(phrase);
      this.#scratch[at++] = phrase;
      this.#scratch[at++] = bits;
    }
    lists.write(slot, this.#scratch, traits.size);
  }

  #each(lists: PackedLists, slot: number, take: (phrase: number, bits: number) => void): void {
    const end = 2 * lists.read(slot);
    const { pairs } = lists;
    for (let at = 0; at < end; at += 2) {
      const phrase = pairs[at] ?? 0;
      if (phrase >= this.phrases.bound) throw new RangeError('a list points outside');
      take(phrase, pairs[at + 1] ?? 0);
    }
  }

  #use(phrase: number): void {
    if (phrase >= this.#uses.length) {
      const grown = column(Uint32Array, Math.ceil((phrase + 1) * 1.25));
      grown.set(this.#uses);
      this.#uses = grown;
    }
    this.#uses[phrase] = (this.#uses[phrase] ?? 0) + 1;
  }

  #unuse(phrase: number): void {
    const left = (this.#uses[phrase] ?? 1) - 1;
    this.#uses[phrase] = left;
    if (left === 0) this.phrases.release(phrase);
  }
}

/** A copy, since what is read lasts but until the next is read. */
function copyOf(lists: PackedLists, list: number): readonly Trait[] {
  const count = lists.read(list);
  const { pairs } = lists;
  return Array.from({ length: count }, (_, at) => [pairs[2 * at] ?? 0, pairs[2 * at + 1] ?? 0] as const);
}
