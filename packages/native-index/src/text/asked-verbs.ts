import { stemmer } from 'stemmer';
import { createVerbKinds, type VerbKinds } from './verbs.ts';

/** Reading many things and reading one are told apart here, in bits beyond those of `createVerbKinds`. */
export const listing: number = 1 << 20;
export const reading: number = 1 << 21;

const anyReading = 1;
const manyWords = 'list enumerate browse search find all';
const oneWords = 'detail details info information';

/** As `createVerbKinds`, but with `listing` or `reading` instead of the one kind for both, and with the nouns that ask for either. */
export function createAskedVerbs(): VerbKinds {
  const kinds = createVerbKinds();
  const many = new Set(manyWords.split(' ').map((word) => stemmer(word)));
  const one = new Set(oneWords.split(' ').map((word) => stemmer(word)));
  return (term) => {
    if (many.has(term)) return listing;
    if (one.has(term)) return reading;
    const kind = kinds(term);
    return kind === anyReading ? reading : kind;
  };
}

/** Whether neither does anything that the other does; reading one thing and listing many are not that far apart. */
export function differ(a: number, b: number): boolean {
  const widened = (a & (listing | reading)) === 0 ? a : a | listing | reading;
  return a !== 0 && b !== 0 && (widened & b) === 0;
}
