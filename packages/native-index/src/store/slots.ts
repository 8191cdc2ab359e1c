import type { ToolSummary } from '../tool-index.ts';
import { Fingerprints } from './fingerprints.ts';
import { NamedSlots, type SavedNames } from './named-slots.ts';

/** What is kept of a tool beside its terms and its vectors. */
export interface Entry extends ToolSummary {
  /** Fingerprint of the whole content. */
  readonly hash: string;
  /** Fingerprint of what an embedder reads of it. */
  readonly textKey: string;
}

/** What few tools have. */
type Labels = Pick<ToolSummary, 'category' | 'tags'>;

export interface SavedSlots extends SavedNames {
  readonly labels: readonly (readonly [slot: number, category: string | null, tags: readonly string[]])[];
  readonly serverOf: Uint32Array;
  readonly hashes: Uint8Array;
  readonly textKeys: Uint8Array;
}

/** Which tool has which slot, and what is known of it. */
export class Slots extends NamedSlots {
  readonly #labels = new Map<number, Labels>();
  #hashes = new Fingerprints();
  #textKeys = new Fingerprints();

  /** Made anew at each call. */
  entry(slot: number): ToolSummary | undefined {
    const id = this.id(slot);
    if (id === '') return undefined;
    const { category, tags } = this.#labels.get(slot) ?? noLabels;
    return { id, server: this.server(slot), name: this.name(slot), category, tags };
  }

  /** Whether the tool's whole content has this fingerprint. */
  hasHash(slot: number, hash: string): boolean {
    return this.#hashes.is(slot, hash);
  }

  hasTextKey(slot: number, textKey: string): boolean {
    return this.#textKeys.is(slot, textKey);
  }

  *entries(): Iterable<ToolSummary> {
    for (let slot = 0; slot < this.bound; slot += 1) {
      const entry = this.entry(slot);
      if (entry !== undefined) yield entry;
    }
  }

  /** Gives the tool a slot, or puts the entry in the one it has. */
  put(entry: Entry): number {
    const slot = this.place(entry);
    const { category, tags } = entry;
    if (category === undefined && tags.length === 0) this.#labels.delete(slot);
    else this.#labels.set(slot, { category, tags });
    this.#hashes.set(slot, entry.hash);
    this.#textKeys.set(slot, entry.textKey);
    return slot;
  }

  delete(slot: number): void {
    this.free(slot);
    this.#labels.delete(slot);
  }

  save(): SavedSlots {
    return {
      ...this.saveNames(),
      labels: [...this.#labels].map(([slot, { category, tags }]) => [slot, category ?? null, tags] as const),
      serverOf: this.saveServers(),
      hashes: this.#hashes.save(this.bound),
      textKeys: this.#textKeys.save(this.bound),
    };
  }

  /** Throws `RangeError` where the parts do not fit together. */
  static restore({ labels, serverOf, hashes, textKeys, ...names }: SavedSlots): Slots {
    for (const column of [hashes, textKeys])
      if (Fingerprints.slotsIn(column) !== names.ids.length) throw new RangeError('a column is too short');
    const slots = new Slots();
    slots.restoreNames(names, serverOf);
    slots.#hashes = Fingerprints.restore(hashes);
    slots.#textKeys = Fingerprints.restore(textKeys);
    for (const [slot, category, tags] of labels) slots.#labels.set(slot, { category: category ?? undefined, tags });
    return slots;
  }
}

const noLabels: Labels = { category: undefined, tags: [] };
