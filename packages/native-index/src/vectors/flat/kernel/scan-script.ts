import type { Scan } from './kernel.ts';

/** `scan.as` in JavaScript. */
export function scanScript(memory: ArrayBuffer): Scan {
  // Over resizable memory, views without a length follow its size.
  const bytes = new Int8Array(memory);
  const words = new Int16Array(memory);
  const integers = new Int32Array(memory);
  const floats = new Float32Array(memory);
  return (vectors, inverseNorms, allowed, count, width, query, queryInverseNorm, threshold, found) => {
    let matches = 0;
    for (let i = 0; i < count; i++) {
      const inverseNorm = floats[inverseNorms / 4 + i] ?? 0;
      if (inverseNorm === 0 || (allowed !== 0 && bytes[allowed + i] === 0)) continue;
      let dot = 0;
      for (let j = 0; j < width; j++) dot += (bytes[vectors + i * width + j] ?? 0) * (words[query / 2 + j] ?? 0);
      const cosine = Math.fround(Math.fround(Math.fround(dot) * inverseNorm) * Math.fround(queryInverseNorm));
      if (cosine < threshold) continue;
      integers[found / 4 + matches * 2] = i;
      floats[found / 4 + matches * 2 + 1] = cosine;
      matches++;
    }
    return matches;
  };
}
