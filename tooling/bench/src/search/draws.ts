/** A number from 0 to 1, less than 1. */
export type Draw = () => number;

/** Numbers that look random and follow from the seed (SplitMix32). */
export function draws(seed: number): Draw {
  let state = Math.imul(seed + 1, 0x9e37_79b9);
  return () => {
    state = (state + 0x9e37_79b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0_aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a_2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

export function pick<T>(next: Draw, list: readonly T[]): T {
  const found = list[Math.floor(next() * list.length)];
  if (found === undefined) throw new RangeError('the list is empty');
  return found;
}

/** Turns numbers from 0 to 1 into ranks below `size`, the n-th of which comes up a n-th as often as the first. */
export function zipf(size: number): (number: number) => number {
  const upTo = new Float64Array(size);
  let sum = 0;
  for (let rank = 0; rank < size; rank += 1) upTo[rank] = sum += 1 / (rank + 1);
  return (number) => {
    const sought = number * sum;
    let low = 0;
    let high = size - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((upTo[middle] ?? 0) > sought) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}
