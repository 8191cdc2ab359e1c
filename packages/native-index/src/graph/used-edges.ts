import type { Step } from './complete.ts';

const maxAtOnce = 16;
const maxEdgesEach = 16;
const maxTools = 8192;

/** How often one tool was used, and with which others; numbers fade by half in the half-life, counted from `at`. */
interface Uses {
  at: number;
  count: number;
  readonly beside: Map<string, number>;
}

export type SavedUses = readonly (readonly [
  id: string,
  at: number,
  count: number,
  beside: readonly (readonly [id: string, count: number])[],
])[];

/**
 * What is used together. Known by id, so that it outlives a server that goes and comes back. Keeps the 8,192 tools that were used last, and for each the
 * 16 that it was used with most.
 */
export class UsedEdges {
  readonly #halfLifeMs: number;
  readonly #now: () => number;
  /** The one used last stands last. */
  readonly #uses = new Map<string, Uses>();

  constructor(halfLifeMs: number, now: () => number) {
    this.#halfLifeMs = halfLifeMs;
    this.#now = now;
  }

  /** The first 16 different ids count. */
  used(ids: readonly string[]): void {
    const together = [...new Set(ids)].slice(0, maxAtOnce);
    if (together.length < 2) return;
    for (const id of together) {
      const uses = this.#fade(id);
      uses.count += 1;
      for (const other of together) if (other !== id) uses.beside.set(other, (uses.beside.get(other) ?? 0) + 1);
      while (uses.beside.size > maxEdgesEach) uses.beside.delete(rarest(uses.beside, together));
      this.#uses.delete(id);
      this.#uses.set(id, uses);
    }
    for (const id of this.#uses.keys()) {
      if (this.#uses.size <= maxTools) break;
      this.#uses.delete(id);
    }
  }

  /** The weight is the share of its uses that the other one was part of, with one use that it was not part of supposed. */
  from(id: string): readonly Step[] {
    const uses = this.#uses.get(id);
    if (uses === undefined) return [];
    const left = this.#left(uses.at);
    return [...uses.beside]
      .map(([to, count]) => ({ to, weight: (count * left) / (uses.count * left + 1) }))
      .filter(({ weight }) => weight >= 0.01);
  }

  save(): SavedUses {
    return [...this.#uses].map(([id, { at, count, beside }]) => [id, at, count, [...beside]]);
  }

  restore(saved: SavedUses): void {
    for (const [id, at, count, beside] of saved.slice(-maxTools))
      this.#uses.set(id, { at, count, beside: new Map(beside.slice(0, maxEdgesEach)) });
  }

  #fade(id: string): Uses {
    const now = this.#now();
    const uses = this.#uses.get(id);
    if (uses === undefined) return { at: now, count: 0, beside: new Map() };
    const left = this.#left(uses.at);
    uses.at = now;
    uses.count *= left;
    for (const [other, count] of uses.beside) uses.beside.set(other, count * left);
    return uses;
  }

  /** What is left of a count of that time. A clock that was put back makes nothing grow. */
  #left(at: number): number {
    return 0.5 ** (Math.max(0, this.#now() - at) / this.#halfLifeMs);
  }
}

/** The least used with, but none of those that came just now; the first of equals. */
function rarest(beside: ReadonlyMap<string, number>, fresh: readonly string[]): string {
  let found = '';
  let least = Infinity;
  for (const [id, count] of beside) {
    if (count < least && !fresh.includes(id)) [found, least] = [id, count];
  }
  return found;
}
