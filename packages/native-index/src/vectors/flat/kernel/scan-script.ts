import type { Scan, Score } from './kernel.ts';

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
  const { integers, floats, cosineOf } = viewsOf(memory);
  return (slots, count, bound, blocks, width, query, queryInverseNorm, found) => {
    for (let i = 0; i < count; i++) {
      const slot = (integers[slots / 4 + i] ?? 0) >>> 0;
      const place = slot % 1024;
      const block = blocks + ((slot - place) / 1024) * 1024 * (width + 4);
      const inverseNorm = slot < bound ? (floats[block / 4 + 256 * width + place] ?? 0) : 0;
      floats[found / 4 + i] =
        inverseNorm === 0 ? NaN : cosineOf(block + place * width, width, inverseNorm, query, queryInverseNorm);
    }
  };
}

function viewsOf(memory: ArrayBuffer) {
  // Over resizable memory, views without a length follow its size.
  const bytes = new Int8Array(memory);
  const words = new Int16Array(memory);
  return {
    bytes,
    integers: new Int32Array(memory),
    floats: new Float32Array(memory),
    cosineOf(vector: number, width: number, inverseNorm: number, query: number, queryInverseNorm: number): number {
      let dot = 0;
      for (let j = 0; j < width; j++) dot += (bytes[vector + j] ?? 0) * (words[query / 2 + j] ?? 0);
      return Math.fround(Math.fround(Math.fround(dot) * inverseNorm) * Math.fround(queryInverseNorm));
    },
  };
}
