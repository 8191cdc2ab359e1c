import type { Compare, Scan, Score } from './loops.ts';

/** `scan` of `scan.as` in JavaScript. */
export function scanScript(memory: ArrayBuffer): Scan {
  const { bytes, integers, floats, cosineOf } = viewsOf(memory);
  return (vectors, inverseNorms, allowed, count, width, query, queryInverseNorm, threshold, found) => {
    let matches = 0;
    for (let i = 0; i < count; i++) {
      const inverseNorm = floats[inverseNorms / 4 + i] ?? 0;
      if (inverseNorm === 0 || (allowed !== 0 && bytes[allowed + i] === 0)) continue;
      const cosine = cosineOf(vectors + i * width, width, inverseNorm, query, queryInverseNorm);
      if (cosine < threshold) continue;
      integers[found / 4 + matches * 2] = i;
      floats[found / 4 + matches * 2 + 1] = cosine;
      matches++;
    }
    return matches;
  };
}

/** `score` of `scan.as` in JavaScript. */
export function scoreScript(memory: ArrayBuffer): Score {
  const { floats, cosineOfSlot } = viewsOf(memory);
  return (slots, count, bound, blocks, width, query, queryInverseNorm, found) => {
    for (let i = 0; i < count; i++)
      floats[found / 4 + i] = cosineOfSlot(slots + 4 * i, bound, blocks, width, query, queryInverseNorm);
  };
}

/** `compare` of `scan.as` in JavaScript. */
export function compareScript(memory: ArrayBuffer): Compare {
  const { floats, cosineOfSlot } = viewsOf(memory);
  return (slots, count, bound, blocks, width, queries, queryInverseNorms, asked, found) => {
    const padded = Math.ceil(asked / 4) * 4;
    for (let i = 0; i < count; i++) {
      for (let at = 0; at < asked; at++) {
        const inverse = floats[queryInverseNorms / 4 + at] ?? NaN;
        const query = queries + 2 * width * at;
        floats[found / 4 + i * padded + at] = cosineOfSlot(slots + 4 * i, bound, blocks, width, query, inverse);
      }
    }
  };
}

function viewsOf(memory: ArrayBuffer) {
  // Over resizable memory, views without a length follow its size.
  const bytes = new Int8Array(memory);
  const words = new Int16Array(memory);
  const integers = new Int32Array(memory);
  const floats = new Float32Array(memory);
  return { bytes, integers, floats, cosineOf, cosineOfSlot };

  function cosineOf(
    vector: number,
    width: number,
    inverseNorm: number,
    query: number,
    queryInverseNorm: number,
  ): number {
    let dot = 0;
    for (let j = 0; j < width; j++) dot += (bytes[vector + j] ?? 0) * (words[query / 2 + j] ?? 0);
    return Math.fround(Math.fround(Math.fround(dot) * inverseNorm) * Math.fround(queryInverseNorm));
  }

  /** `at`: where the slot's number stands. */
  function cosineOfSlot(
    at: number,
    bound: number,
    blocks: number,
    width: number,
    query: number,
    queryInverseNorm: number,
  ): number {
    const slot = (integers[at / 4] ?? 0) >>> 0;
    const place = slot % 1024;
    const block = blocks + ((slot - place) / 1024) * 1024 * (width + 4);
    const inverseNorm = slot < bound ? (floats[block / 4 + 256 * width + place] ?? 0) : 0;
    return inverseNorm === 0 ? NaN : cosineOf(block + place * width, width, inverseNorm, query, queryInverseNorm);
  }
}
