const runs = /[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu;

const parts = /\p{Lu}+(?![\p{Ll}\p{M}])|\p{Lu}?[\p{Ll}\p{M}]+|\p{N}+|[\p{L}\p{M}]+/gu;

/** Scripts that are written without spaces, or glue particles to words: two neighbouring letters are their unit of search. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const stretches =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}ー\p{M}]+|[^\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}ー\p{M}]+/gu;

/** Letters and digits in a row; marks belong to the letter before them. `match` and not `matchAll`, which makes four objects a run. */
export function runsOf(text: string): readonly string[] {
  return text.match(runs) ?? [];
}

/** The words in one run, in their order and case: `listUserID2` is `list`, `User`, `ID`, `2`. */
export function splitRun(run: string): readonly string[] {
  if (!unspaced.test(run)) return run.match(parts) ?? [];
  const words: string[] = [];
  for (const stretch of run.match(stretches) ?? []) {
    if (unspaced.test(stretch)) words.push(...bigrams(stretch));
    else words.push(...(stretch.match(parts) ?? []));
  }
  return words;
}

function bigrams(stretch: string): readonly string[] {
  const letters = Array.from(stretch);
  if (letters.length < 2) return letters;
  return letters.slice(1).map((letter, index) => `${letters[index] ?? ''}${letter}`);
}
