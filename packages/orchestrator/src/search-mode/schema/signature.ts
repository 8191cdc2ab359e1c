import { resolvePointer } from './json-pointer.ts';
import { isNode } from './schema-copy.ts';

/** Values of an enumeration, and other choices, that are written out. */
const maxChoices = 6;
const maxParameters = 24;
const maxDepth = 3;
const maxText = 600;

type Schema = Readonly<Record<string, unknown>>;

interface Place {
  /** What references are to. */
  readonly root: Schema;
  /** How much further it goes into the schema. */
  readonly depth: number;
}

/**
 * A schema of arguments in a line, much shorter than the schema: `path: string, mode?: "r"|"w", tags?: string[]`. It loses descriptions and
 * rules; whoever needs them asks for the definition.
 */
export function signature(inputSchema: unknown): string {
  return isNode(inputSchema) ? cut(members(inputSchema, { root: inputSchema, depth: maxDepth }), maxText) : '';
}

/** The first sentence or line of a description, at most 160 characters. */
export function oneLine(description: string): string {
  const text = description.slice(0, 1_000).trim();
  const line = (text.split('\n', 1)[0] ?? '').replaceAll(/\s+/g, ' ');
  const sentence = /^.{20,}?[.!?](?=\s|$)/u.exec(line)?.[0] ?? line;
  return cut(sentence, 160);
}

function members(schema: Schema, place: Place): string {
  const properties = isNode(schema['properties']) ? Object.entries(schema['properties']) : [];
  const required = new Set(Array.isArray(schema['required']) ? schema['required'] : []);
  // What has to be given comes first.
  const sorted = properties.toSorted(([a], [b]) => Number(required.has(b)) - Number(required.has(a)));
  const shown = sorted
    .slice(0, maxParameters)
    .map(([name, value]) => `${nameOf(name)}${required.has(name) ? '' : '?'}: ${type(value, place)}`);
  return [...shown, ...(sorted.length > maxParameters ? ['…'] : [])].join(', ');
}

function nameOf(name: string): string {
  return /^[\w$.-]{1,64}$/.test(name) ? name : literal(name);
}

function type(schema: unknown, place: Place): string {
  if (!isNode(schema)) return 'any';
  const deeper = { ...place, depth: place.depth - 1 };
  if (typeof schema['$ref'] === 'string')
    return place.depth > 0 ? type(resolvePointer(place.root, schema['$ref']), deeper) : 'any';
  if ('const' in schema) return literal(schema['const']);
  if (Array.isArray(schema['enum'])) {
    const values = schema['enum'].slice(0, maxChoices).map(literal);
    return [...values, ...(schema['enum'].length > maxChoices ? ['…'] : [])].join('|');
  }
  const choices = schema['anyOf'] ?? schema['oneOf'];
  if (Array.isArray(choices))
    return place.depth > 0 ? unique(choices.slice(0, maxChoices).map((each) => type(each, deeper))) : 'any';
  const types = Array.isArray(schema['type']) ? schema['type'].slice(0, maxChoices) : [schema['type']];
  return unique(types.map((name) => named(name, schema, place)));
}

function named(name: unknown, schema: Schema, place: Place): string {
  const deeper = { ...place, depth: place.depth - 1 };
  if (name === 'array') return place.depth > 0 ? `${wrapped(type(schema['items'], deeper))}[]` : 'any[]';
  if (name === 'object')
    return place.depth > 0 && isNode(schema['properties']) ? `{${members(schema, deeper)}}` : 'object';
  return typeof name === 'string' ? cut(name, 20) : 'any';
}

function wrapped(inner: string): string {
  return inner.includes('|') ? `(${inner})` : inner;
}

function unique(parts: readonly string[]): string {
  return [...new Set(parts)].join('|');
}

function literal(value: unknown): string {
  return cut(JSON.stringify(value) ?? 'any', 40);
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).toWellFormed()}…`;
}
