import { type OutputUnit, Validator } from '@cfworker/json-schema';
import type { RawObject } from '@toolyard/protocol';
import { LRUCache } from 'lru-cache';
import type { ViewTool } from '../../views/view.ts';
import { copySchema, isNode, type SchemaCopy } from './schema-copy.ts';
import { takesAtMost } from './schema-steps.ts';

/** What is wrong with the arguments for a tool, a sentence each; empty when they may be sent. */
export type CheckArguments = (tool: ViewTool, given: RawObject) => readonly string[];

const remembered = 500;
const maxMistakes = 5;
const maxMistakeLength = 300;
const maxSchemaBytes = 262_144;
const maxArgumentBytes = 1_048_576;
/** A validator takes well under a microsecond for each. */
const maxSteps = 100_000;
/** Steps on the way to a mistake, each of which says no more than the step after it. */
const wrappers = new Set([
  'properties',
  'additionalProperties',
  'items',
  'prefixItems',
  'additionalItems',
  '$ref',
  'allOf',
  'dependentSchemas',
]);

interface Checker {
  readonly validator: Validator;
  readonly copy: SchemaCopy;
}

/**
 * Checks arguments against schemas as servers wrote them: 2020-12 unless `$schema` names an older draft. What cannot be checked in bounded time (a schema
 * that is damaged, too large, or multiplies) is not refused: its server has the last word anyway.
 */
export function createArgumentCheck(): CheckArguments {
  const checkers = new LRUCache<RawObject, { readonly checker: Checker | undefined }>({ max: remembered });
  return ({ definition }, given) => {
    if (given.bytes.length > maxArgumentBytes) return [];
    let entry = checkers.get(definition);
    if (entry === undefined) {
      entry = { checker: checkerOf(definition) };
      checkers.set(definition, entry);
    }
    const { checker } = entry;
    if (checker === undefined || !takesAtMost(maxSteps, checker.copy, given.value)) return [];
    try {
      const { valid, errors } = checker.validator.validate(given.value);
      return valid ? [] : mistakesOf(errors);
    } catch {
      // What the validator cannot make sense of is for the server to judge.
      return [];
    }
  };
}

function checkerOf(definition: RawObject): Checker | undefined {
  const raw = definition.object('inputSchema');
  if (raw === undefined || raw.bytes.length > maxSchemaBytes) return undefined;
  try {
    const copy = copySchema(JSON.parse(raw.text));
    if (!isNode(copy.schema)) return undefined;
    return { copy, validator: new Validator(copy.schema, draftOf(copy.schema), false) };
  } catch {
    return undefined;
  }
}

function draftOf(schema: Readonly<Record<string, unknown>>): '4' | '7' | '2019-09' | '2020-12' {
  const { $schema } = schema;
  const named = typeof $schema === 'string' ? $schema : '';
  if (named.includes('draft-04')) return '4';
  if (/draft-0[67]/.test(named)) return '7';
  return named.includes('2019-09') ? '2019-09' : '2020-12';
}

function mistakesOf(errors: readonly OutputUnit[]): readonly string[] {
  const telling = errors.filter(({ keyword }) => !wrappers.has(keyword));
  const said = new Set((telling.length === 0 ? errors : telling).map(mistakeOf));
  const listed = [...said].slice(0, maxMistakes);
  return said.size > maxMistakes ? [...listed, `and ${said.size - maxMistakes} more`] : listed;
}

function mistakeOf({ keyword, instanceLocation, error }: OutputUnit): string {
  const where = instanceLocation.replace(/^#\/?/, '') || 'arguments';
  const what =
    keyword === 'false' ? 'It is not allowed here.' : error.replace(/^Instance /, 'It ').replace(/^It type/, 'Type');
  const mistake = `${where}: ${what}`;
  return mistake.length <= maxMistakeLength ? mistake : `${mistake.slice(0, maxMistakeLength).toWellFormed()}…`;
}
