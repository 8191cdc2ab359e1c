import { expect, it } from 'vitest';
import { bm25Options } from '../fusion/weights.ts';
import { Slots } from '../store/slots.ts';
import { weighTerms } from './bm25f.ts';
import { measureCorpus } from './corpus.ts';
import { LexicalIndex } from './lexical-index.ts';
import { topSlots } from './top-slots.ts';

const tools = 4000;
const fingerprint = 'x'.repeat(16);

/** Term `tN` stands in every N-th tool. */
function catalogue(): { readonly index: LexicalIndex; readonly slots: Slots } {
  const index = new LexicalIndex();
  const slots = new Slots();
  for (let slot = 0; slot < tools; slot += 1) {
    const terms = [1, 2, 3, 7, 40, 90].filter((every) => slot % every === 0).map((every) => `t${every}`);
    index.add(slot, [[`name${slot % 50}`], [], [...terms, ...Array.from({ length: slot % 9 }, () => 'more')]]);
    slots.put({
      id: `id${slot}`,
      server: `server${slot % 10}`,
      name: '',
      category: undefined,
      tags: [],
      hash: fingerprint,
      textKey: fingerprint,
    });
  }
  return { index, slots };
}

it('finds the best tools with their whole scores, though it does not look at every tool', () => {
  const { index, slots } = catalogue();
  const corpus = measureCorpus(index, slots, undefined);
  const terms = ['t1', 't40', 't2', 't90', 't3', 't7'].map((text) => ({
    number: index.vocabulary.number(text) ?? -1,
    text,
    typed: undefined,
    weight: 1,
    segments: 1,
  }));
  const weighed = weighTerms(terms, index, corpus, slots.serverOf, bm25Options);
  const whole = new Float32Array(tools);
  for (let slot = 0; slot < tools; slot += 1) {
    const end = 2 * index.readTerms(slot);
    for (let at = 0; at < end; at += 2) {
      const position = terms.findIndex(({ number }) => number === index.read[at]);
      if (position >= 0)
        whole[slot] = (whole[slot] ?? 0) + weighed.contribution(position, slot, index.read[at + 1] ?? 0);
    }
  }
  const all = Uint32Array.from({ length: tools }, (_, slot) => slot);
  const scores = new Float32Array(tools);
  const touched = new Uint32Array(tools);
  const reached = weighed.scoreAll(scores, touched, 20);
  expect(reached).toBeLessThan(tools / 2);
  const best = topSlots(touched, reached, scores, 20);
  const worst = whole[topSlots(all, tools, whole, 20)[0] ?? 0] ?? 0;
  for (const slot of best) {
    expect(scores[slot]).toBeCloseTo(whole[slot] ?? 0, 4);
    expect(whole[slot]).toBeGreaterThanOrEqual(worst - 1e-4);
  }
});
