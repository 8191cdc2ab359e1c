import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ToolyardError } from '../errors/toolyard-error.ts';
import { RawObject } from '../wire/raw-object.ts';
import type { HeaderParam } from './header-params.ts';
import { checkParamHeaders, paramHeaders } from './param-headers.ts';

const annotated: readonly HeaderParam[] = [
  { header: 'mcp-param-region', path: ['region'], type: 'string' },
  { header: 'mcp-param-retries', path: ['options', 'retries'], type: 'integer' },
  { header: 'mcp-param-dry', path: ['dry'], type: 'boolean' },
];

function call(args: string): RawObject {
  return RawObject.read(new TextEncoder().encode(`{"name":"t","arguments":${args}}`));
}

function check(args: string, headers: Record<string, string>): string {
  try {
    checkParamHeaders(annotated, call(args), (name) => headers[name]);
    return 'passes';
  } catch (error) {
    if (!ToolyardError.is(error, 'HEADER_MISMATCH')) throw error;
    return error.facts.reason;
  }
}

describe('paramHeaders', () => {
  it('mirrors strings, integers and booleans', () => {
    expect(paramHeaders(annotated, call('{"region":"us west ","options":{"retries":1e1},"dry":false}'))).toEqual({
      'mcp-param-region': '=?base64?dXMgd2VzdCA=?=',
      'mcp-param-retries': '10',
      'mcp-param-dry': 'false',
    });
  });

  it.each([
    '{}',
    'null',
    '[]',
    '{"region":null,"options":{"retries":null},"dry":null}',
    '{"options":7}',
    '{"region":{},"dry":[]}',
    '{"options":{"retries":9007199254740992}}',
    '{"options":{"retries":1.5}}',
  ])('leaves out what cannot be mirrored in %s', (args) => {
    expect(paramHeaders(annotated, call(args))).toEqual({});
  });

  it('mirrors integers up to ±(2^53−1)', () => {
    expect(paramHeaders(annotated, call('{"options":{"retries":-9007199254740991}}'))).toEqual({
      'mcp-param-retries': '-9007199254740991',
    });
  });

  it('leaves out everything for a call without arguments', () => {
    expect(paramHeaders(annotated, RawObject.of({ name: 't' }))).toEqual({});
  });
});

describe('checkParamHeaders', () => {
  it.each<[string, Record<string, string>]>([
    ['{}', {}],
    ['{"region":null}', {}],
    ['{"region":"Hello"}', { 'mcp-param-region': 'Hello' }],
    ['{"region":"Hello"}', { 'mcp-param-region': '=?base64?SGVsbG8=?=' }],
    ['{"region":"SGVsbG8="}', { 'mcp-param-region': 'SGVsbG8=' }],
    ['{"region":"=?base64?SGVsbG8="}', { 'mcp-param-region': '=?base64?SGVsbG8=' }],
    ['{"options":{"retries":42}}', { 'mcp-param-retries': '42.0' }],
    ['{"options":{"retries":42.0}}', { 'mcp-param-retries': '42' }],
    ['{"options":{"retries":"many"}}', { 'mcp-param-retries': 'many' }],
    ['{"dry":true}', { 'mcp-param-dry': 'true', 'mcp-param-unheard-of': 'x' }],
    ['{"region":{"not":"a string"}}', {}],
  ])('lets %s with %j pass', (args, headers) => {
    expect(check(args, headers)).toBe('passes');
  });

  it.each<[string, Record<string, string>, string]>([
    ['{"region":"Hello"}', {}, 'missing'],
    ['{"region":""}', {}, 'missing'],
    ['{"dry":false}', {}, 'missing'],
    ['{}', { 'mcp-param-region': 'Hello' }, 'mirrors an argument that is not there'],
    ['{"region": null}', { 'mcp-param-region': 'null' }, 'mirrors an argument that is not there'],
    ['{"region":"Hello"}', { 'mcp-param-region': 'hello' }, 'differs from arguments.region'],
    ['{"region":"Hello"}', { 'mcp-param-region': '=?base64?SGVsbG8?=' }, 'is badly encoded'],
    ['{"region":"Hello"}', { 'mcp-param-region': '=?base64?SGVs!!!bG8=?=' }, 'is badly encoded'],
    ['{"options":{"retries":26}}', { 'mcp-param-retries': '0x1a' }, 'differs from arguments.options.retries'],
    ['{"options":{"retries":1000}}', { 'mcp-param-retries': '1e3' }, 'differs from arguments.options.retries'],
    ['{"dry":true}', { 'mcp-param-dry': 'True' }, 'differs from arguments.dry'],
  ])('refuses %s with %j', (args, headers, reason) => {
    expect(check(args, headers)).toBe(reason);
  });

  it('accepts the headers that paramHeaders writes, whatever the arguments', () => {
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.integer(),
      fc.double(),
      fc.boolean(),
      fc.constant(null),
      fc.constant(undefined),
      fc.object(),
    );
    fc.assert(
      fc.property(value, value, value, (region, retries, dry) => {
        const params = RawObject.of({
          name: 't',
          arguments: { region: wellFormed(region), options: { retries: wellFormed(retries) }, dry: wellFormed(dry) },
        });
        const headers = paramHeaders(annotated, params);
        expect(() => checkParamHeaders(annotated, params, (name) => headers[name])).not.toThrow();
      }),
    );
  });
});

function wellFormed(value: unknown): unknown {
  return typeof value === 'string' ? value.toWellFormed() : value;
}
