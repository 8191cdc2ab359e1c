import { runsOf } from './split-run.ts';
import type { TermReader } from './term-reader.ts';
import type { VerbKinds } from './verbs.ts';

/** English words that begin to tell where, how or whose, once it is said what. */
const borders: ReadonlySet<string> = new Set(
  'in on at for from with within under using by about into to inside across over against via that which where when while during between through and'.split(
    ' ',
  ),
);
const maxWords = 64;

/** What the grammar of a request tells of its terms. */
export interface Heads {
  /** Terms of what is asked for, without where and how: `show the tables in the database` has `table`. */
  readonly head: ReadonlySet<string>;
  /** Terms that stand in the plural. */
  readonly plural: ReadonlySet<string>;
  /** What is to be done, as bits of `createAskedVerbs`; also where no tool has the word. */
  readonly verbs: number;
}

export function readHeads(segments: readonly string[], reader: TermReader, verbs: VerbKinds): Heads {
  const head = new Set<string>();
  const plural = new Set<string>();
  let asked = 0;
  for (const segment of segments) {
    let inHead = true;
    let things = 0;
    for (const word of runsOf(segment.slice(0, 2048)).slice(0, maxWords)) {
      if (things > 0 && borders.has(word.toLowerCase())) inHead = false;
      for (const term of reader.readWord(word)) {
        if (/[^sui]s$|ies$/i.test(word) && word.length > 3) plural.add(term);
        asked |= verbs(term);
        if (!inHead) continue;
        head.add(term);
        if (verbs(term) === 0) things += 1;
      }
    }
  }
  return { head, plural, verbs: asked };
}
