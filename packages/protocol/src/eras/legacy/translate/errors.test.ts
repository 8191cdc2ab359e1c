import { describe, expect, it } from 'vitest';
import { RawObject } from '../../../wire/raw-object.ts';
import { toLegacyError, toModernError } from './errors.ts';

function raw(text: string): RawObject {
  return RawObject.read(new TextEncoder().encode(text));
}

describe('toModernError', () => {
  it('has a missing resource as invalid params, and says which', () => {
    expect(toModernError(raw('{"code":-32002,"message":"Resource not found","x":1.0}'), 'a:b').text).toBe(
      '{"code":-32602,"message":"Resource not found","x":1.0,"data":{"uri":"a:b"}}',
    );
  });

  it('keeps what the server said about it', () => {
    expect(toModernError(raw('{"code":-32002,"message":"m","data":{"why":1.0}}'), 'a:b').text).toBe(
      '{"code":-32602,"message":"m","data":{"why":1.0}}',
    );
    expect(toModernError(raw('{"code":-32002,"message":"m"}')).text).toBe('{"code":-32602,"message":"m"}');
  });

  it.each([-32601, -32602, -32603, -32000, -32042, -32021, 1234])('leaves %i alone', (code) => {
    const error = raw(`{"code":${code},"message":"m"}`);
    expect(toModernError(error, 'a:b')).toBe(error);
  });
});

describe('toLegacyError', () => {
  it('has invalid params as a missing resource where the error names one', () => {
    expect(toLegacyError('resources/read', raw('{"code":-32602,"message":"m","data":{"uri":"a:b"}}')).text).toBe(
      '{"code":-32002,"message":"m","data":{"uri":"a:b"}}',
    );
  });

  it.each([
    ['resources/read', '{"code":-32602,"message":"m"}'],
    ['resources/read', '{"code":-32602,"message":"m","data":{"uri":7}}'],
    ['tools/call', '{"code":-32602,"message":"m","data":{"uri":"a:b"}}'],
    ['tools/call', '{"code":-32042,"message":"m","data":{"elicitations":[]}}'],
    ['tools/call', '{"code":"odd"}'],
  ])('leaves alone, for %s, %s', (method, text) => {
    const error = raw(text);
    expect(toLegacyError(method, error)).toBe(error);
  });

  it.each([-32020, -32021, -32022])('hides %i', (code) => {
    expect(
      toLegacyError('tools/call', raw(`{"code":${code},"message":"m","data":{"supported":["2026-07-28"]}}`)).text,
    ).toBe('{"code":-32603,"message":"m"}');
  });

  it('knows its own missing resources again', () => {
    const error = '{"code":-32002,"message":"m","data":{"uri":"a:b"}}';
    expect(toLegacyError('resources/read', toModernError(raw(error), 'a:b')).text).toBe(error);
  });
});
