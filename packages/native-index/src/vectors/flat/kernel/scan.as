// AssemblyScript. What `scan-wasm.ts` holds is made of this file; see the README of the folder.

/**
 * Cosines of one int16 query with `count` int8 vectors that lie one behind the other, `width` bytes each, a multiple of 16.
 *
 * `inverseNorms`: f32 a vector, 0 where there is none. `allowed`: a byte a vector, 0 where it does not count; a null pointer allows all.
 * Writes number (i32) and cosine (f32) of each that reaches `threshold` to `found`, in order, and returns how many.
 * The sum of products must fit 31 bits: the caller scales the query by the width.
 */
export function scan(
  vectors: usize,
  inverseNorms: usize,
  allowed: usize,
  count: i32,
  width: i32,
  query: usize,
  queryInverseNorm: f32,
  threshold: f32,
  found: usize,
): i32 {
  let matches = 0;
  for (let i = 0; i < count; i++, vectors += width) {
    const inverseNorm = load<f32>(inverseNorms + (<usize>i << 2));
    if (inverseNorm == 0 || (allowed != 0 && load<u8>(allowed + i) == 0)) continue;
    const cosine = <f32>dot(vectors, width, query) * inverseNorm * queryInverseNorm;
    if (cosine < threshold) continue;
    store<i32>(found, i);
    store<f32>(found, cosine, 4);
    found += 8;
    matches++;
  }
  return matches;
}

/**
 * Cosines of the query with the vectors of `count` slots (u32 each), as f32 to `found`; NaN for a slot without a vector, or not below `bound`.
 * Slots lie in blocks of 1,024: their vectors, and then their inverse norms.
 */
export function score(
  slots: usize,
  count: i32,
  bound: u32,
  blocks: usize,
  width: i32,
  query: usize,
  queryInverseNorm: f32,
  found: usize,
): void {
  for (let i = 0; i < count; i++, slots += 4, found += 4) {
    if ((i & (ahead - 1)) == 0) fetch(slots, count - i, bound, blocks, width, found);
    const slot = load<u32>(slots);
    let cosine = f32.NaN;
    if (slot < bound) {
      const block = blocks + <usize>(slot >> 10) * (<usize>(width + 4) << 10);
      const place = <usize>(slot & 1023);
      const inverseNorm = load<f32>(block + (<usize>width << 10) + (place << 2));
      if (inverseNorm != 0) cosine = <f32>dot(block + place * width, width, query) * inverseNorm * queryInverseNorm;
    }
    store<f32>(found, cosine);
  }
}

/**
 * Cosines of each of `asked` queries, whose inverse norms are `queryInverseNorms` (f32), with the vectors of `count` slots: those with the first slot first, and as many
 * for a slot as the next multiple of four has, of which the last mean nothing. Otherwise as `score`.
 */
export function compare(
  slots: usize,
  count: i32,
  bound: u32,
  blocks: usize,
  width: i32,
  queries: usize,
  queryInverseNorms: usize,
  asked: i32,
  found: usize,
): void {
  const row = <usize>width << 1;
  for (let i = 0; i < count; i++, slots += 4) {
    if ((i & (ahead - 1)) == 0) fetch(slots, count - i, bound, blocks, width, found);
    const slot = load<u32>(slots);
    let vector: usize = 0;
    let inverseNorm: f32 = f32.NaN;
    if (slot < bound) {
      const block = blocks + <usize>(slot >> 10) * (<usize>(width + 4) << 10);
      const place = <usize>(slot & 1023);
      vector = block + place * width;
      inverseNorm = load<f32>(block + (<usize>width << 10) + (place << 2));
      if (inverseNorm == 0) inverseNorm = f32.NaN;
    }
    const scale = f32x4.splat(inverseNorm);
    for (let first = 0; first < asked; first += 4, found += 16) {
      const query = queries + <usize>first * row;
      let a = i32x4.splat(0);
      let b = i32x4.splat(0);
      let c = i32x4.splat(0);
      let d = i32x4.splat(0);
      for (let j = 0; j < width; j += 16) {
        const low = v128.load_ext<i8>(vector + j);
        const high = v128.load_ext<i8>(vector + j, 8);
        const q = query + (<usize>j << 1);
        a = i32x4.add(a, i32x4.dot_i16x8_s(low, v128.load(q)));
        a = i32x4.add(a, i32x4.dot_i16x8_s(high, v128.load(q, 16)));
        b = i32x4.add(b, i32x4.dot_i16x8_s(low, v128.load(q + row)));
        b = i32x4.add(b, i32x4.dot_i16x8_s(high, v128.load(q + row, 16)));
        c = i32x4.add(c, i32x4.dot_i16x8_s(low, v128.load(q + 2 * row)));
        c = i32x4.add(c, i32x4.dot_i16x8_s(high, v128.load(q + 2 * row, 16)));
        d = i32x4.add(d, i32x4.dot_i16x8_s(low, v128.load(q + 3 * row)));
        d = i32x4.add(d, i32x4.dot_i16x8_s(high, v128.load(q + 3 * row, 16)));
      }
      const ab = i32x4.add(v128.shuffle<i32>(a, b, 0, 4, 1, 5), v128.shuffle<i32>(a, b, 2, 6, 3, 7));
      const cd = i32x4.add(v128.shuffle<i32>(c, d, 0, 4, 1, 5), v128.shuffle<i32>(c, d, 2, 6, 3, 7));
      const sums = i32x4.add(v128.shuffle<i32>(ab, cd, 0, 1, 4, 5), v128.shuffle<i32>(ab, cd, 2, 3, 6, 7));
      const cosines = f32x4.mul(
        f32x4.mul(f32x4.convert_i32x4_s(sums), scale),
        v128.load(queryInverseNorms + (<usize>first << 2)),
      );
      v128.store(found, cosines);
    }
  }
}

/** So many slots' vectors are fetched at once. A power of two. */
@inline
const ahead = 16;

/** Asks memory for the vectors of the next slots, so that their ways from there overlap: read one after another, each would be waited for. `spare` is written to. */
@inline
function fetch(slots: usize, count: i32, bound: u32, blocks: usize, width: i32, spare: usize): void {
  const most = min(count, ahead);
  let seen: u32 = 0;
  for (let i = 0; i < most; i++) {
    const slot = load<u32>(slots + (<usize>i << 2));
    if (slot >= bound) continue;
    const vector = blocks + <usize>(slot >> 10) * (<usize>(width + 4) << 10) + <usize>(slot & 1023) * width;
    for (let at = 0; at < width; at += 64) seen |= load<u8>(vector + at);
  }
  store<u32>(spare, seen);
}

@inline
function dot(vector: usize, width: i32, query: usize): i32 {
  // Two sums, so that one addition need not wait for the other.
  let low = i32x4.splat(0);
  let high = i32x4.splat(0);
  for (let j = 0; j < width; j += 16) {
    const v = vector + j;
    const q = query + (<usize>j << 1);
    low = i32x4.add(low, i32x4.dot_i16x8_s(v128.load_ext<i8>(v), v128.load(q)));
    high = i32x4.add(high, i32x4.dot_i16x8_s(v128.load_ext<i8>(v, 8), v128.load(q, 16)));
  }
  const sums = i32x4.add(low, high);
  return (
    i32x4.extract_lane(sums, 0) + i32x4.extract_lane(sums, 1) + i32x4.extract_lane(sums, 2) + i32x4.extract_lane(sums, 3)
  );
}
