/**
 * Writes `vector` as integers up to `peak` in size to the start of `levels`, and returns one over the length of what it wrote: a cosine
 * that is taken with that is exact for the integers.
 */
export function quantise(vector: Float32Array, peak: number, levels: Int16Array): number {
  let largest = 0;
  for (let i = 0; i < vector.length; i++) {
    const size = Math.abs(vector[i] ?? 0);
    if (size > largest) largest = size;
  }
  const scale = peak / largest;
  let squares = 0;
  for (let i = 0; i < vector.length; i++) {
    const level = Math.round((vector[i] ?? 0) * scale);
    levels[i] = level;
    squares += level * level;
  }
  return 1 / Math.sqrt(squares);
}

/** One over the length of a vector of integers; `Infinity` for the zero vector. */
export function inverseNorm(levels: Int8Array): number {
  let squares = 0;
  for (let i = 0; i < levels.length; i++) squares += (levels[i] ?? 0) ** 2;
  return 1 / Math.sqrt(squares);
}
