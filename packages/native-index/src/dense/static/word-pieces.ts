import { normalise } from './normalise.ts';

/** How much of a text is read, in UTF-16 units: what a tool is for stands at its beginning. */
export const maxCharacters = 16_384;
export const maxPieces = 512;
/** In code points; a longer word is unknown (Devlin et al. 2018, `WordpieceTokenizer`). */
const maxWordLength = 100;
const unknown = 0;
const word = /\S+/g;

export interface WordPieces {
  /** Numbers of a text's first pieces, in order; 0 for each word that the vocabulary cannot make up. Default and bound for `most`: `maxPieces`. */
  encode(text: string, most?: number): number[];
}

/**
 * WordPiece, the longest match first.
 * @param vocabulary A piece's number is its place; the unknown word stands at 0, and `##` marks a piece that goes on with a word.
 */
export function wordPieces(vocabulary: readonly string[]): WordPieces {
  const pieces = new Map<string, number>();
  let longest = 0;
  for (const [id, piece] of vocabulary.entries()) {
    if (id === unknown) continue;
    pieces.set(piece, id);
    longest = Math.max(longest, piece.length);
  }

  /** Appends the pieces of a word that is not a piece itself; no more look-ups a place than the longest piece has letters. */
  function cut(text: string, into: number[]): void {
    const before = into.length;
    let at = 0;
    while (at < text.length) {
      const id = longestAt(text, at);
      if (id === undefined) break;
      into.push(id);
      at += (vocabulary[id]?.length ?? 0) - (at === 0 ? 0 : 2);
    }
    if (at === text.length) return;
    into.length = before;
    into.push(unknown);
  }

  function longestAt(text: string, at: number): number | undefined {
    const prefix = at === 0 ? '' : '##';
    for (let end = Math.min(text.length, at + longest); end > at; end -= 1) {
      const id = pieces.get(prefix + text.slice(at, end));
      if (id !== undefined) return id;
    }
    return undefined;
  }

  return {
    encode(text, most = maxPieces) {
      const bound = Math.min(most, maxPieces);
      const ids: number[] = [];
      for (const found of normalise(text.slice(0, maxCharacters)).match(word) ?? []) {
        const whole = pieces.get(found);
        if (whole !== undefined) ids.push(whole);
        else if (tooLong(found)) ids.push(unknown);
        else cut(found, ids);
        if (ids.length >= bound) break;
      }
      return ids.slice(0, bound);
    },
  };
}

function tooLong(text: string): boolean {
  return text.length > maxWordLength && (text.length > 2 * maxWordLength || Array.from(text).length > maxWordLength);
}
