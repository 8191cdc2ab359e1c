const plainText = /^[\t\n\r\x20-\x7e]*$/;
/** Control, format, private, surrogate and unassigned code points; tabs and line ends count as blanks. */
const dropped = /(?![\t\n\r])[\p{C}\ufffd]/gu;
const blank = /\s/gu;
const accent = /\p{Mn}/gu;
/** Ideographs, the blocks that BERT takes as such. Each is a word of its own. */
const ideograph =
  /[\u{3400}-\u{4dbf}\u{4e00}-\u{9fff}\u{f900}-\u{faff}\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b920}-\u{2ceaf}\u{2f800}-\u{2fa1f}]/gu;
/** All marks of ASCII count, `$` and `+` too. */
const mark = /[!-/:-@[-`{-~]|\p{P}/gu;

/**
 * Text as BERT's uncased models cut it into words (Devlin et al. 2018, `BasicTokenizer`): no controls, no accents, lower case,
 * with blanks around punctuation and ideographs.
 */
export function normalise(text: string): string {
  if (plainText.test(text)) return text.toLowerCase().replace(mark, ' $& ');
  return (
    text
      .replace(dropped, '')
      .replace(blank, ' ')
      .replace(ideograph, ' $& ')
      .normalize('NFD')
      .replace(accent, '')
      // At the end of a word a capital sigma would become a letter of its own, which BERT's vocabulary does not know.
      .replaceAll('Σ', 'σ')
      .toLowerCase()
      .replace(mark, ' $& ')
  );
}
