import type { Slots } from '../store/slots.ts';
import { aside } from './field-lengths.ts';
import { fieldCount } from './fields.ts';
import type { LexicalIndex } from './lexical-index.ts';

/** What the ranking has to know of all the tools that take part. */
export interface Corpus {
  /** How many tools take part. */
  readonly tools: number;
  /** Of each field, over the tools that have the field at all; at least 1. */
  readonly averageLengths: Float64Array;
  /** Tools of each server, by its number. */
  readonly serverSizes: Uint32Array;
  /** Byte `slot` is 1 for what takes part; `undefined`: all. */
  readonly allowed: Uint8Array | undefined;
}

/** Measures the tools that take part, so that those that do not leave no trace in the ranking. */
export function measureCorpus(index: LexicalIndex, slots: Slots, allowed: Uint8Array | undefined): Corpus {
  const sums = new Float64Array(fieldCount);
  const having = new Uint32Array(fieldCount);
  const serverSizes = new Uint32Array(slots.serverBound);
  const { bytes } = index.lengths;
  const { serverOf } = slots;
  let tools = 0;
  for (const slot of slots.taken()) {
    if (allowed !== undefined && allowed[slot] !== 1) continue;
    tools += 1;
    const server = serverOf[slot] ?? 0;
    serverSizes[server] = (serverSizes[server] ?? 0) + 1;
    for (let field = 0; field < fieldCount; field += 1) {
      const place = slot * fieldCount + field;
      const length = bytes[place] === aside ? index.lengths.long(place) : (bytes[place] ?? 0);
      if (length === 0) continue;
      sums[field] = (sums[field] ?? 0) + length;
      having[field] = (having[field] ?? 0) + 1;
    }
  }
  return {
    tools,
    averageLengths: sums.map((sum, field) => Math.max(1, sum / (having[field] || 1))),
    serverSizes,
    allowed,
  };
}
