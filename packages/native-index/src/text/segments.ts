const maxSegments = 8;
const shortest = 12;

/** Where one wish ends and the next begins: ends of sentences, and the words with which people go on to the next thing. */
const borders =
  /[.!?;。！？；]+(?=\s|$)|[。！？；\n]+|,?\s+(?:and (?:then|also)|then|also|additionally|finally|next|afterwards?|after that|furthermore|moreover|besides|lastly)\b,?|,\s+and\s/giu;

/** The parts of a request that each ask for something of their own, at most eight; one for a plain request. */
export function segments(query: string): readonly string[] {
  const found: string[] = [];
  for (const piece of query.split(borders)) {
    const text = piece.trim();
    if (text.length === 0) continue;
    const last = found.at(-1);
    // Too short to ask for anything: belongs to what came before it.
    if (last !== undefined && (text.length < shortest || last.length < shortest || found.length === maxSegments)) {
      found[found.length - 1] = `${last} ${text}`;
    } else found.push(text);
  }
  return found;
}
