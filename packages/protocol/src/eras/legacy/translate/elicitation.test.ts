import { describe, expect, it } from 'vitest';
import { RawObject } from '../../../wire/raw-object.ts';
import { encodeUtf8 } from '../../../wire/text.ts';
import { downgradeElicitation } from './elicitation.ts';

const raw = (text: string): RawObject => RawObject.read(encodeUtf8(text));
const form = (properties: string, required = '[]'): RawObject =>
  raw(
    `{"mode":"form","message":"m","requestedSchema":{"type":"object","properties":${properties},"required":${required}}}`,
  );

describe('downgradeElicitation', () => {
  it('leaves what a client of 2025-11-25 is asked alone', () => {
    const params = form('{"a":{"type":"array"}}');
    expect(downgradeElicitation(params, '2025-11-25')).toBe(params);
  });

  it('names choices as 2025-06-18 does', () => {
    const field = '{"type":"string","title":"T","oneOf":[{"const":"a","title":"A"},{"const":"b"}]}';
    expect(downgradeElicitation(form(`{"c":${field},"n":{"type":"number","minimum":1.0}}`), '2025-06-18')?.text).toBe(
      '{"message":"m","requestedSchema":{"type":"object","properties":{"c":{"type":"string","title":"T","enum":["a","b"],"enumNames":["A","b"]},"n":{"type":"number","minimum":1.0}},"required":[]}}',
    );
  });

  it('leaves an optional field of several values out, and has no words for one that is required', () => {
    const fields = '{"__proto__":{"type":"array"},"b":{"type":"boolean"}}';
    expect(
      downgradeElicitation(form(fields), '2025-06-18')?.object('requestedSchema')?.member('properties')?.text,
    ).toBe('{"b":{"type":"boolean"}}');
    expect(downgradeElicitation(form(fields, '["__proto__"]'), '2025-06-18')).toBeUndefined();
  });

  it('has no words for a page', () => {
    expect(
      downgradeElicitation(raw('{"mode":"url","message":"m","url":"https://example.com"}'), '2025-06-18'),
    ).toBeUndefined();
  });

  it('leaves what is no form to the client', () => {
    expect(
      downgradeElicitation(raw('{"message":"m","requestedSchema":{"properties":{"a":7}}}'), '2025-06-18')?.text,
    ).toBe('{"message":"m","requestedSchema":{"properties":{"a":7}}}');
    expect(downgradeElicitation(raw('{"message":"m"}'), '2025-06-18')?.text).toBe('{"message":"m"}');
  });
});
