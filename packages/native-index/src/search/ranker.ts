import type { SlotSet } from '@toolyard/protocol';
import {
  gatherCandidates,
  wordCandidates,
  type Candidates,
  type QueryVectors,
  type VectorPair,
} from '../fusion/candidates.ts';
import { createComparison, type Comparison } from '../fusion/comparison.ts';
import { judge } from '../fusion/judge.ts';
import { rank, type Ranked } from '../fusion/rank.ts';
import { fittedWeights } from '../fusion/fitted-weights.ts';
import { requestWeights } from '../fusion/request-weights.ts';
import { bm25Options, type FittedRanking, type Weights } from '../fusion/weights.ts';
import { createPieceJudge } from '../late/piece-judge.ts';
import type { ToolPieces } from '../late/tool-pieces.ts';
import { weighTerms, type WeighedTerms } from '../lexical/bm25f.ts';
import { measureCorpus, type Corpus } from '../lexical/corpus.ts';
import type { LexicalIndex } from '../lexical/lexical-index.ts';
import { queryTerms } from '../lexical/query-terms.ts';
import type { Slots } from '../store/slots.ts';
import type { TermReader } from '../text/term-reader.ts';
import { readHeads } from '../text/heads.ts';
import { createAskedVerbs } from '../text/asked-verbs.ts';

export interface Ranking {
  readonly ranked: readonly Ranked[];
  /** Features of all candidates. */
  readonly rows: Float64Array;
  readonly weighed: WeighedTerms;
  readonly weights: Weights;
  readonly candidates: Candidates;
  readonly corpus: Corpus;
}

export interface RankRequest {
  readonly query: string;
  /** The parts of the query. */
  readonly segments: readonly string[];
  readonly vectors: QueryVectors | undefined;
  readonly allowed: SlotSet | undefined;
  /** How many tools will be asked for at most. */
  readonly limit: number;
  /** A slot that has to be ranked. */
  readonly slot?: number | undefined;
}

/** What there is of meaning. */
export interface Meaning extends VectorPair {
  readonly pieces: ToolPieces | undefined;
}

/** Ranks all tools for a query in one go, without waiting for anything. */
export interface Ranker {
  rank(request: RankRequest): Ranking;
  /** The tools are not what they were. */
  changed(): void;
}

export function createRanker(
  lexical: LexicalIndex,
  slots: Slots,
  reader: TermReader,
  dense: Meaning | undefined,
): Ranker {
  const verbs = createAskedVerbs();
  const judgePieces = dense?.pieces && createPieceJudge(dense.pieces, (slot) => slots.id(slot));
  const comparisons = {
    pieces: comparisonOf(fittedWeights.pieces),
    vectors: comparisonOf(fittedWeights.vectors),
    words: comparisonOf(fittedWeights.words),
  };
  let corpusOfAll: Corpus | undefined;
  let scores = new Float32Array(0);
  let touched = new Uint32Array(0);

  return {
    changed() {
      corpusOfAll = undefined;
    },
    rank({ query, segments, vectors, allowed, limit, slot }) {
      const corpus =
        allowed === undefined
          ? (corpusOfAll ??= measureCorpus(lexical, slots, undefined))
          : measureCorpus(lexical, slots, allowed);
      if (scores.length < slots.bound) {
        scores = new Float32Array(Math.ceil(slots.bound * 1.5));
        touched = new Uint32Array(scores.length);
      }
      const weighed = weighTerms(
        queryTerms(segments, lexical, reader, allowed),
        lexical,
        corpus,
        slots.serverOf,
        bm25Options,
      );
      const count = weighed.scoreAll(scores, touched, wordCandidates(limit));
      const candidates = gatherCandidates({
        touched: { slots: touched, count, scores },
        vectors: dense,
        query: vectors,
        segmentCount: segments.length,
        allowed,
        limit,
        extra: slot,
      });
      // Where many have a score, wiping all of them takes less time than going from one to the next.
      if (16 * count > scores.length) scores.fill(0);
      else for (let at = 0; at < count; at += 1) scores[touched[at] ?? 0] = 0;
      const rows = judge(
        candidates,
        weighed,
        lexical,
        corpus,
        slots.serverOf,
        readHeads(segments, reader, verbs),
        verbs,
      );
      const whole = vectors?.whole !== undefined;
      if (whole) judgePieces?.(candidates.slots, rows, query);
      const known = !whole ? 'words' : judgePieces === undefined ? 'vectors' : 'pieces';
      const weights = requestWeights(fittedWeights[known][segments.length > 1 ? 'several' : 'one'], rows);
      return {
        ranked: rank(candidates, rows, weights, comparisons[known], slots),
        rows,
        weighed,
        weights,
        candidates,
        corpus,
      };
    },
  };
}

function comparisonOf({ compared }: FittedRanking): Comparison | undefined {
  return compared && createComparison(compared);
}
