import type { ToolDocument } from '../tool-document.ts';
import { doing, type NameParts, type NameReader, stems } from './name-parts.ts';

const maxRequired = 24;
const maxOptional = 12;
const maxOutputs = 24;
const maxMentions = 6;
const maxTextLength = 400;

/** How a parameter may be served, as bits. */
export const need = {
  /** The call cannot go without it. */
  required: 1,
  /** By what gives exactly this. */
  exact: 2,
  /** By what finds or makes the thing that it names. */
  identifier: 4,
  /** By what tells it of the here and now. */
  ambient: 8,
  /** By a login to this account. */
  login: 16,
  /** By the tool of this name. */
  mention: 32,
} as const;

/** What a tool gives, as bits above the eight of `doing`; 16 with them. */
export const offer = {
  /** Said by its name. */
  object: 0x01_00,
  /** Its output schema has it. */
  output: 0x02_00,
  /** It tells what is so here and now, and asks for nothing. */
  ambient: 0x04_00,
  /** It tells or sets whether the thing is on, or may be used. */
  state: 0x08_00,
  /** It asks for nothing that it could not go without. */
  free: 0x10_00,
} as const;

/** What the graph reads out of a tool: phrases with bits. */
export interface ToolTraits {
  readonly offers: ReadonlyMap<string, number>;
  readonly needs: ReadonlyMap<string, number>;
}

/** Names of parameters that say nothing about who could give them. */
const generic = stems(
  `id name type value data query text limit offset page size format status title description url input output result message content count sort order
  filter fields mode option param parameter action level number key code body`,
);
const identifiers = stems('id uuid guid key slug ref reference handle identifier number code name ticker symbol');
const credentials = new Set(
  `session;session id;session token;session key;access token;auth token;authentication token;login token;token;bearer token;jwt;cookie;session cookie`
    .split(';')
    .map((phrase) => [...stems(phrase)].join(' ')),
);
/** What is said of any account. */
const accountWords = stems(
  `the a an of your user session id token obtained after log into in to from access auth authentication required for current active be this that valid
  unique identifier return by login sign received when key account and with us used`,
);
const stateWords = stems('status state availability permission enabled mode');
const stateFillers = new Set([...stateWords, ...stems('service')]);
/** Parts of a date or a time, which whoever knows the whole can fill in. */
const wholes: ReadonlyMap<string, string> = new Map([
  ...[...stems('year month day deadline datetime')].map((part) => [part, 'date'] as const),
  ...[...stems('timestamp hour minute')].map((part) => [part, 'time'] as const),
]);
const named =
  /`[^`\s]{3,80}`|\b(?:[A-Za-z][A-Za-z0-9]*(?:[_-][A-Za-z0-9]+)+|[a-z]+(?:[A-Z][a-z0-9]+)+)\b|\*{0,2}\b[A-Za-z]\w{3,80}\(\)/g;

export function readTraits(tool: ToolDocument, parts: NameParts, reader: NameReader): ToolTraits {
  const offers = new Map<string, number>();
  const needs = new Map<string, number>();
  const parameters = parametersOf(tool.inputSchema);
  const add = (into: Map<string, number>, key: string, bits: number): void => {
    if (key !== '' && key.length <= 128) into.set(key, (into.get(key) ?? 0) | bits);
  };

  const free = parameters.every(({ required }) => !required);
  const bits = parts.kinds | (free ? offer.free : 0);
  if (parts.kinds === doing.login) {
    add(offers, `@${parts.account}`, bits);
    add(offers, '@', bits);
  } else {
    const ambient = free && parts.ambient && (parts.kinds & doing.get) !== 0 ? offer.ambient : 0;
    add(offers, parts.object, bits | ambient | offer.object);
    if (parts.wholeObject !== parts.object) add(offers, parts.wholeObject, bits | ambient | offer.object);
    const words = parts.object.split(' ');
    if (words.some((word) => stateWords.has(word)))
      add(offers, `?${words.filter((word) => !stateFillers.has(word)).join(' ')}`, bits | offer.state);
    if (ambient !== 0 && !words.some((word) => stateWords.has(word)))
      add(needs, `?${parts.object}`, need.ambient | need.required);
  }
  for (const name of outputsOf(tool.outputSchema)) {
    const words = reader.words(name);
    const phrase = words.join(' ');
    if (words.length > 1 || !generic.has(phrase)) add(offers, phrase, bits | offer.output);
    else if (phrase === 'id' && parts.object !== '') add(offers, `${parts.object} id`, bits | offer.output);
  }

  let mentions = 0;
  const mention = (text: unknown, bits: number): void => {
    if (typeof text !== 'string') return;
    for (const found of text.slice(0, maxTextLength).match(named) ?? []) {
      const words = reader.words(found);
      if (mentions >= maxMentions || words.length < 2) continue;
      mentions += 1;
      add(needs, `=${words.join(' ')}`, need.mention | bits);
    }
  };
  for (const { name, required, description } of parameters) {
    const must = required ? need.required : 0;
    const words = reader.words(name);
    const phrase = words.join(' ');
    const last = words.at(-1) ?? '';
    if (parts.kinds !== doing.login && credentials.has(phrase)) {
      const account = reader
        .words(typeof description === 'string' ? description : '')
        .filter((word) => !accountWords.has(word));
      add(needs, `@${account.join(' ')}`, need.login | must);
    } else {
      if (words.length > 1 || !generic.has(phrase)) add(needs, phrase, need.exact | must);
      if (words.length > 1 && identifiers.has(last)) add(needs, words.slice(0, -1).join(' '), need.identifier | must);
      if (phrase === 'id') add(needs, parts.object, need.identifier | must);
      if (!generic.has(last)) add(needs, wholes.get(last) ?? last, need.ambient | must);
    }
    mention(description, must);
  }
  mention(tool.description, 0);
  return { offers, needs };
}

interface Parameter {
  readonly name: string;
  readonly required: boolean;
  readonly description: unknown;
}

function parametersOf(schema: unknown): readonly Parameter[] {
  if (!isRecord(schema) || !isRecord(schema['properties'])) return [];
  const properties = schema['properties'];
  const required = new Set<unknown>(Array.isArray(schema['required']) ? schema['required'].slice(0, 256) : []);
  const found: Parameter[] = [];
  let optional = 0;
  let seen = 0;
  for (const name in properties) {
    seen += 1;
    if (seen > 1024 || found.length >= maxRequired + maxOptional) break;
    if (!Object.hasOwn(properties, name)) continue;
    if (!required.has(name)) {
      optional += 1;
      if (optional > maxOptional) continue;
    }
    const property = properties[name];
    found.push({
      name,
      required: required.has(name),
      description: isRecord(property) ? property['description'] : undefined,
    });
  }
  return found;
}

/** Names of what comes out: of the result itself, or of the members of its lists. */
function outputsOf(schema: unknown): readonly string[] {
  const names: string[] = [];
  const read = (node: unknown, depth: number): void => {
    if (!isRecord(node) || depth > 2) return;
    if (isRecord(node['items'])) read(node['items'], depth + 1);
    if (!isRecord(node['properties'])) return;
    for (const name in node['properties']) {
      if (names.length >= maxOutputs) return;
      if (!Object.hasOwn(node['properties'], name)) continue;
      names.push(name);
      read(node['properties'][name], depth + 1);
    }
  };
  read(schema, 0);
  return names;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
