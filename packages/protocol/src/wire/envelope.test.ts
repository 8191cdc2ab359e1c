import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ToolyardError } from '../errors/toolyard-error.ts';
import { encodeError, encodeNotification, encodeRequest, encodeResult } from './encode.ts';
import { readEnvelope, salvageId, type Envelope } from './envelope.ts';
import { RawObject } from './raw-object.ts';
import { damaged, objectText, placed, platformParse, stringText, valueText } from './testing/json-text.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const read = (text: string): Envelope => readEnvelope(utf8(text));

function encode(envelope: Envelope): string {
  return new TextDecoder().decode(encodeBytes(envelope));
}

function encodeBytes(envelope: Envelope): Uint8Array {
  switch (envelope.kind) {
    case 'request':
      return encodeRequest(envelope.id, envelope.method, envelope.params);
    case 'notification':
      return encodeNotification(envelope.method, envelope.params);
    case 'result':
      return encodeResult(envelope.id, envelope.result);
    case 'error':
      return encodeError(envelope.id, envelope.error);
  }
}

describe('readEnvelope reads', () => {
  it('a request', () => {
    const envelope = read('{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"add"}}');
    expect(envelope).toMatchObject({ kind: 'request', id: '7', method: 'tools/call' });
    expect(envelope.kind === 'request' && envelope.params.text).toBe('{"name":"add"}');
  });

  it('a notification', () => {
    const envelope = read('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}}');
    expect(envelope).toMatchObject({ kind: 'notification', method: 'notifications/cancelled' });
  });

  it('a result', () => {
    const envelope = read('{"jsonrpc":"2.0","id":"a","result":{"resultType":"complete"}}');
    expect(envelope).toMatchObject({ kind: 'result', id: '"a"' });
    expect(envelope.kind === 'result' && envelope.result.text).toBe('{"resultType":"complete"}');
  });

  it('an error, with an id, with null and with none', () => {
    const error = '"error":{"code":-32601,"message":"no","data":[1]}';
    expect(read(`{"jsonrpc":"2.0","id":1,${error}}`)).toMatchObject({ kind: 'error', id: '1' });
    expect(read(`{"jsonrpc":"2.0","id":null,${error}}`)).toMatchObject({ kind: 'error', id: undefined });
    expect(read(`{"jsonrpc":"2.0",${error}}`)).toMatchObject({ kind: 'error', id: undefined });
  });

  it('params as an empty object where there are none', () => {
    const envelope = read('{"jsonrpc":"2.0","id":1,"method":"tools/list"}');
    expect(envelope.kind === 'request' && envelope.params.text).toBe('{}');
  });

  it('names and values with needless escapes', () => {
    const envelope = read(String.raw`{"\u006asonrpc":"2\u002e0","\u0069\u0064":"\u0061","m\u0065thod":"tools\/list"}`);
    expect(envelope).toMatchObject({ kind: 'request', id: String.raw`"\u0061"`, method: 'tools/list' });
  });

  it('names that are nothing but escapes', () => {
    const escaped = (text: string): string =>
      `"${[...text].map((each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}"`;
    const [version, id, method, params, result, error] = ['jsonrpc', 'id', 'method', 'params', 'result', 'error'].map(
      escaped,
    );
    expect(encode(read(`{${version}:"2.0",${id}:1,${method}:"m",${params}:{"a":1}}`))).toBe(
      '{"jsonrpc":"2.0","id":1,"method":"m","params":{"a":1}}',
    );
    expect(encode(read(`{${version}:"2.0",${id}:1,${result}:{}}`))).toBe('{"jsonrpc":"2.0","id":1,"result":{}}');
    expect(encode(read(`{${version}:"2.0",${error}:{"code":1,"message":""}}`))).toBe(
      '{"jsonrpc":"2.0","error":{"code":1,"message":""}}',
    );
  });

  it('members in any order, with unknown ones among them', () => {
    expect(read('{"x":{"id":9},"params":{},"method":"m","id":1,"trace":[1],"jsonrpc":"2.0"}')).toMatchObject({
      kind: 'request',
      id: '1',
    });
    expect(read('{"jsonrpc":"2.0","id":1,"result":{},"params":3}')).toMatchObject({ kind: 'result' });
  });
});

describe('readEnvelope keeps everything inside byte for byte', () => {
  it.each([
    '{"b":1.0,"a":9007199254740993,"c":1e400}',
    '{ "z" : [ 1 , 2 ],\n\t"a":-0.0E+00 }',
    String.raw`{"text":"\u0061\/\ud800 é \u00e9","\u006b":"😀\ud83d\ude00"}`,
    '{"content":[{"type":"hologram","x-unknown":{"deep":[[[]]]}}],"big":123456789012345678901234567890}',
    '{"a":1,"a":2}',
  ])('%s', (payload) => {
    expect(encode(read(`{"jsonrpc":"2.0","id":1,"method":"m","params":${payload}}`))).toBe(
      `{"jsonrpc":"2.0","id":1,"method":"m","params":${payload}}`,
    );
    expect(encode(read(`{"jsonrpc":"2.0","method":"m","params":${payload}}`))).toBe(
      `{"jsonrpc":"2.0","method":"m","params":${payload}}`,
    );
    expect(encode(read(` {"result" : ${payload} , "id":"é", "jsonrpc":"2.0"}\n`))).toBe(
      `{"jsonrpc":"2.0","id":"é","result":${payload}}`,
    );
    const error = `{"code":-1.0,"message":"m","data":${payload}}`;
    expect(encode(read(`{"jsonrpc":"2.0","error":${error}}`))).toBe(`{"jsonrpc":"2.0","error":${error}}`);
  });

  it.each([
    '0',
    '-1',
    '1.0',
    '1e3',
    '9007199254740993',
    '123456789012345678901234567890',
    '"x"',
    '""',
    String.raw`"\u0000\""`,
  ])('the id %s', (id) => {
    expect(encode(read(`{"jsonrpc":"2.0","id":${id},"method":"m","params":{}}`))).toBe(
      `{"jsonrpc":"2.0","id":${id},"method":"m","params":{}}`,
    );
  });

  it('whatever the payload is, at any alignment', () => {
    const message = fc
      .tuple(objectText, stringText, fc.constantFrom('7', '"x"', '-0', '12.00'))
      .map(([payload, method, id]) => ({ payload: payload.text, method, id }));
    fc.assert(
      fc.property(message, fc.nat({ max: 3 }), ({ payload, method, id }, skew) => {
        const text = `{"jsonrpc":"2.0","id":${id},"method":${method},"params":${payload}}`;
        const room = Buffer.concat([Buffer.alloc(skew, '"'), utf8(text), Buffer.from('"\\')]);
        const envelope = readEnvelope(room.subarray(skew, skew + utf8(text).length));
        expect(envelope).toMatchObject({ kind: 'request', id, method: JSON.parse(method) as unknown });
        expect(envelope.kind === 'request' && envelope.params.text).toBe(payload);
        const again = readEnvelope(encodeBytes(envelope));
        expect(again.kind === 'request' && again.params.text).toBe(payload);
      }),
      { numRuns: 500 },
    );
  });
});

describe('readEnvelope refuses as PARSE_ERROR exactly what JSON.parse refuses', () => {
  const message = fc.oneof(
    fc
      .tuple(valueText, objectText)
      .map(([id, params]) => `{"jsonrpc":"2.0","id":${id},"method":"m","params":${params.text}}`),
    objectText.map((result) => `{"jsonrpc":"2.0","id":1,"result":${result.text}}`),
    valueText,
  );
  const parses = (bytes: Uint8Array): boolean => {
    try {
      readEnvelope(bytes);
      return true;
    } catch (error) {
      if (ToolyardError.is(error, 'INVALID_REQUEST')) return true;
      if (ToolyardError.is(error, 'PARSE_ERROR')) return false;
      throw error;
    }
  };

  it('of whole messages', () => {
    fc.assert(
      fc.property(placed(message), (bytes) => parses(bytes)),
      { numRuns: 500 },
    );
  });

  it('of damaged messages', () => {
    fc.assert(
      fc.property(damaged(message), (bytes) => {
        expect(parses(bytes)).toBe(platformParse(bytes) !== undefined);
      }),
      { numRuns: 2500 },
    );
  });

  it('and takes a damaged message only with what JSON.parse sees in it', () => {
    fc.assert(
      fc.property(damaged(message), (bytes) => {
        let envelope: Envelope;
        try {
          envelope = readEnvelope(bytes);
        } catch {
          return;
        }
        expect(platformParse(encodeBytes(envelope))?.value).toEqual(pickKnown(platformParse(bytes)?.value, envelope));
      }),
      { numRuns: 2000 },
    );
  });

  function pickKnown(value: unknown, envelope: Envelope): unknown {
    const message = Object(value) as Record<string, unknown>;
    switch (envelope.kind) {
      case 'request':
        return { jsonrpc: '2.0', id: message['id'], method: message['method'], params: message['params'] ?? {} };
      case 'notification':
        return { jsonrpc: '2.0', method: message['method'], params: message['params'] ?? {} };
      case 'result':
        return { jsonrpc: '2.0', id: message['id'], result: message['result'] };
      case 'error':
        return { jsonrpc: '2.0', ...(envelope.id === undefined ? {} : { id: message['id'] }), error: message['error'] };
    }
  }
});

describe('readEnvelope refuses as INVALID_REQUEST', () => {
  it.each([
    ['a batch', '[{"jsonrpc":"2.0","id":1,"method":"m"}]', 'batches are not supported'],
    ['a string', '"x"', 'a message is a JSON object'],
    ['null', 'null', 'a message is a JSON object'],
    ['an empty object', '{}', '"jsonrpc" must be "2.0"'],
    ['another version', '{"jsonrpc":"1.0","id":1,"method":"m"}', '"jsonrpc" must be "2.0"'],
    ['a version that is a number', '{"jsonrpc":2.0,"id":1,"method":"m"}', '"jsonrpc" must be "2.0"'],
    ['nothing but a version', '{"jsonrpc":"2.0"}', 'there is neither "method", "result" nor "error"'],
    ['nothing but an id', '{"jsonrpc":"2.0","id":1}', 'there is neither "method", "result" nor "error"'],
    ['a request with id null', '{"jsonrpc":"2.0","id":null,"method":"m"}', '"id" must not be null'],
    ['a fraction as id', '{"jsonrpc":"2.0","id":1.5,"method":"m"}', '"id" must be a string or an integer'],
    ['a small fraction as id', '{"jsonrpc":"2.0","id":1e-1,"method":"m"}', '"id" must be a string or an integer'],
    ['an object as id', '{"jsonrpc":"2.0","id":{},"method":"m"}', '"id" must be a string or an integer'],
    ['a boolean as id', '{"jsonrpc":"2.0","id":true,"method":"m"}', '"id" must be a string or an integer'],
    ['an endless id', `{"jsonrpc":"2.0","id":"${'x'.repeat(2000)}","method":"m"}`, '"id" is longer than 1024 bytes'],
    ['a number as method', '{"jsonrpc":"2.0","id":1,"method":1}', '"method" must be a string'],
    ['an array as params', '{"jsonrpc":"2.0","id":1,"method":"m","params":[]}', '"params" must be an object'],
    ['null as params', '{"jsonrpc":"2.0","id":1,"method":"m","params":null}', '"params" must be an object'],
    [
      'a method and a result',
      '{"jsonrpc":"2.0","id":1,"method":"m","result":{}}',
      'a message with "method" has neither "result" nor "error"',
    ],
    [
      'a method and an error',
      '{"jsonrpc":"2.0","id":1,"method":"m","error":{}}',
      'a message with "method" has neither "result" nor "error"',
    ],
    [
      'a result and an error',
      '{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":""}}',
      'a response has either "result" or "error"',
    ],
    ['a result without an id', '{"jsonrpc":"2.0","result":{}}', 'a result needs an "id"'],
    ['a result with id null', '{"jsonrpc":"2.0","id":null,"result":{}}', 'a result needs an "id"'],
    ['an array as result', '{"jsonrpc":"2.0","id":1,"result":[]}', '"result" must be an object'],
    ['a string as error', '{"jsonrpc":"2.0","id":1,"error":"no"}', '"error" must be an object'],
    ['an error without a code', '{"jsonrpc":"2.0","id":1,"error":{"message":""}}', '"error.code" must be an integer'],
    [
      'a fraction as code',
      '{"jsonrpc":"2.0","id":1,"error":{"code":1.5,"message":""}}',
      '"error.code" must be an integer',
    ],
    [
      'a string as code',
      '{"jsonrpc":"2.0","id":1,"error":{"code":"1","message":""}}',
      '"error.code" must be an integer',
    ],
    ['an error without a message', '{"jsonrpc":"2.0","id":1,"error":{"code":1}}', '"error.message" must be a string'],
    ['two ids', '{"jsonrpc":"2.0","id":1,"id":1,"method":"m"}', 'the member "id" stands twice'],
    [
      'two methods, one in disguise',
      '{"jsonrpc":"2.0","id":1,"method":"a","\\u006dethod":"b"}',
      'the member "method" stands twice',
    ],
    ['two params', '{"jsonrpc":"2.0","id":1,"method":"m","params":{},"params":{}}', 'the member "params" stands twice'],
    ['two results', '{"jsonrpc":"2.0","id":1,"result":{},"result":{}}', 'the member "result" stands twice'],
  ])('%s', (_, text, reason) => {
    expect(() => read(text)).toThrow(
      expect.objectContaining({ code: 'INVALID_REQUEST', facts: expect.objectContaining({ reason }) as unknown }),
    );
  });

  it('and says at which byte, where there is one', () => {
    expect(() => read('{"jsonrpc":"2.0","id":1,"method":1}')).toThrow(
      expect.objectContaining({ facts: { reason: '"method" must be a string', offset: 33 } }),
    );
  });

  it('bounds the id as it was told', () => {
    expect(() => readEnvelope(utf8('{"jsonrpc":"2.0","id":"12345","method":"m"}'), { maxIdBytes: 6 })).toThrow(
      '"id" is longer than 6 bytes',
    );
    expect(readEnvelope(utf8('{"jsonrpc":"2.0","id":"1234","method":"m"}'), { maxIdBytes: 6 })).toMatchObject({
      id: '"1234"',
    });
  });

  it('bounds the depth as it was told, the envelope counted', () => {
    expect(() =>
      readEnvelope(utf8('{"jsonrpc":"2.0","id":1,"method":"m","params":{"a":[]}}'), { maxDepth: 2 }),
    ).toThrow('nested more than 2 levels');
    expect(readEnvelope(utf8('{"jsonrpc":"2.0","id":1,"method":"m","params":{"a":1}}'), { maxDepth: 2 })).toMatchObject(
      { id: '1' },
    );
    const params = `${'{"a":'.repeat(999)}1${'}'.repeat(999)}`;
    expect(read(`{"jsonrpc":"2.0","method":"m","params":${params}}`)).toMatchObject({ kind: 'notification' });
    expect(() => read(`{"jsonrpc":"2.0","method":"m","params":{"a":${params}}}`)).toThrow(
      expect.objectContaining({ code: 'PARSE_ERROR' }),
    );
  });
});

describe('readEnvelope stays quick', () => {
  it('with 10,000 unknown members', () => {
    const unknown = Array.from({ length: 10_000 }, (_, at) => `"k${String(at)}":[${String(at)}]`).join(',');
    expect(read(`{${unknown},"jsonrpc":"2.0","id":1,"method":"m"}`)).toMatchObject({ kind: 'request', id: '1' });
  });

  it('with an error code of a million digits, which it refuses', () => {
    const code = `1${'0'.repeat(1_000_000)}1e${'9'.repeat(1_000_000)}`;
    expect(() => read(`{"jsonrpc":"2.0","id":1,"error":{"code":${code},"message":""}}`)).toThrow(
      '"error.code" must be an integer',
    );
  });
});

describe('salvageId', () => {
  it.each([
    ['{"jsonrpc":"2.0","id":7,"method":5}', '7'],
    ['{"id":"a","method":"m"}', '"a"'],
    ['{"jsonrpc":"2.0","id":7,"id":8,"method":"m"}', undefined],
    ['{"jsonrpc":"2.0","id":null,"method":"m"}', undefined],
    ['{"jsonrpc":"2.0","id":[],"method":"m"}', undefined],
    ['{"jsonrpc":"2.0","id":7', undefined],
    ['[{"id":7}]', undefined],
  ])('of %s is %s', (text, id) => {
    expect(salvageId(utf8(text))).toBe(id);
  });
});

describe('encoding', () => {
  it('writes any id and any method so that they are read back', () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 90 }),
      fc.string({ unit: 'grapheme-ascii', minLength: 55, maxLength: 80 }),
    );
    fc.assert(
      fc.property(text, text, (name, method) => {
        const id = JSON.stringify(name);
        expect(readEnvelope(encodeRequest(id, method, RawObject.empty))).toMatchObject({ kind: 'request', id, method });
        expect(readEnvelope(encodeNotification(method, RawObject.empty))).toMatchObject({
          kind: 'notification',
          method,
        });
        expect(readEnvelope(encodeResult(id, RawObject.empty))).toMatchObject({ kind: 'result', id });
      }),
      { numRuns: 500 },
    );
  });

  it('writes messages as literals', () => {
    const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
    const payload = RawObject.of({ a: 'é' });
    expect(text(encodeRequest('1', 'a"b', payload))).toBe(
      '{"jsonrpc":"2.0","id":1,"method":"a\\"b","params":{"a":"é"}}',
    );
    expect(text(encodeNotification('é', payload))).toBe('{"jsonrpc":"2.0","method":"é","params":{"a":"é"}}');
    expect(text(encodeResult('"é"', payload))).toBe('{"jsonrpc":"2.0","id":"é","result":{"a":"é"}}');
    expect(text(encodeError(undefined, payload))).toBe('{"jsonrpc":"2.0","error":{"a":"é"}}');
    expect(text(encodeError('2', payload))).toBe('{"jsonrpc":"2.0","id":2,"error":{"a":"é"}}');
  });
});
