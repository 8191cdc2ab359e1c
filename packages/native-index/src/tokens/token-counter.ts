import { hash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';

const remembered = 20_000;
/** Texts are counted in portions of so many characters, and other work has its turn between them. */
const portion = 16_384;
/** The tokenizer's time grows with the square of a run of letters, of signs or of blanks, which no text in any language has longer than this. */
const longestRun = 256;
const longRun = new RegExp(
  [String.raw`[\p{L}\p{M}]`, String.raw`[^\s\p{L}\p{N}]`, String.raw`\s`]
    .map((kind) => `${kind}{${longestRun + 1},}`)
    .join('|'),
  'u',
);

/** Counts what a text costs a model, in tokens of o200k, the encoding of OpenAI's models since GPT-4o. */
export interface TokenCounter {
  count(text: string): Promise<number>;
}

/**
 * Loads the tokenizer with the first count, and remembers the counts of the last 20,000 texts by their fingerprint. A text is counted in portions of
 * 16,384 characters, and in pieces of 256 where it runs on without a break: for such texts the count may be a little too high.
 */
export function createTokenCounter(): TokenCounter {
  const counts = new LRUCache<string, number>({ max: remembered });
  return {
    async count(text) {
      const key = hash('sha256', text, 'base64url').slice(0, 22);
      const known = counts.get(key);
      if (known !== undefined) return known;
      const { countTokens } = await import('gpt-tokenizer/encoding/o200k_base');
      let count = 0;
      for (let from = 0; from < text.length; from += portion) {
        if (from > 0) await setImmediate();
        const part = text.slice(from, from + portion);
        // What looks like a special token is text like any other here.
        for (const piece of pieces(part)) count += countTokens(piece, { disallowedSpecial: new Set() });
      }
      counts.set(key, count);
      return count;
    },
  };
}

function pieces(text: string): readonly string[] {
  if (!longRun.test(text)) return [text];
  return Array.from({ length: Math.ceil(text.length / longestRun) }, (_, at) =>
    text.slice(at * longestRun, (at + 1) * longestRun),
  );
}
