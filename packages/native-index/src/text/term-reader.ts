import { stemmer } from 'stemmer';
import { runsOf, splitRun } from './split-run.ts';
import { stopWords } from './stop-words.ts';

const longestTerm = 40;
const longestRun = 256;
const mostYoung = 1024;

/** Turns text into terms: what both tools and queries are compared by. */
export interface TermReader {
  /** The terms of a text, in order, stop words left out. Reads at most `maxLength` characters. */
  read(text: string, maxLength: number): string[];
  /** The terms of one word. */
  readWord(word: string): readonly string[];
  /** The terms that two neighbouring words would make if they were written as one: `key vault` gives `keyvault`. */
  readJoined(text: string, maxLength: number): string[];
}

/** Remembers the terms of up to 2,048 runs of letters, since catalogues repeat themselves: those that came last, and those before them. */
export function createTermReader(): TermReader {
  let young = new Map<string, readonly string[]>();
  let old: ReadonlyMap<string, readonly string[]> = new Map();
  const remember = (run: string, terms: readonly string[]): readonly string[] => {
    if (young.size >= mostYoung) {
      old = young;
      young = new Map();
    }
    young.set(run, terms);
    return terms;
  };
  const termsOf = (run: string): readonly string[] => {
    const known = young.get(run);
    if (known !== undefined) return known;
    const before = old.get(run);
    if (before !== undefined) return remember(run, before);
    const words = splitRun(run);
    // A name of two parts (`GitHub`, `OAuth2`) is read as a whole too, since people write it both ways.
    const whole = words.length === 2 && words.join('') === run ? [run] : [];
    const terms = [...words, ...whole].flatMap((word) => toTerm(word));
    return remember(run, terms);
  };
  return {
    read(text, maxLength) {
      const terms: string[] = [];
      for (const run of runsOf(plain(text.slice(0, maxLength)))) {
        for (const term of termsOf(run.length > longestRun ? run.slice(0, longestRun) : run)) terms.push(term);
      }
      return terms;
    },
    readWord: (word) => termsOf(plain(word).slice(0, longestRun)),
    readJoined(text, maxLength) {
      const words = runsOf(plain(text.slice(0, maxLength)));
      return words.slice(1).flatMap((word, index) => {
        const joined = `${words[index] ?? ''}${word}`;
        const told = !stopWords.has(word.toLowerCase()) && !stopWords.has((words[index] ?? '').toLowerCase());
        return told && joined.length <= longestTerm ? toTerm(joined) : [];
      });
    },
  };
}

/** One way of writing for what looks alike: compatibility forms are unfolded, and Latin letters lose their accents. */
function plain(text: string): string {
  if (!/[^\0-\x7f]/.test(text)) return text;
  return text
    .normalize('NFKD')
    .replaceAll(/(\p{Script=Latin})\p{M}+/gu, '$1')
    .normalize('NFC');
}

function toTerm(word: string): readonly string[] {
  const lower = word.toLowerCase();
  if (stopWords.has(lower)) return [];
  const short = lower.length > longestTerm ? lower.slice(0, longestTerm) : lower;
  return [/^[a-z]{3,}$/.test(short) ? stemmer(short) : short];
}
