import type { ToolDocument } from '@toolyard/native-index';
import { details, endings, kinds, nouns, parameters, syllables, verbs } from './words.ts';
import { type Draw, draws, pick, zipf } from './draws.ts';

const fewestTools = 5;
const mostTools = 60;
const nounsOfServer = 8;
const madeUpWords = 12_000;

export interface Catalogue {
  readonly servers: number;
  /** The same for the same number, whenever it is asked for. */
  tool(number: number): ToolDocument;
  /** A wish for one thing, of some ten words. */
  shortQuery(number: number): string;
  /** A wish for several things, of some sixty words. */
  longQuery(number: number): string;
}

/**
 * Tools of made-up products, as many a server and as long as MCP servers list them. How often a word stands in how many tools follows Zipf's law, as in
 * what people write: that is what the time of a search depends on. No data is read.
 */
export function catalogue(tools: number): Catalogue {
  const serverOf = new Uint32Array(tools);
  let servers = 0;
  for (let from = 0; from < tools; servers += 1) {
    const size = fewestTools + Math.floor((mostTools - fewestTools + 1) * draws(servers + 700_001)() ** 2);
    serverOf.fill(servers, from, from + size);
    from += size;
  }
  const words = vocabulary();
  const rank = zipf(words.length);
  const word = (next: Draw): string => words[rank(next())] ?? '';
  return {
    servers,
    tool: (number) => tool(number, serverOf[number] ?? 0, word),
    shortQuery: (number) => wish(draws(number * 2 + 1_000_003), servers, word),
    longQuery(number) {
      const next = draws(number * 2 + 2_000_004);
      const [a, b, c] = [wish(next, servers, word), wish(next, servers, word), wish(next, servers, word)];
      return `We are preparing the review for the board and I am short of time this week. First ${a}. Then ${b}, and also ${c}. ${pick(next, details)} At the end give me a short summary of all that was done so that I can forward it to my manager.`;
    },
  };
}

/** The most frequent first: plain words, things, and then names and jargon. */
function vocabulary(): readonly string[] {
  const plain = details.flatMap((sentence) => sentence.toLowerCase().match(/\p{L}+/gu) ?? []);
  const next = draws(900_007);
  const madeUp = Array.from({ length: madeUpWords }, () => `${syllable(next)}${syllable(next)}${syllable(next)}`);
  return [...new Set([...plain, ...nouns, ...madeUp])];
}

function tool(number: number, server: number, word: (next: Draw) => string): ToolDocument {
  const next = draws(number);
  const product = productOf(server);
  const [verb, says] = pick(next, verbs);
  const noun = nounOf(server, number);
  const kind = next() < 0.4 ? pick(next, kinds) : '';
  const thing = kind === '' ? noun : `${kind} ${noun}`;
  const sentences = Array.from({ length: 1 + Math.floor(next() * 2.5) }, () => sentence(next, word));
  const properties: Record<string, unknown> = {};
  properties[`${noun}_id`] = { type: 'string', description: `The ${noun}, as ${product} lists it.` };
  for (let left = Math.floor(next() * 6); left > 0; left -= 1) {
    const [name, type, description] = pick(next, parameters);
    properties[name] = { type, description };
  }
  return {
    id: `${product.toLowerCase()}__${verb}_${thing.replace(' ', '_')}_${number}`,
    server: product.toLowerCase(),
    name: `${verb}_${thing.replace(' ', '_')}`,
    description: `${says} ${thing}s in ${product}. ${sentences.join(' ')}`,
    inputSchema: { type: 'object', properties, required: [`${noun}_id`] },
    serverDescription: `${product}: ${nounOf(server, 0)}s, ${nounOf(server, 1)}s and ${nounOf(server, 2)}s.`,
  };
}

function sentence(next: Draw, word: (next: Draw) => string): string {
  const words = Array.from({ length: 6 + Math.floor(next() * 9) }, () => word(next)).join(' ');
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}

function wish(next: Draw, servers: number, word: (next: Draw) => string): string {
  const server = Math.floor(next() * servers);
  const [verb] = pick(next, verbs);
  const noun = nounOf(server, Math.floor(next() * nounsOfServer));
  const place = next() < 0.5 ? ` in ${productOf(server)}` : ` of our ${word(next)}`;
  return `${verb} the ${pick(next, kinds)} ${noun}s that were changed last ${pick(next, ['week', 'month', 'night'])}${place}`;
}

function productOf(server: number): string {
  const next = draws(server + 500_009);
  const name = `${syllable(next)}${syllable(next)}${syllable(next)}${pick(next, endings)}`;
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

function syllable(next: Draw): string {
  return pick(next, syllables);
}

function nounOf(server: number, number: number): string {
  return nouns[(server * 13 + (number % nounsOfServer) * 5) % nouns.length] ?? 'item';
}
