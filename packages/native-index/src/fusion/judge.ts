import { fields } from '../lexical/fields.ts';
import type { Corpus } from '../lexical/corpus.ts';
import type { LexicalIndex } from '../lexical/lexical-index.ts';
import type { WeighedTerms } from '../lexical/bm25f.ts';
import type { Heads } from '../text/heads.ts';
import { differ, listing, reading } from '../text/asked-verbs.ts';
import type { VerbKinds } from '../text/verbs.ts';
import { featureCount, features, type Feature } from './features.ts';
import type { Candidates } from './candidates.ts';

const at = Object.fromEntries(features.map((feature, position) => [feature, position])) as Record<Feature, number>;
/** What differs less was only added up in another order. */
const same = 1e-9;
const nameFields = (15 << (4 * fields.indexOf('name'))) | (15 << (4 * fields.indexOf('title')));

/** Fills in the features of each candidate, `featureCount` numbers a candidate. */
export function judge(
  candidates: Candidates,
  weighed: WeighedTerms,
  index: LexicalIndex,
  corpus: Corpus,
  serverOf: Uint32Array,
  heads: Heads,
  verbs: VerbKinds,
): Float64Array {
  const { slots, segmentCount } = candidates;
  const rows = new Float64Array(slots.length * featureCount);
  const positions = new Map(weighed.terms.map(({ number }, position) => [number, position]));
  // Of a tool's terms few are the query's, and most of the others are told from them without looking them up.
  const hinted = new Uint8Array(1024);
  for (const { number } of weighed.terms) hinted[number & 1023] = 1;
  const totalIdf = weighed.idf.reduce((sum, value) => sum + value, 0) || 1;
  const segmentIdf = new Float64Array(segmentCount);
  const inHead = weighed.terms.map(({ text }) => heads.head.has(text));
  const inPlural = weighed.terms.map(({ text }) => heads.plural.has(text));
  const queryVerbs = heads.verbs;
  let headIdf = 0;
  weighed.terms.forEach((term, position) => {
    if (inHead[position] === true) headIdf += weighed.idf[position] ?? 0;
    for (let segment = 0; segment < segmentCount; segment += 1) {
      if ((term.segments >>> segment) & 1)
        segmentIdf[segment] = (segmentIdf[segment] ?? 0) + (weighed.idf[position] ?? 0);
    }
  });
  const perTerm = weighed.best / totalIdf || 1;
  const rareness = createRareness(index, corpus);
  const { counts } = index.marks;
  const segmentScores = new Float64Array(slots.length * segmentCount);
  slots.forEach((slot, row) => {
    const set = (feature: number, value: number): void => {
      rows[row * featureCount + feature] = value;
    };
    const end = 2 * index.readTerms(slot);
    const { read } = index;
    let lexical = 0;
    let nameIdf = 0;
    let nameSaid = 0;
    let saidInName = 0;
    let said = 0;
    let toolVerbs = 0;
    let thingIdf = 0;
    let thingSaid = 0;
    let headInName = 0;
    let headSaid = 0;
    let several = false;
    for (let pair = 0; pair < end; pair += 2) {
      const term = read[pair] ?? 0;
      const mark = read[pair + 1] ?? 0;
      const position = hinted[term & 1023] === 1 ? positions.get(term) : undefined;
      const named = ((counts[mark] ?? 0) & nameFields) !== 0;
      if (named) {
        const idf = rareness(term);
        nameIdf += idf;
        if (position !== undefined) nameSaid += idf;
        const verb = verbs(index.vocabulary.term(term) ?? '');
        toolVerbs |= verb;
        if (verb === 0) {
          thingIdf += idf;
          if (position !== undefined) thingSaid += idf;
        }
      }
      if (position === undefined) continue;
      const idf = weighed.idf[position] ?? 0;
      said += idf;
      if (named) saidInName += idf;
      if (inHead[position] === true) {
        headSaid += idf;
        if (named) {
          headInName += idf;
          if (inPlural[position] === true) several = true;
        }
      }
      const score = weighed.contribution(position, slot, mark);
      lexical += score;
      const bits = weighed.terms[position]?.segments ?? 0;
      for (let segment = 0; segment < segmentCount; segment += 1) {
        const cell = row * segmentCount + segment;
        if ((bits >>> segment) & 1) segmentScores[cell] = (segmentScores[cell] ?? 0) + score;
      }
    }
    set(at.lexical, lexical / (weighed.best || 1));
    set(at.nameSaid, nameIdf === 0 ? 0 : nameSaid / nameIdf);
    set(at.thingSaid, thingIdf === 0 ? 0 : thingSaid / thingIdf);
    set(at.headInName, headIdf === 0 ? 0 : headInName / headIdf);
    set(at.headSaid, headIdf === 0 ? 0 : headSaid / headIdf);
    const lists = (toolVerbs & listing) !== 0;
    set(at.manyListed, several && lists ? 1 : 0);
    set(at.manyRead, several && !lists && (toolVerbs & reading) !== 0 ? 1 : 0);
    set(at.saidInName, saidInName / totalIdf);
    set(at.said, said / totalIdf);
    set(at.verbAgrees, (toolVerbs & queryVerbs) === 0 ? 0 : 1);
    set(at.verbDiffers, differ(toolVerbs, queryVerbs) ? 1 : 0);
    set(at.dense, Math.max(0, candidates.similarity[row] ?? 0));
    set(at.denseHeadline, Math.max(0, candidates.headline[row] ?? 0));
    set(at.denseHeadlineSegment, Math.max(0, candidates.segmentHeadline[row] ?? 0));
  });
  judgeSegments();
  judgeAgainstBest(at.lexical, at.lexicalShare, 0);
  judgeAgainstBest(at.dense, at.denseShare, Math.max(0, candidates.floor));
  judgeAgainstBest(at.denseHeadline, at.denseHeadlineShare, headlineFloor(candidates.headline));
  judgeRank(at.lexical, at.lexicalRank);
  judgeRank(at.dense, at.denseRank);
  judgeServers(at.lexical, at.serverLexical);
  judgeServers(at.dense, at.serverDense);
  return rows;

  function judgeSegments(): void {
    const nearest = candidates.segmentSimilarity;
    for (let segment = 0; segment < segmentCount; segment += 1) {
      const possible = (segmentIdf[segment] ?? 0) * perTerm || 1;
      let bestLexical = 0;
      let bestDense = 0;
      for (let row = 0; row < slots.length; row += 1) {
        bestLexical = Math.max(bestLexical, segmentScores[row * segmentCount + segment] ?? 0);
        bestDense = Math.max(bestDense, nearest[row * segmentCount + segment] ?? 0);
      }
      for (let row = 0; row < slots.length; row += 1) {
        const lexical = segmentScores[row * segmentCount + segment] ?? 0;
        const dense = nearest[row * segmentCount + segment] ?? 0;
        raise(row, at.segmentLexical, lexical / possible);
        raise(row, at.segmentDense, dense);
        if (bestLexical > 0) raise(row, at.segmentLexicalBest, (lexical / bestLexical) ** 2);
        if (bestDense > 0) raise(row, at.segmentDenseBest, (Math.max(0, dense) / bestDense) ** 2);
      }
    }
  }

  function raise(row: number, feature: number, value: number): void {
    const cell = row * featureCount + feature;
    rows[cell] = Math.max(rows[cell] ?? 0, value);
  }

  function judgeAgainstBest(from: number, to: number, floor: number): void {
    let best = 0;
    for (let row = 0; row < slots.length; row += 1) best = Math.max(best, rows[row * featureCount + from] ?? 0);
    if (best <= floor) return;
    for (let row = 0; row < slots.length; row += 1) {
      const value = rows[row * featureCount + from] ?? 0;
      rows[row * featureCount + to] = Math.max(0, (value - floor) / (best - floor));
    }
  }

  /** What is equally good has the same rank. */
  function judgeRank(from: number, to: number): void {
    const sorted = new Float64Array(slots.length);
    for (let row = 0; row < slots.length; row += 1) sorted[row] = rows[row * featureCount + from] ?? 0;
    sorted.sort();
    for (let row = 0; row < slots.length; row += 1) {
      const value = rows[row * featureCount + from] ?? 0;
      if (value > 0) rows[row * featureCount + to] = 1 / (1 + (slots.length - notAbove(sorted, value)) / 3);
    }
  }

  function judgeServers(from: number, to: number): void {
    const best = new Map<number, [number, number, number]>();
    slots.forEach((slot, row) => {
      const value = rows[row * featureCount + from] ?? 0;
      const server = serverOf[slot] ?? 0;
      const top = best.get(server) ?? [0, 0, 0];
      if (value > top[0]) best.set(server, [value, top[0], top[1]]);
      else if (value > top[1]) best.set(server, [top[0], value, top[1]]);
      else if (value > top[2]) best.set(server, [top[0], top[1], value]);
    });
    slots.forEach((slot, row) => {
      const server = serverOf[slot] ?? 0;
      const [first, second, third] = best.get(server) ?? [0, 0, 0];
      const counted = Math.min(3, corpus.serverSizes[server] ?? 1);
      rows[row * featureCount + to] = (first + second + third) / counted;
    });
  }
}

/** How many of the values, which ascend, are not above this one. */
function notAbove(values: Float64Array, value: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((values[middle] ?? 0) > value + same) high = middle;
    else low = middle + 1;
  }
  return low;
}

function createRareness(index: LexicalIndex, corpus: Corpus): (term: number) => number {
  const known = new Map<number, number>();
  return (term) => {
    const before = known.get(term);
    if (before !== undefined) return before;
    const value = Math.log(1 + (corpus.tools + 0.5) / (index.countTools(term, corpus.allowed) + 0.5));
    known.set(term, value);
    return value;
  };
}

/** As low as the hundredth best. */
function headlineFloor(similarities: Float64Array): number {
  return Math.max(0, similarities.toSorted()[Math.max(0, similarities.length - 100)] ?? 0);
}
