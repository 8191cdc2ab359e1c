import type { ToolDocument } from '@toolyard/native-index';
import { details, endings, kinds, nouns, parameters, syllables, verbs } from './words.ts';

const toolsOfServer = 25;
const nounsOfServer = 8;

export interface Catalogue {
  /** The same for the same number, whenever it is asked for. */
  tool(number: number): ToolDocument;
  /** A wish for one thing, of some ten words. */
  shortQuery(number: number): string;
  /** A wish for several things, of some sixty words. */
  longQuery(number: number): string;
}

/** Tools of made-up products: what they are called, what they say and how long they are follows what MCP servers list. No data is read. */
export function catalogue(tools: number): Catalogue {
  const servers = Math.ceil(tools / toolsOfServer);
  return {
    tool,
    shortQuery: (number) => wish(numbers(number * 2 + 1_000_003), servers),
    longQuery(number) {
      const next = numbers(number * 2 + 2_000_004);
      const [a, b, c, d] = [wish(next, servers), wish(next, servers), wish(next, servers), pick(next, details)];
      return `We are preparing the review for the board and I am short of time this week. First ${a}. Then ${b}, and also ${c}. ${d} At the end give me a short summary of all that was done so that I can forward it to my manager.`;
    },
  };
}

function tool(number: number): ToolDocument {
  const server = Math.floor(number / toolsOfServer);
  const next = numbers(number);
  const product = productOf(server);
  const [verb, says] = verbs[(number * 7 + server) % verbs.length] ?? ['get', 'Returns'];
  const noun = nounOf(server, number);
  const kind = next() < 0.4 ? pick(next, kinds) : '';
  const thing = kind === '' ? noun : `${kind} ${noun}`;
  const sentences = Array.from({ length: 1 + Math.floor(next() * 3.5) }, () => pick(next, details));
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
    description: `${says} ${thing}s in ${product}, with their ${nounOf(server, number + 3)}s. ${sentences.join(' ')}`,
    inputSchema: { type: 'object', properties, required: [`${noun}_id`] },
    serverDescription: `${product} keeps ${nounOf(server, 0)}s, ${nounOf(server, 1)}s and ${nounOf(server, 2)}s for teams.`,
  };
}

function wish(next: () => number, servers: number): string {
  const server = Math.floor(next() * servers);
  const [verb] = pick(next, verbs);
  const noun = nounOf(server, Math.floor(next() * nounsOfServer));
  const place = next() < 0.5 ? ` in ${productOf(server)}` : ' of our team';
  return `${verb} the ${pick(next, kinds)} ${noun}s that were changed last ${pick(next, ['week', 'month', 'night'])}${place}`;
}

function productOf(server: number): string {
  const next = numbers(server + 500_009);
  const name = `${pick(next, syllables)}${pick(next, syllables)}${pick(next, syllables)}${pick(next, endings)}`;
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

function nounOf(server: number, number: number): string {
  return nouns[(server * 13 + (number % nounsOfServer) * 5) % nouns.length] ?? 'item';
}

function pick<T>(next: () => number, list: readonly [T, ...T[]] | readonly T[]): T {
  const found = list[Math.floor(next() * list.length)];
  if (found === undefined) throw new RangeError('the list is empty');
  return found;
}

/** Numbers from 0 to 1 that look random and follow from the seed (SplitMix32). */
function numbers(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e37_79b9);
  return () => {
    state = (state + 0x9e37_79b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0_aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a_2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}
