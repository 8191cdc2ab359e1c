import { distance } from 'fastest-levenshtein';
import type { SlotSet } from '@toolyard/protocol';
import type { TermReader } from '../text/term-reader.ts';
import { bitsIn, lettersOf } from './letters.ts';
import type { LexicalIndex } from './lexical-index.ts';

const maxQueryLength = 8192;
const maxTerms = 96;
const maxCorrected = 8;

/** One word of a query as the index knows it. */
export interface QueryTerm {
  readonly number: number;
  readonly text: string;
  /** How the query had it, where that is no term of the index. */
  readonly typed: string | undefined;
  /** Less than 1 for what is only probably meant; more for what was said again. */
  weight: number;
  /** Bit `n`: it stands in segment `n`. */
  segments: number;
}

/** The terms of a query, of which, among the tools that are allowed, the index knows at least one tool each. Words that it does not know are corrected, joined or taken apart. */
export function queryTerms(
  segments: readonly string[],
  index: LexicalIndex,
  reader: TermReader,
  allowed: SlotSet | undefined,
): readonly QueryTerm[] {
  const { vocabulary } = index;
  const numberOf = (term: string): number | undefined => {
    const number = vocabulary.number(term);
    return number === undefined || !index.isUsed(number, allowed) ? undefined : number;
  };
  const found = new Map<number, QueryTerm>();
  const unknown = new Map<string, number>();
  const take = (text: string, weight: number, bits: number, typed?: string): void => {
    const number = numberOf(text);
    if (number === undefined) return;
    const known = found.get(number);
    if (known === undefined) {
      if (found.size < maxTerms) found.set(number, { number, text, typed, weight, segments: bits });
      return;
    }
    known.segments |= bits;
    known.weight = Math.min(known.weight + 0.25 * weight, 2);
  };
  let left = maxQueryLength;
  segments.forEach((segment, position) => {
    const bits = 1 << position;
    const length = Math.min(left, segment.length);
    left -= length;
    for (const term of reader.read(segment, length)) {
      if (numberOf(term) === undefined) unknown.set(term, (unknown.get(term) ?? 0) | bits);
      else take(term, 1, bits);
    }
    for (const term of reader.readJoined(segment, length)) take(term, 1, bits, term);
  });
  let corrected = 0;
  for (const [word, bits] of unknown) {
    if (corrected >= maxCorrected) break;
    if (!/^\p{L}{4,}$/u.test(word)) continue;
    corrected += 1;
    const parts = takeApart(word, numberOf);
    if (parts.length > 0) for (const part of parts) take(part, 1, bits, word);
    else for (const term of nearest(word, index, allowed)) take(term, 0.6, bits, word);
  }
  return [...found.values()];
}

/** Two terms of the index that the word is made of, if there are. The longest first part wins. */
function takeApart(word: string, numberOf: (term: string) => number | undefined): readonly string[] {
  for (let cut = word.length - 3; cut >= 3; cut -= 1) {
    const parts = [word.slice(0, cut), word.slice(cut)];
    if (parts.every((part) => numberOf(part) !== undefined)) return parts;
  }
  return [];
}

/** The terms that are spelt most alike: within one change, from eight letters within two; at most three. */
function nearest(word: string, index: LexicalIndex, allowed: SlotSet | undefined): readonly string[] {
  const { vocabulary } = index;
  const letters = lettersOf(word);
  let reach = word.length >= 8 ? 2 : 1;
  let found: string[] = [];
  for (let number = 0; number < vocabulary.bound; number += 1) {
    // A change touches at most two letters, so most terms are ruled out without being looked at.
    if (bitsIn(letters ^ vocabulary.letters(number)) > 2 * reach) continue;
    const term = vocabulary.term(number);
    if (term === undefined || Math.abs(term.length - word.length) > reach) continue;
    const away = isSwapped(word, term) ? 1 : distance(word, term);
    if (away > reach || !index.isUsed(number, allowed)) continue;
    if (away < reach) found = [];
    reach = away;
    found.push(term);
  }
  return found.slice(0, 3);
}

/** Two neighbouring letters have changed places. */
function isSwapped(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  return a[at] === b[at + 1] && a[at + 1] === b[at] && a.slice(at + 2) === b.slice(at + 2);
}
