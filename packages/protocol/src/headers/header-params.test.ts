import { describe, expect, it } from 'vitest';
import { readHeaderParams } from './header-params.ts';

const annotated = { type: 'string', 'x-mcp-header': 'Region' };

describe('readHeaderParams', () => {
  it('finds annotations along chains of properties, at any depth', () => {
    const schema = {
      type: 'object',
      properties: {
        region: annotated,
        plain: { type: 'number' },
        nested: {
          type: 'object',
          properties: {
            retries: { type: 'integer', 'x-mcp-header': 'Retries' },
            dry: { type: 'boolean', 'x-mcp-header': 'dry-run' },
          },
        },
      },
    };
    expect(readHeaderParams(schema)).toEqual({
      params: [
        { header: 'mcp-param-region', path: ['region'], type: 'string' },
        { header: 'mcp-param-retries', path: ['nested', 'retries'], type: 'integer' },
        { header: 'mcp-param-dry-run', path: ['nested', 'dry'], type: 'boolean' },
      ],
      problems: [],
    });
  });

  it.each([
    ['a schema without annotations', { type: 'object', properties: { a: { type: 'string' } } }],
    [
      'an argument that happens to be called so',
      { type: 'object', properties: { 'x-mcp-header': { type: 'string' } } },
    ],
    [
      'a value that happens to look so',
      { type: 'object', properties: { a: { type: 'object', default: { 'x-mcp-header': 'A' } } } },
    ],
    ['what is no schema', 'x-mcp-header'],
  ])('finds nothing in %s', (_what, schema) => {
    expect(readHeaderParams(schema)).toEqual({ params: [], problems: [] });
  });

  it.each([
    ['the root', annotated],
    ['items', { properties: { a: { type: 'array', items: annotated } } }],
    ['properties below items', { properties: { a: { type: 'array', items: { properties: { b: annotated } } } } }],
    ['prefixItems', { properties: { a: { type: 'array', prefixItems: [annotated] } } }],
    ['additionalProperties', { additionalProperties: annotated }],
    ['patternProperties', { patternProperties: { '^a': annotated } }],
    ['oneOf', { properties: { a: { oneOf: [annotated] } } }],
    ['anyOf', { anyOf: [{ properties: { a: annotated } }] }],
    ['allOf', { allOf: [{ properties: { a: annotated } }] }],
    ['not', { not: { properties: { a: annotated } } }],
    ['if', { if: { properties: { a: annotated } } }],
    ['then', { then: { properties: { a: annotated } } }],
    ['else', { else: { properties: { a: annotated } } }],
    ['$defs', { $defs: { a: annotated }, properties: { b: { $ref: '#/$defs/a' } } }],
    ['dependentSchemas', { dependentSchemas: { a: { properties: { b: annotated } } } }],
  ])('refuses an annotation under %s', (_where, schema) => {
    const { params, problems } = readHeaderParams({ type: 'object', ...schema });
    expect(params).toEqual([]);
    expect(problems).toHaveLength(1);
  });

  it.each(['', 'My Header', 'a:b', 'a\r\nb', 'größe', 'a\u{0}', 7, null, true])('refuses the name %j', (name) => {
    const { problems } = readHeaderParams({ properties: { a: { type: 'string', 'x-mcp-header': name } } });
    expect(problems).toEqual(["a: x-mcp-header must be a header name (letters, digits and !#$%&'*+-.^_`|~)"]);
  });

  it.each(['number', 'object', 'array', 'null', ['string', 'null'], undefined])('refuses the type %j', (type) => {
    const { params, problems } = readHeaderParams({ properties: { a: { type, 'x-mcp-header': 'A' } } });
    expect(params).toEqual([]);
    expect(problems).toEqual([
      expect.stringContaining('a: x-mcp-header is only allowed on string, integer and boolean'),
    ]);
  });

  it('refuses a name that comes twice in any letter case', () => {
    const { problems } = readHeaderParams({
      properties: { a: annotated, b: { type: 'string', 'x-mcp-header': 'REGION' } },
    });
    expect(problems).toEqual(['b: x-mcp-header "REGION" stands twice']);
  });

  it('reports all problems at once', () => {
    const { problems } = readHeaderParams({
      properties: { a: { type: 'number', 'x-mcp-header': 'A' }, b: { items: annotated } },
    });
    expect(problems).toHaveLength(2);
  });
});
