import type { SlotSet, VectorIndex } from '@toolyard/protocol';
import { topSlots } from '../lexical/top-slots.ts';

const lexicalCandidates = 100;
const denseCandidates = 100;
const segmentCandidates = 30;
/** Up to so many vectors all are looked at for each segment; beyond, that would take longer than all the rest. */
const mostForSegments = 20_000;

/** The tools that are worth a closer look, and how near they are to the query in meaning. */
export interface Candidates {
  readonly slots: readonly number[];
  /** Cosine with the query, by position in `slots`; 0 where there is no vector. */
  readonly similarity: Float64Array;
  readonly segmentCount: number;
  /** Cosine with each segment of the query, `segmentCount` numbers a candidate. */
  readonly segmentSimilarity: Float64Array;
  /** Cosine of the last of the nearest. */
  readonly floor: number;
  /** Cosine of the query with the tool's headline. */
  readonly headline: Float64Array;
  /** The same of the nearest segment. */
  readonly segmentHeadline: Float64Array;
}

export interface QueryVectors {
  /** `undefined` where the model knows no word of it. */
  readonly whole: Float32Array | undefined;
  /** One a segment; what is `undefined` counts as the whole. Read only where there is more than one. */
  readonly segments: readonly (Float32Array | undefined)[];
}

export interface VectorPair {
  readonly vectors: VectorIndex;
  readonly headlines: VectorIndex;
}

export interface TouchedSlots {
  readonly slots: Uint32Array;
  readonly count: number;
  readonly scores: Float32Array;
}

export interface CandidateRequest {
  readonly touched: TouchedSlots;
  readonly vectors: VectorPair | undefined;
  readonly query: QueryVectors | undefined;
  readonly segmentCount: number;
  readonly allowed: SlotSet | undefined;
  /** How many tools will be asked for at most. */
  readonly limit: number;
  /** A slot that has to be among them, whatever its score. */
  readonly extra?: number | undefined;
}

/** How many of the best by words are looked at. */
export function wordCandidates(limit: number): number {
  return Math.max(lexicalCandidates, limit);
}

export function gatherCandidates(request: CandidateRequest): Candidates {
  const { touched, vectors: pair, query, segmentCount, allowed, limit, extra } = request;
  const rows = new Map<number, number>();
  const take = (slot: number): void => {
    if (!rows.has(slot)) rows.set(slot, rows.size);
  };
  for (const slot of topSlots(touched.slots, touched.count, touched.scores, wordCandidates(limit))) take(slot);
  if (extra !== undefined) take(extra);
  const whole = query?.whole;
  if (pair === undefined || whole === undefined) {
    return { ...nothingNear(rows, segmentCount), floor: 0 };
  }
  const segments = segmentCount > 1 ? (query?.segments ?? []) : [];
  const nearest = pair.vectors.nearest(whole, Math.max(denseCandidates, limit), allowed);
  for (const { slot } of nearest) take(slot);
  for (const segment of segments) {
    if (segment === undefined || pair.vectors.size > mostForSegments) continue;
    for (const { slot } of pair.vectors.nearest(segment, segmentCandidates, allowed)) take(slot);
  }
  const found = nothingNear(rows, segmentCount);
  const each = (index: VectorIndex, vector: Float32Array, take: (row: number, similarity: number) => void): void => {
    similarities(index, vector, found.slots).forEach((near, row) => {
      if (!Number.isNaN(near)) take(row, near);
    });
  };
  each(pair.vectors, whole, (row, near) => (found.similarity[row] = near));
  each(pair.headlines, whole, (row, near) => (found.headline[row] = near));
  for (let segment = 0; segment < segmentCount; segment += 1) {
    const vector = segments[segment];
    if (vector === undefined) {
      found.similarity.forEach((near, row) => (found.segmentSimilarity[row * segmentCount + segment] = near));
      found.headline.forEach(
        (near, row) => (found.segmentHeadline[row] = Math.max(near, found.segmentHeadline[row] ?? 0)),
      );
      continue;
    }
    each(pair.vectors, vector, (row, near) => (found.segmentSimilarity[row * segmentCount + segment] = near));
    each(
      pair.headlines,
      vector,
      (row, near) => (found.segmentHeadline[row] = Math.max(near, found.segmentHeadline[row] ?? 0)),
    );
  }
  return { ...found, floor: nearest.at(-1)?.similarity ?? 0 };
}

/** NaN where there is no vector. */
function similarities(index: VectorIndex, vector: Float32Array, slots: readonly number[]): Float32Array {
  return (
    index.similarities?.(vector, slots) ?? Float32Array.from(slots, (slot) => index.similarity(vector, slot) ?? NaN)
  );
}

function nothingNear(rows: ReadonlyMap<number, number>, segmentCount: number): Omit<Candidates, 'floor'> {
  return {
    slots: [...rows.keys()],
    similarity: new Float64Array(rows.size),
    segmentCount,
    segmentSimilarity: new Float64Array(rows.size * segmentCount),
    headline: new Float64Array(rows.size),
    segmentHeadline: new Float64Array(rows.size),
  };
}
