import { featureCount, features } from '../fusion/features.ts';
import { inHeadline, inName, type ToolPieces } from './tool-pieces.ts';

/** So many of the candidates, those with most hope, are compared piece by piece. */
const mostTools = 100;
/** So many pieces of a query, those that tell most. */
const mostAsked = 64;
const hopeful = (['lexicalShare', 'denseShare', 'segmentLexicalBest', 'segmentDenseBest', 'nameSaid'] as const).map(
  (name) => features.indexOf(name),
);
const lateName = features.indexOf('lateName');
const lateHeadline = features.indexOf('lateHeadline');
const lateInHeadline = features.indexOf('lateInHeadline');

/** Fills in the features of late interaction, in rows in which all others are. */
export type PieceJudge = (slots: readonly number[], rows: Float64Array, query: string) => void;

/**
 * Late interaction (Khattab and Zaharia 2020, ColBERT): each piece counts as much as it is like the nearest piece of the other side, and weighs what its vector says,
 * the more the fewer of the compared tools have it. So tools that take no part leave no trace.
 *
 * `idOf`: settles which of equally hopeful tools are compared.
 */
export function createPieceJudge(tools: ToolPieces, idOf: (slot: number) => string): PieceJudge {
  const { vectors } = tools;
  /** By piece: one more than its place among those of this request; all 0 between requests. */
  const placeOf = new Uint32Array(vectors.bound);
  /** Tool after tool: places, and where in the tool the piece stands. */
  let entries = new Uint32Array(1024);

  return (slots, rows, query) => {
    const asked = heaviest(vectors.encode(query, Infinity), (piece) => vectors.weight(piece));
    if (asked.length === 0) return;
    const compared = mostHopeful(slots, rows, idOf);
    const distinct: number[] = [];
    const counts: number[] = [];
    const ends: number[] = [];
    let end = 0;
    for (const row of compared) {
      const count = tools.read(slots[row] ?? -1);
      const { pairs } = tools;
      if (end + 2 * count > entries.length) entries = grown(entries, 2 * (end + 2 * count));
      for (let at = 0; at < 2 * count; at += 2) {
        const piece = pairs[at] ?? 0;
        let place = (placeOf[piece] ?? 0) - 1;
        if (place === -1) {
          place = distinct.push(piece) - 1;
          counts.push(0);
          placeOf[piece] = place + 1;
        }
        counts[place] = (counts[place] ?? 0) + 1;
        entries[end++] = place;
        entries[end++] = pairs[at + 1] ?? 0;
      }
      ends.push(end);
    }

    const width = asked.length;
    const rarenessOf = rareness(compared.length);
    const weights = new Float64Array(distinct.length);
    for (let place = 0; place < distinct.length; place += 1)
      weights[place] = vectors.weight(distinct[place] ?? 0) * (rarenessOf[counts[place] ?? 0] ?? 0);
    const askedWeights = new Float64Array(width);
    for (let at = 0; at < width; at += 1) {
      const piece = asked[at] ?? 0;
      askedWeights[at] = vectors.weight(piece) * (rarenessOf[counts[(placeOf[piece] ?? 0) - 1] ?? 0] ?? 0);
    }
    for (const piece of distinct) placeOf[piece] = 0;

    const near = vectors.similarities(asked, distinct);
    const nearest = new Float32Array(distinct.length);
    for (let place = 0, cell = 0; place < distinct.length; place += 1) {
      let most = 0;
      for (const last = cell + width; cell < last; cell += 1) {
        const cosine = near[cell] ?? 0;
        if (cosine > most) most = cosine;
      }
      nearest[place] = most;
    }

    const best = new Float32Array(width);
    let askedTotal = 0;
    for (const weight of askedWeights) askedTotal += weight;
    let entry = 0;
    for (let position = 0; position < compared.length; position += 1) {
      let [name, ofName, headline, ofHeadline] = [0, 0, 0, 0];
      best.fill(0);
      for (const last = ends[position] ?? 0; entry < last; entry += 2) {
        const place = entries[entry] ?? 0;
        const marks = entries[entry + 1] ?? 0;
        const weight = weights[place] ?? 0;
        const meant = weight * (nearest[place] ?? 0);
        if ((marks & inName) !== 0) {
          name += meant;
          ofName += weight;
        }
        if ((marks & inHeadline) === 0) continue;
        headline += meant;
        ofHeadline += weight;
        for (let at = 0, from = place * width; at < width; at += 1, from += 1) {
          const cosine = near[from] ?? 0;
          if (cosine > (best[at] ?? 0)) best[at] = cosine;
        }
      }
      let said = 0;
      for (let at = 0; at < width; at += 1) said += (best[at] ?? 0) * (askedWeights[at] ?? 0);
      const to = (compared[position] ?? 0) * featureCount;
      rows[to + lateName] = ofName === 0 ? 0 : name / ofName;
      rows[to + lateHeadline] = ofHeadline === 0 ? 0 : headline / ofHeadline;
      rows[to + lateInHeadline] = askedTotal === 0 ? 0 : said / askedTotal;
    }
  };
}

/** Each piece once, the heaviest first; equally heavy ones in the order of their numbers. */
function heaviest(pieces: readonly number[], weightOf: (piece: number) => number): readonly number[] {
  return [...new Set(pieces)]
    .filter((piece) => weightOf(piece) > 0)
    .sort((a, b) => weightOf(b) - weightOf(a) || a - b)
    .slice(0, mostAsked);
}

function mostHopeful(slots: readonly number[], rows: Float64Array, idOf: (slot: number) => string): readonly number[] {
  const all = [...slots.keys()];
  if (all.length <= mostTools) return all;
  const hope = new Float64Array(all.length);
  for (const row of all)
    for (const feature of hopeful) hope[row] = (hope[row] ?? 0) + (rows[row * featureCount + feature] ?? 0);
  const least = hope.toSorted()[all.length - mostTools] ?? 0;
  const above = all.filter((row) => (hope[row] ?? 0) > least);
  const level = all.filter((row) => hope[row] === least);
  if (above.length + level.length > mostTools)
    level.sort((a, b) => (idOf(slots[a] ?? 0) < idOf(slots[b] ?? 0) ? -1 : 1));
  return [...above, ...level.slice(0, mostTools - above.length)];
}

/** By how many of so many tools have a piece: 1 for none. */
function rareness(tools: number): Float64Array {
  const by = new Float64Array(tools + 1);
  for (let count = 0; count <= tools; count += 1)
    by[count] = Math.log(1 + (tools - count + 0.5) / (count + 0.5)) / Math.log(2 * tools + 2);
  return by;
}

function grown(numbers: Uint32Array, length: number): Uint32Array<ArrayBuffer> {
  const longer = new Uint32Array(length);
  longer.set(numbers);
  return longer;
}
