import { type CacheEntry, type CacheStats, checkNumbers, countOf, RawObject } from '@toolyard/protocol';
import { LRUCache } from 'lru-cache';
import { type FoundEntry, maxKeepMs, newest } from '../shared/found-entry.ts';
import type { Drop, Place } from '../keys/place.ts';
import { DropClock } from '../shared/drop-clock.ts';
import type { MemoryStoreOptions } from './memory-options.ts';
import { SlotIndex } from './slot-index.ts';

interface Held extends CacheEntry {
  readonly place: Place;
  readonly madeMs: number;
}

/** What an entry costs beside its bytes: names, index and the list that says which was used when. */
const overheadBytes = 512;

const rules = { maxEntries: countOf('entries'), maxBytes: countOf('bytes'), maxEntryBytes: countOf('bytes') };

/** Entries by place, bounded in number and bytes. */
export class MemoryEntries {
  readonly #entries: LRUCache<string, Held>;
  readonly #index = new SlotIndex();
  readonly #drops = new DropClock();
  readonly #now: () => number;
  #evictions = 0;

  /** Throws `CONFIG_INVALID`. */
  constructor(options: MemoryStoreOptions) {
    checkNumbers('a cache in memory', options, rules);
    const { maxEntries = 10_000, maxBytes = 67_108_864, maxEntryBytes = 1_048_576, now = defaultNow } = options;
    this.#now = now;
    this.#entries = new LRUCache({
      max: maxEntries,
      maxSize: maxBytes,
      maxEntrySize: Math.min(maxBytes, maxEntryBytes + overheadBytes),
      sizeCalculation: ({ result }) => result.bytes.length + overheadBytes,
      // The library takes a time of 0 for none.
      perf: { now: () => now() + 1 },
      ttlResolution: 0,
      dispose: ({ place }, slot, reason) => {
        this.#index.remove(slot, place);
        if (reason === 'evict') this.#evictions += 1;
      },
    });
  }

  read({ own, shared }: Place): FoundEntry | undefined {
    return newest(this.#get(own), this.#get(shared));
  }

  stamp(place: Place): string {
    return this.#drops.stamp(place);
  }

  /** `ageMs`: how old the answer is already. */
  write(place: Place, entry: CacheEntry, stamp: string, ageMs = 0): void {
    const { freshMs, staleMs, shared } = entry;
    if (stamp !== this.#drops.stamp(place)) return;
    const leftMs = Math.ceil(Math.min(freshMs + Math.max(staleMs, 0), maxKeepMs) - ageMs);
    if (!(freshMs > 0 && leftMs > 0)) return;
    const slot = shared ? place.shared : place.own;
    // A copy: the bytes may be a slice of a whole message.
    const result = new RawObject(Uint8Array.from(entry.result.bytes));
    const madeMs = this.#now() - ageMs;
    this.#entries.set(slot, { place, result, freshMs, staleMs, shared, madeMs }, { ttl: leftMs });
    // After `set`, which tells of the one before it that it is gone.
    if (this.#entries.has(slot)) this.#index.add(slot, place);
  }

  drop(drop: Drop): void {
    this.#drops.note(drop);
    if ('all' in drop) return this.#entries.clear();
    for (const slot of this.#slotsOf(drop)) this.#entries.delete(slot);
  }

  cleanupExpired(): number {
    const before = this.#entries.size;
    this.#entries.purgeStale();
    return before - this.#entries.size;
  }

  held(): Pick<CacheStats, 'evictions' | 'entries' | 'bytes'> {
    const { size, calculatedSize } = this.#entries;
    return { evictions: this.#evictions, entries: size, bytes: calculatedSize };
  }

  #slotsOf(drop: Exclude<Drop, { all: true }>): readonly string[] {
    if ('server' in drop) return this.#index.ofServer(drop.server);
    if ('place' in drop) return [drop.place.own, drop.place.shared];
    return drop.topics.flatMap(({ topic }) => this.#index.ofTopic(topic));
  }

  #get(slot: string): FoundEntry | undefined {
    const held = this.#entries.get(slot);
    if (held === undefined) return undefined;
    const { result, freshMs, staleMs, shared, madeMs } = held;
    return { result, freshMs, staleMs, shared, ageMs: Math.max(0, this.#now() - madeMs) };
  }
}

function defaultNow(): number {
  return performance.now();
}
