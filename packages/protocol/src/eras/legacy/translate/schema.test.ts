import { describe, expect, it } from 'vitest';
import { readJson } from '../../../wire/raw-object.ts';
import { wrapOutputSchema } from './schema.ts';

function wrap(text: string): string | undefined {
  return wrapOutputSchema(readJson(new TextEncoder().encode(text)))?.text;
}

function wrapped(schema: string): string {
  return `{"type":"object","properties":{"result":${schema}},"required":["result"]}`;
}

describe('wrapOutputSchema', () => {
  it.each(['{"type":"object"}', '{ "type" : ["object"], "x":1.0 }'])('leaves %s alone', (schema) => {
    expect(wrap(schema)).toBe(schema);
  });

  it.each([
    '{"type":"array","items":{"type":"number","maximum":1e400}}',
    '{"type":["string","null"]}',
    '{ "type":"integer","const":9007199254740993 }',
  ])('wraps %s without touching it', (schema) => {
    expect(wrap(schema)).toBe(wrapped(schema));
  });

  it.each([
    '{}',
    'true',
    '{"anyOf":[]}',
    '{"type":["object","array"]}',
    '{"$ref":"#/$defs/a","$defs":{"a":{"type":"object"}}}',
  ])('has no answer for %s', (schema) => {
    expect(wrap(schema)).toBeUndefined();
  });

  it('names the dialect at the root', () => {
    expect(wrap('{"$schema":"http://json-schema.org/draft-07/schema#","type":"string"}')).toBe(
      '{"$schema":"http://json-schema.org/draft-07/schema#","type":"object",' +
        '"properties":{"result":{"$schema":"http://json-schema.org/draft-07/schema#","type":"string"}},"required":["result"]}',
    );
  });

  it('moves references within the document along', () => {
    expect(
      wrap(
        '{"type":"array","items":{"anyOf":[{"$ref":"#/$defs/a"},{"$ref":"#"},{"$dynamicRef":"#/$defs/a"}]},"$defs":{"a":{"type":"number", "minimum":1.0}}}',
      ),
    ).toBe(
      wrapped(
        '{"type":"array","items":{"anyOf":[{"$ref":"#/properties/result/$defs/a"},{"$ref":"#/properties/result"},' +
          '{"$dynamicRef":"#/properties/result/$defs/a"}]},"$defs":{"a":{"type":"number", "minimum":1.0}}}',
      ),
    );
  });

  it.each([
    ['an anchor', '{"$ref":"#a"}'],
    ['another document', '{"$ref":"https://example.com/a#/b"}'],
    ['data', '{"const":{"$ref":"#/a"},"enum":[{"$ref":"#"}],"default":{"$ref":"#"},"examples":[{"$ref":"#"}]}'],
    ['a schema with a base of its own', '{"$id":"https://example.com/a","items":{"$ref":"#/b"}}'],
    ['a property that is called so', '{"properties":{"$ref":{"type":"string"}}}'],
  ])('leaves %s alone', (_what, inner) => {
    const schema = `{"type":"array","items":${inner}}`;
    expect(wrap(schema)).toBe(wrapped(schema));
  });

  it.each([
    ['{"$ref":"#","$id":"#x"}', '{"$ref":"#/properties/result","$id":"#x"}'],
    ['{"properties":{"const":{"$ref":"#"}}}', '{"properties":{"const":{"$ref":"#/properties/result"}}}'],
    ['{"properties":{"$id":{"$ref":"#"}}}', '{"properties":{"$id":{"$ref":"#/properties/result"}}}'],
    ['{"properties":{"__proto__":{"$ref":"#"}}}', '{"properties":{"__proto__":{"$ref":"#/properties/result"}}}'],
    [
      '{"dependencies":{"a":["b"],"c":{"$ref":"#"}}}',
      '{"dependencies":{"a":["b"],"c":{"$ref":"#/properties/result"}}}',
    ],
  ])('moves the reference in %s', (inner, moved) => {
    expect(wrap(`{"type":"array","items":${inner}}`)).toBe(wrapped(`{"type":"array","items":${moved}}`));
  });

  it('leaves all references alone below a root with a base of its own', () => {
    const schema = '{"$id":"https://example.com/a","type":"array","items":{"$ref":"#/$defs/a"}}';
    expect(wrap(schema)).toBe(wrapped(schema));
  });
});
