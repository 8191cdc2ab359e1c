/**
 * Many growing lists of pairs of 32-bit numbers in one array: a list costs 12 bytes beside its pairs, and none is an object of its own.
 * Lists take blocks of a power of two pairs; a block that was outgrown serves the next list of its size.
 */
export class PairLists {
  #data: Uint32Array = new Uint32Array(1024);
  #used = 0;
  #starts: Uint32Array = new Uint32Array(64);
  #lengths: Uint32Array = new Uint32Array(64);
  /** Log2 of the block's pairs, plus 1; 0 for a list without a block. */
  #sizes: Uint8Array = new Uint8Array(64);
  readonly #free: number[][] = [];

  /** Pairs one after another: `[key, value, key, value, …]`. Ask anew after each change. */
  get data(): Uint32Array {
    return this.#data;
  }

  /** Where the list starts in `data`. */
  start(list: number): number {
    return this.#starts[list] ?? 0;
  }

  /** Pairs in the list. */
  length(list: number): number {
    return this.#lengths[list] ?? 0;
  }

  push(list: number, key: number, value: number): void {
    if (list >= this.#lengths.length) this.#growLists(list + 1);
    const length = this.length(list);
    const size = this.#sizes[list] ?? 0;
    if (size === 0 || length === 1 << (size - 1)) this.#move(list, size + 1);
    const at = this.start(list) + 2 * length;
    this.#data[at] = key;
    this.#data[at + 1] = value;
    this.#lengths[list] = length + 1;
  }

  /** Takes the pair with this key out; the last one moves into its place. */
  delete(list: number, key: number): void {
    const start = this.start(list);
    const last = start + 2 * (this.length(list) - 1);
    for (let at = start; at <= last; at += 2) {
      if (this.#data[at] !== key) continue;
      this.#data[at] = this.#data[last] ?? 0;
      this.#data[at + 1] = this.#data[last + 1] ?? 0;
      this.#lengths[list] = this.length(list) - 1;
      break;
    }
    if (this.length(list) === 0) this.clear(list);
  }

  clear(list: number): void {
    if (list >= this.#lengths.length) return;
    this.#release(list);
    this.#lengths[list] = 0;
    this.#sizes[list] = 0;
  }

  /** How many pairs each of the first lists has, and the pairs, list after list: what `restore` takes. */
  save(lists: number): readonly [lengths: Uint32Array, pairs: Uint32Array] {
    const lengths = new Uint32Array(lists);
    lengths.set(this.#lengths.subarray(0, lists));
    const pairs = new Uint32Array(2 * lengths.reduce((sum, length) => sum + length, 0));
    let at = 0;
    for (let list = 0; list < lists; list += 1) {
      const start = this.start(list);
      const end = start + 2 * this.length(list);
      pairs.set(this.#data.subarray(start, end), at);
      at += end - start;
    }
    return [lengths, pairs];
  }

  static restore(lengths: Uint32Array, pairs: Uint32Array): PairLists {
    const lists = new PairLists();
    lists.#growLists(lengths.length);
    let from = 0;
    lengths.forEach((length, list) => {
      if (length === 0) return;
      lists.#move(list, 33 - Math.clz32(length - 1));
      lists.#data.set(pairs.subarray(from, from + 2 * length), lists.start(list));
      lists.#lengths[list] = length;
      from += 2 * length;
    });
    return lists;
  }

  #move(list: number, size: number): void {
    const start = this.start(list);
    const pairs = this.length(list);
    const to = this.#free[size]?.pop() ?? this.#allocate(size);
    this.#data.copyWithin(to, start, start + 2 * pairs);
    this.#release(list);
    this.#starts[list] = to;
    this.#sizes[list] = size;
  }

  #release(list: number): void {
    const size = this.#sizes[list] ?? 0;
    if (size > 0) (this.#free[size] ??= []).push(this.start(list));
  }

  #allocate(size: number): number {
    const at = this.#used;
    this.#used += 2 << (size - 1);
    if (this.#used > this.#data.length) {
      const grown = new Uint32Array(Math.max(this.#used, Math.ceil(this.#data.length * 1.5)));
      grown.set(this.#data);
      this.#data = grown;
    }
    return at;
  }

  #growLists(lists: number): void {
    const room = Math.max(lists, Math.ceil(this.#lengths.length * 1.5));
    const grow = <A extends Uint32Array | Uint8Array>(old: A, fresh: A): A => {
      fresh.set(old);
      return fresh;
    };
    this.#starts = grow(this.#starts, new Uint32Array(room));
    this.#lengths = grow(this.#lengths, new Uint32Array(room));
    this.#sizes = grow(this.#sizes, new Uint8Array(room));
  }
}
