/** A schema made ready for checking. */
export interface SchemaCopy {
  readonly schema: unknown;
  /** What a node costs in steps each time it is applied, beside what is applied with it. */
  readonly weights: ReadonlyMap<object, number>;
}

type Node = Readonly<Record<string, unknown>>;
type Copier = (value: unknown, copy: (schema: unknown) => unknown) => unknown;

/** Bytes of text that are dealt with in about the time of a step. */
export const bytesPerStep = 64;

/**
 * Copies what can be checked in every server's name. What runs a server's regular expressions on everybody's time, takes time that grows with the square, or is
 * read differently from one implementation to the next, is left to the server, and so is every keyword whose value is not what it should be. Where something was left
 * out, keywords that could turn that into a refusal are left out or softened: what is refused here, the whole schema refuses too.
 */
export function copySchema(schema: unknown): SchemaCopy {
  const { leftOut, ...exact } = copyOnce(schema, false);
  return leftOut ? copyOnce(schema, true) : exact;
}

function copyOnce(schema: unknown, soft: boolean): SchemaCopy & { readonly leftOut: boolean } {
  const weights = new Map<object, number>();
  let leftOut = false;
  const copy = (node: unknown): unknown => {
    if (typeof node === 'boolean') return node;
    if (!isNode(node)) {
      leftOut = true;
      return true;
    }
    const entries = Object.entries(node).flatMap(([key, value]): [string, unknown][] => {
      const copier = Object.hasOwn(copiers, key) ? copiers[key] : undefined;
      const refused = soft && (negating.has(key) || (key === 'oneOf' && 'anyOf' in node));
      // Otherwise what only `patternProperties` allows would be refused.
      const closed = key === 'additionalProperties' && 'patternProperties' in node;
      const copied = refused || closed ? undefined : copier?.(value, copy);
      if (copied !== undefined) return [[soft && key === 'oneOf' ? 'anyOf' : key, copied]];
      leftOut ||= copier !== undefined || leftToServer.has(key);
      return [];
    });
    const made = Object.fromEntries(entries);
    weights.set(made, weightOf(made));
    return made;
  };
  return { schema: copy(schema), weights, leftOut };
}

const leftToServer = new Set([
  'pattern',
  'patternProperties',
  'format',
  'uniqueItems',
  'dependencies',
  'unevaluatedItems',
  'unevaluatedProperties',
  '$dynamicRef',
  '$recursiveRef',
]);
/** What refuses more when what it holds refuses less. */
const negating = new Set(['not', 'if', 'then', 'else', 'maxContains']);
const types = new Set(['string', 'number', 'integer', 'boolean', 'object', 'array', 'null']);

const one: Copier = (value, copy) => (typeof value === 'boolean' || isNode(value) ? copy(value) : undefined);
const list: Copier = (value, copy) => (Array.isArray(value) && value.length > 0 ? value.map(copy) : undefined);
const map: Copier = (value, copy) =>
  isNode(value) ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, copy(each)])) : undefined;
const number: Copier = (value) => (typeof value === 'number' ? value : undefined);
const limit: Copier = (value) => (typeof value === 'number' || typeof value === 'boolean' ? value : undefined);
const texts: Copier = (value) => (isTexts(value) ? value : undefined);
const text: Copier = (value) => (typeof value === 'string' ? value : undefined);

const copiers: Readonly<Record<string, Copier>> = {
  $schema: text,
  $ref: text,
  $defs: map,
  definitions: map,
  type: (value) => ([value].flat().every((name) => typeof name === 'string' && types.has(name)) ? value : undefined),
  enum: (value) => (Array.isArray(value) ? value : undefined),
  const: (value) => value,
  properties: map,
  required: texts,
  additionalProperties: one,
  propertyNames: one,
  minProperties: number,
  maxProperties: number,
  dependentRequired: (value) => (isNode(value) && Object.values(value).every(isTexts) ? value : undefined),
  dependentSchemas: map,
  items: (value, copy) => (Array.isArray(value) ? value.map(copy) : one(value, copy)),
  prefixItems: list,
  additionalItems: one,
  contains: one,
  minContains: number,
  maxContains: number,
  minItems: number,
  maxItems: number,
  minLength: number,
  maxLength: number,
  minimum: number,
  maximum: number,
  exclusiveMinimum: limit,
  exclusiveMaximum: limit,
  multipleOf: (value) => (typeof value === 'number' && value > 0 ? value : undefined),
  allOf: list,
  anyOf: list,
  oneOf: list,
  not: one,
  if: one,
  then: one,
  else: one,
};

function weightOf(node: Node): number {
  const { enum: values, const: value, required, properties } = node;
  const literals = (values ?? value) === undefined ? 0 : JSON.stringify([values, value]).length;
  const counted =
    (Array.isArray(required) ? required.length : 0) + (isNode(properties) ? Object.keys(properties).length : 0);
  return Math.ceil(literals / bytesPerStep) + counted;
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
