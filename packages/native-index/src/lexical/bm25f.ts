import type { Corpus } from './corpus.ts';
import { fieldCount, fields, type FieldWeights } from './fields.ts';
import type { LexicalIndex } from './lexical-index.ts';
import type { QueryTerm } from './query-terms.ts';

/** The four bits each of the fields `parameters` and `parameterTexts`. */
const parameterFields = 0xff000;
const parameters = fields.indexOf('parameters');
const parameterTexts = fields.indexOf('parameterTexts');
const fewest = 4;

/** A query's terms weighed against the tools that take part. BM25F: Robertson, Zaragoza, Taylor, "Simple BM25 extension to multiple weighted fields", 2004. */
export interface WeighedTerms {
  readonly terms: readonly QueryTerm[];
  /** Inverse document frequency times the term's weight, by position in `terms`. */
  readonly idf: Float64Array;
  /** What one term adds to a tool that has it as `counts` says. */
  contribution(position: number, slot: number, counts: number): number;
  /** Adds up the contributions of all terms; `scores` has a number for each slot. Answers the slots that got any. */
  scoreAll(scores: Float32Array, touched: Uint32Array): number;
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
  const { allowed } = corpus;
  const { k1 } = options;
  const idf = new Float64Array(terms.length);
  const shared: (Map<number, number> | undefined)[] = [];
  const base = Float64Array.from(options.lengthPenalty, (penalty) => 1 - penalty);
  const slope = Float64Array.from(
    options.lengthPenalty,
    (penalty, field) => penalty / (corpus.averageLengths[field] ?? 1),
  );
  const weight = Float64Array.from(options.weight);
  let best = 0;
  terms.forEach((term, position) => {
    const found = count(term.number);
    idf[position] = found === 0 ? 0 : Math.log(1 + (corpus.tools - found + 0.5) / (found + 0.5)) * term.weight;
    best += (idf[position] ?? 0) * (k1 + 1);
  });

  /** How many tools that take part have the term; on the way, which servers have it among the parameters of most of their tools. */
  function count(term: number): number {
    const start = postings.start(term);
    const end = start + 2 * postings.length(term);
    const data = postings.data;
    const among = new Map<number, number>();
    let found = 0;
    for (let at = start; at < end; at += 2) {
      const slot = data[at] ?? 0;
      if (allowed !== undefined && allowed[slot] !== 1) continue;
      found += 1;
      if (((data[at + 1] ?? 0) & parameterFields) === 0) continue;
      const server = serverOf[slot] ?? 0;
      among.set(server, (among.get(server) ?? 0) + 1);
    }
    let factors: Map<number, number> | undefined;
    for (const [server, tools] of among) {
      const size = corpus.serverSizes[server] ?? 0;
      if (size >= fewest && tools > size / 2) (factors ??= new Map()).set(server, 2 * (1 - tools / size));
    }
    shared.push(factors);
    return found;
  }

  function contribution(position: number, slot: number, counts: number): number {
    const factor = shared[position]?.get(serverOf[slot] ?? 0) ?? 1;
    let frequency = 0;
    let left = counts;
    while (left !== 0) {
      const field = (31 - Math.clz32(left)) >>> 2;
      const times = (counts >>> (4 * field)) & 15;
      left &= ~(15 << (4 * field));
      const length = lengths[slot * fieldCount + field] ?? 0;
      let part = ((weight[field] ?? 0) * times) / ((base[field] ?? 0) + (slope[field] ?? 0) * length);
      if (factor !== 1 && (field === parameters || field === parameterTexts)) part *= factor;
      frequency += part;
    }
    return ((idf[position] ?? 0) * (k1 + 1) * frequency) / (k1 + frequency);
  }

  function scoreAll(scores: Float32Array, touched: Uint32Array): number {
    let reached = 0;
    terms.forEach(({ number }, position) => {
      if (idf[position] === 0) return;
      const start = postings.start(number);
      const end = start + 2 * postings.length(number);
      const data = postings.data;
      for (let at = start; at < end; at += 2) {
        const slot = data[at] ?? 0;
        if (allowed !== undefined && allowed[slot] !== 1) continue;
        const sum = scores[slot] ?? 0;
        if (sum === 0) touched[reached++] = slot;
        scores[slot] = sum + contribution(position, slot, data[at + 1] ?? 0);
      }
    });
    return reached;
  }

  return { terms, idf, contribution, scoreAll, best };
}
