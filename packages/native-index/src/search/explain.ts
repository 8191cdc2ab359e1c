import { features } from '../fusion/features.ts';
import { countIn, fields } from '../lexical/fields.ts';
import type { LexicalIndex } from '../lexical/lexical-index.ts';
import type { Slots } from '../store/slots.ts';
import type { Explanation, MatchedTerm } from '../tool-index.ts';
import type { Ranking } from './ranker.ts';
import { toHit } from './select.ts';

/** Why the tool in this slot stands where it stands. */
export function explainSlot(
  slot: number,
  ranking: Ranking,
  slots: Slots,
  lexical: LexicalIndex,
): Explanation | undefined {
  const at = ranking.ranked.findIndex((ranked) => ranked.slot === slot);
  const ranked = ranking.ranked[at];
  if (ranked === undefined) return undefined;
  return {
    ...toHit(slots, ranking.rows, ranked),
    rank: at + 1,
    terms: matchedTerms(slot, ranking, lexical),
    features: [
      ...features.map((name, feature) => ({
        name,
        value: ranking.rows[ranked.row + feature] ?? 0,
        weight: ranking.weights.features[name] ?? 0,
      })),
      { name: 'compared', value: ranked.compared, weight: 1 },
    ],
    bias: ranking.weights.bias,
  };
}

function matchedTerms(slot: number, { weighed }: Ranking, lexical: LexicalIndex): readonly MatchedTerm[] {
  const positions = new Map(weighed.terms.map(({ number }, position) => [number, position]));
  const end = 2 * lexical.readTerms(slot);
  const { read } = lexical;
  const matched: MatchedTerm[] = [];
  for (let at = 0; at < end; at += 2) {
    const position = positions.get(read[at] ?? 0);
    const term = position === undefined ? undefined : weighed.terms[position];
    if (position === undefined || term === undefined) continue;
    const mark = read[at + 1] ?? 0;
    const counts = lexical.marks.counts[mark] ?? 0;
    matched.push({
      term: term.text,
      typed: term.typed,
      fields: fields.filter((_, field) => countIn(counts, field) > 0),
      score: weighed.contribution(position, slot, mark) / (weighed.best || 1),
    });
  }
  return matched.sort((a, b) => b.score - a.score);
}
