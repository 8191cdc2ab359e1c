import type { Corpus } from './corpus.ts';
import { aside } from './field-lengths.ts';
import { fieldCount, fields, type FieldWeights, inParameters } from './fields.ts';
import type { LexicalIndex } from './lexical-index.ts';
import type { QueryTerm } from './query-terms.ts';
import { topSlots } from './top-slots.ts';

const parameters = fields.indexOf('parameters');
const parameterTexts = fields.indexOf('parameterTexts');
const fewest = 4;
/** Of shorter lists, looking at every tool is quicker than finding out whether one need to. */
const longList = 256;

/** A query's terms weighed against the tools that take part. BM25F: Robertson, Zaragoza, Taylor, "Simple BM25 extension to multiple weighted fields", 2004. */
export interface WeighedTerms {
  readonly terms: readonly QueryTerm[];
  /** Inverse document frequency times the term's weight, by position in `terms`. */
  readonly idf: Float64Array;
  /** What one term adds to a tool that has it as the mark says. */
  contribution(position: number, slot: number, mark: number): number;
  /**
   * Adds up contributions; `scores` has a number for each slot. Answers how many slots got any; `touched` begins with them. The best `most` slots have their
   * whole sum; what cannot come among them may have less, or none.
   */
  scoreAll(scores: Float32Array, touched: Uint32Array, most: number): number;
  /** What a tool could reach at most. */
  readonly best: number;
}

export interface Bm25Options extends FieldWeights {
  /** How fast further mentions stop counting. */
  readonly k1: number;
}

export function weighTerms(
  terms: readonly QueryTerm[],
  index: LexicalIndex,
  corpus: Corpus,
  serverOf: Uint32Array,
  options: Bm25Options,
): WeighedTerms {
  const { tools: postings, lengths } = index;
  const { counts } = index.marks;
  const { bytes } = lengths;
  const { allowed } = corpus;
  const { k1 } = options;
  const idf = new Float64Array(terms.length);
  /** What parameters count for, by server, where that is not 1 for all. */
  const shared: (Float64Array | undefined)[] = [];
  const base = Float64Array.from(options.lengthPenalty, (penalty) => 1 - penalty);
  const slope = Float64Array.from(
    options.lengthPenalty,
    (penalty, field) => penalty / (corpus.averageLengths[field] ?? 1),
  );
  const weight = Float64Array.from(options.weight);
  /** Tools of each server that have the term that is being counted. */
  const toolsOf = new Uint32Array(corpus.serverSizes.length);
  let best = 0;
  terms.forEach((term, position) => {
    const found = count(term.number);
    idf[position] = found === 0 ? 0 : Math.log(1 + (corpus.tools - found + 0.5) / (found + 0.5)) * term.weight;
    best += (idf[position] ?? 0) * (k1 + 1);
  });

  /** How many tools that take part have the term; on the way, which servers have it among the parameters of most of their tools. */
  function count(term: number): number {
    if (allowed === undefined && !index.isParameter(term)) {
      shared.push(undefined);
      return postings.length(term);
    }
    const keys = postings.keys(term);
    const marks = postings.marks(term);
    const start = postings.start(term);
    const end = start + postings.length(term);
    const among: number[] = [];
    let found = 0;
    for (let at = start; at < end; at += 1) {
      const slot = keys[at] ?? 0;
      if (allowed !== undefined && allowed[slot] !== 1) continue;
      found += 1;
      if (((counts[marks[at] ?? 0] ?? 0) & inParameters) === 0) continue;
      const server = serverOf[slot] ?? 0;
      const before = toolsOf[server] ?? 0;
      if (before === 0) among.push(server);
      toolsOf[server] = before + 1;
    }
    let factors: Float64Array | undefined;
    for (const server of among) {
      const tools = toolsOf[server] ?? 0;
      toolsOf[server] = 0;
      const size = corpus.serverSizes[server] ?? 0;
      if (size >= fewest && tools > size / 2)
        (factors ??= new Float64Array(toolsOf.length).fill(1))[server] = 2 * (1 - tools / size);
    }
    shared.push(factors);
    return found;
  }

  function contribution(position: number, slot: number, mark: number): number {
    const times = counts[mark] ?? 0;
    const factors = shared[position];
    const factor = factors === undefined ? 1 : (factors[serverOf[slot] ?? 0] ?? 1);
    let frequency = 0;
    let left = times;
    while (left !== 0) {
      const field = (31 - Math.clz32(left)) >>> 2;
      const shift = 4 * field;
      left &= ~(15 << shift);
      const place = slot * fieldCount + field;
      const length = bytes[place] === aside ? lengths.long(place) : (bytes[place] ?? 0);
      let part =
        ((weight[field] ?? 0) * ((times >>> shift) & 15)) / ((base[field] ?? 0) + (slope[field] ?? 0) * length);
      if (factor !== 1 && (field === parameters || field === parameterTexts)) part *= factor;
      frequency += part;
    }
    return ((idf[position] ?? 0) * (k1 + 1) * frequency) / (k1 + frequency);
  }

  /** The rarest first: once what is left cannot lift a new slot among the best, only those that have a score already are looked at (MaxScore: Turtle, Flood, 1995). */
  function scoreAll(scores: Float32Array, touched: Uint32Array, most: number): number {
    const order = terms.map((_, position) => position).sort((a, b) => (idf[b] ?? 0) - (idf[a] ?? 0));
    let left = best;
    let reached = 0;
    let closed = false;
    let worthAsking = Infinity;
    for (const position of order) {
      if (idf[position] === 0) continue;
      const term = terms[position]?.number ?? 0;
      const keys = postings.keys(term);
      const marks = postings.marks(term);
      const start = postings.start(term);
      const end = start + postings.length(term);
      if (!closed && left < worthAsking && reached >= most && end - start > longList) {
        const lowest = lowestOf(touched, reached, scores, most);
        closed = left < lowest;
        // By then it may have doubled; asking at each term would take longer than the terms.
        worthAsking = 2 * lowest;
      }
      left -= (idf[position] ?? 0) * (k1 + 1);
      for (let at = start; at < end; at += 1) {
        const slot = keys[at] ?? 0;
        const sum = scores[slot] ?? 0;
        if (sum === 0) {
          if (closed || (allowed !== undefined && allowed[slot] !== 1)) continue;
          touched[reached++] = slot;
        }
        scores[slot] = sum + contribution(position, slot, marks[at] ?? 0);
      }
    }
    return reached;
  }

  return { terms, idf, contribution, scoreAll, best };
}

/** The lowest of the `most` highest scores. */
function lowestOf(slots: Uint32Array, count: number, scores: Float32Array, most: number): number {
  return scores[topSlots(slots, count, scores, most)[0] ?? 0] ?? 0;
}
