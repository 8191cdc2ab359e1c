import { doing, type NameReader } from './name-parts.ts';
import { need, offer } from './tool-traits.ts';
import type { Trait, TraitIndex } from './trait-index.ts';
import type { EdgeKind } from './tool-graph.ts';

const maxEdges = 16;
/** A phrase that more tools offer tells none of them from the others. */
const mostOfferers = 64;

export interface InferredEdge {
  readonly to: number;
  readonly kind: EdgeKind;
  readonly weight: number;
}

/** How sure each reason makes, with one tool to choose from. */
const sureness = {
  /** It asks for a session. */
  login: 0.9,
  /** Its name has the account in it. */
  account: 0.5,
  mention: 0.8,
  exact: 0.7,
  identifier: 0.6,
  ambient: 0.6,
  state: 0.5,
  statePair: 0.6,
  sibling: 0.12,
};
const optional = 0.5;
const making = doing.get | doing.create;
const giving = making | doing.compute | doing.validate;

/** What the schemas and names say about what one tool needs; its most certain edges, at most 16. Always the same for the same tools. */
export function inferEdges(slot: number, index: TraitIndex, reader: NameReader): readonly InferredEdge[] {
  const server = index.tools.server(slot);
  const edges = new Edges(slot, server, index);
  /** How sure a login is that was not found by what is said of the session; 0 for a tool without one, -1 where it was found. */
  let session = 0;
  for (const [phrase, bits] of index.needsOf(slot)) {
    const share = bits & need.required ? 1 : optional;
    if (bits & need.login)
      session = edges.serve(phrase, any, sureness.login * share, false) ? -1 : sureness.login * share;
    if (bits & need.mention) serveMention(index.phrases.term(phrase) ?? '', edges, index, reader);
    if (bits & (need.exact | need.identifier | need.ambient)) serveParameter(phrase, bits, share, edges, index);
  }
  if (session >= 0) serveAccount(reader.words(index.tools.name(slot)), session, edges);
  linkSiblings(slot, server, edges, index);
  return edges.best();
}

type Fits = (offerer: Trait) => boolean;

const any: Fits = () => true;

/** The edges of one tool while they are looked for. */
class Edges {
  readonly #slot: number;
  readonly #server: string;
  readonly #index: TraitIndex;
  readonly #found = new Map<number, InferredEdge>();

  constructor(slot: number, server: string, index: TraitIndex) {
    this.#slot = slot;
    this.#server = server;
    this.#index = index;
  }

  take(to: number, kind: EdgeKind, weight: number): void {
    if (to !== this.#slot && weight > (this.#found.get(to)?.weight ?? 0)) this.#found.set(to, { to, kind, weight });
  }

  /** Edges to those of its own server that offer the phrase, or else to the only one of all others. The less sure, the more there are. */
  serve(phrase: number, fits: Fits, weight: number, abroad = true): boolean {
    const among = (server: string | undefined): readonly Trait[] =>
      this.#index
        .offering(phrase, server, mostOfferers)
        .filter((offerer) => offerer[0] !== this.#slot && fits(offerer));
    let offering = among(this.#server);
    if (offering.length === 0 && abroad) {
      offering = among(undefined);
      if (offering.length > 1) return false;
    }
    for (const [to] of offering) this.take(to, 'feeds', weight / Math.sqrt(offering.length));
    return offering.length > 0;
  }

  /** The same by its text; `false` also where nobody knows it. */
  serveText(text: string, fits: Fits, weight: number, abroad = true): boolean {
    const phrase = this.#index.phrases.number(text);
    return phrase !== undefined && this.serve(phrase, fits, weight, abroad);
  }

  /** An edge to the one tool of its server that offers the phrase, if it is but one. */
  serveOnly(text: string, weight: number): void {
    const phrase = this.#index.phrases.number(text);
    const [first, second] = phrase === undefined ? [] : this.#index.offering(phrase, this.#server, mostOfferers);
    if (first !== undefined && second === undefined) this.take(first[0], 'feeds', weight);
  }

  best(): readonly InferredEdge[] {
    const { tools } = this.#index;
    return [...this.#found.values()]
      .sort((a, b) => b.weight - a.weight || (tools.id(a.to) < tools.id(b.to) ? -1 : 1))
      .slice(0, maxEdges);
  }
}

function serveParameter(phrase: number, bits: number, share: number, edges: Edges, index: TraitIndex): void {
  const text = index.phrases.term(phrase) ?? '';
  if (bits & need.exact) {
    // What asks for the same cannot give it, unless it is to say whether it is right.
    const gives: Fits = ([to, given]) =>
      (given & doing.validate) !== 0 ||
      (((given & offer.output) !== 0 || (given & giving) !== 0) && !(index.bitsOfNeed(to, phrase) & need.required));
    edges.serve(phrase, gives, sureness.exact * share);
  }
  if (bits & need.identifier) {
    const finds: Fits = ([to, given]) =>
      (given & making) !== 0 && (given & offer.object) !== 0 && !asksWhich(index.bitsOfNeed(to, phrase));
    edges.serve(phrase, finds, sureness.identifier * share, false);
  }
  if (bits & need.ambient) {
    if (text.startsWith('?')) edges.serve(phrase, ([, given]) => (given & doing.get) !== 0, sureness.state);
    else edges.serve(phrase, ([, given]) => (given & offer.ambient) !== 0, sureness.ambient * share);
  }
}

function asksWhich(bits: number): boolean {
  return (bits & need.identifier) !== 0 && (bits & need.required) !== 0;
}

function serveMention(text: string, edges: Edges, index: TraitIndex, reader: NameReader): void {
  const { object, wholeObject, account, kinds } = reader.parts(text.slice(1));
  const named: Fits = ([to]) => `=${reader.words(index.tools.name(to)).join(' ')}` === text;
  const phrases = kinds === doing.login ? [`@${account}`] : new Set([object, wholeObject]);
  for (const phrase of phrases) if (edges.serveText(phrase, named, sureness.mention)) return;
}

/** Edges to the login whose account is in the tool's name; for a tool that asks for a session (`sure` above 0), else to the only login there is. */
function serveAccount(words: readonly string[], sure: number, edges: Edges): void {
  const weight = Math.max(sure, sureness.account);
  let known = false;
  words.forEach((word, at) => {
    const next = words[at + 1];
    for (const account of next === undefined ? [word] : [word, `${word} ${next}`]) {
      if (edges.serveText(`@${account}`, any, weight, false)) known = true;
    }
  });
  if (!known && sure > 0) edges.serveOnly('@', sure);
}

function linkSiblings(slot: number, server: string, edges: Edges, index: TraitIndex): void {
  for (const [phrase, bits] of index.offersOf(slot)) {
    if (!(bits & offer.object)) continue;
    const others = index
      .offering(phrase, server, mostOfferers)
      .filter(([to, given]) => to !== slot && given & offer.object && (given & bits & 0xff) === 0);
    // A thing that can be read without naming which one, and set, is a state: who looks at it may have to change it.
    const [other] = others;
    if (others.length === 1 && other !== undefined && isStatePair(bits, other[1])) {
      edges.take(other[0], 'sibling', sureness.statePair);
    } else for (const [to] of others) edges.take(to, 'sibling', sureness.sibling / Math.sqrt(others.length));
  }
}

function isStatePair(a: number, b: number): boolean {
  const reads = (bits: number): boolean => (bits & doing.get) !== 0 && (bits & offer.free) !== 0;
  const sets = (bits: number): boolean => (bits & doing.update) !== 0;
  return (reads(a) && sets(b)) || (reads(b) && sets(a));
}
