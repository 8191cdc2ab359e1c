import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ToolyardError } from '../errors/toolyard-error.ts';
import { RawJson } from './raw-json.ts';
import { RawObject, elements, rawArray } from './raw-object.ts';
import { objectText, stringText, valueText } from './testing/json-text.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const read = (text: string): RawObject => RawObject.read(utf8(text));
const raw = (text: string): RawJson => new RawJson(utf8(text));

describe('RawObject reads members', () => {
  const tool = read(
    '{ "n\\u0061me" : "say\\n\\"hi\\"", "big": 9007199254740993, "one":1.0 ,"huge":1e400, "in":{"a":[1 , 2]}, "no":null }',
  );

  it('by what their names stand for, verbatim', () => {
    expect(tool.keys()).toEqual(['name', 'big', 'one', 'huge', 'in', 'no']);
    expect(tool.member('big')?.text).toBe('9007199254740993');
    expect(tool.member('one')?.text).toBe('1.0');
    expect(tool.member('huge')?.text).toBe('1e400');
    expect(tool.object('in')?.text).toBe('{"a":[1 , 2]}');
    expect(tool.member('name')?.text).toBe('"say\\n\\"hi\\""');
    expect(tool.has('name')).toBe(true);
    expect(tool.has('n\\u0061me')).toBe(false);
    expect(tool.member('toString')).toBeUndefined();
  });

  it('as strings and objects only where they are', () => {
    expect(tool.string('name')).toBe('say\n"hi"');
    expect(tool.string('big')).toBeUndefined();
    expect(tool.string('absent')).toBeUndefined();
    expect(tool.object('name')).toBeUndefined();
    expect(tool.object('absent')).toBeUndefined();
    expect(tool.array('in')).toBeUndefined();
    expect(
      tool
        .object('in')
        ?.array('a')
        ?.map((each) => each.text),
    ).toEqual(['1', '2']);
  });

  it('as the same object each time, so that it is parsed once', () => {
    expect(tool.object('in')).toBe(tool.member('in'));
    expect(tool.member('in')?.value).toBe(tool.member('in')?.value);
  });

  it('of any name, also those that objects inherit', () => {
    const odd = read('{"__proto__":1,"constructor":2,"":3,"hasOwnProperty":4}');
    expect(odd.keys()).toEqual(['__proto__', 'constructor', '', 'hasOwnProperty']);
    expect(odd.member('__proto__')?.value).toBe(1);
    expect(odd.with('__proto__', raw('9')).text).toBe('{"__proto__":9,"constructor":2,"":3,"hasOwnProperty":4}');
    expect(read('{}').patch({ ['__proto__']: raw('1') }).text).toBe('{"__proto__":1}');
  });

  it('agrees with JSON.parse on names and values', () => {
    fc.assert(
      fc.property(objectText, ({ text, members }) => {
        const object = read(` ${text}\n`);
        expect(object.text).toBe(text);
        expect(object.keys()).toEqual(members.map(([name]) => JSON.parse(name)));
        for (const [name, value] of members) {
          const key = String(JSON.parse(name));
          expect(object.member(key)?.text).toBe(value);
          const parsed: unknown = JSON.parse(value);
          expect(object.string(key)).toBe(typeof parsed === 'string' ? parsed : undefined);
        }
      }),
      { numRuns: 400 },
    );
  });
});

describe('RawObject refuses to choose between two members of one name', () => {
  it.each([
    ['{"name":"a","name":"b"}', 'name'],
    ['{"name":"a","n\\u0061me":"b"}', 'name'],
    ['{"\\ud83d\\ude00":1,"😀":2}', '😀'],
    [`{${Array.from({ length: 20 }, (_, at) => `"k${String(at)}":0`).join(',')},"k3":1}`, 'k3'],
  ])('%s', (text, name) => {
    const object = read(text);
    for (const look of [
      () => object.member(name),
      () => object.string(name),
      () => object.has('other'),
      () => object.keys(),
      () => object.with('other', raw('1')),
      () => object.without('other'),
    ]) {
      expect(look).toThrow(
        expect.objectContaining({
          code: 'INVALID_REQUEST',
          facts: { reason: `the member "${name}" stands twice in one object` },
        }),
      );
    }
    expect(object.text).toBe(text);
  });
});

describe('RawObject splices', () => {
  const object = read('{ "a" : 1 ,\n  "b":[ 1.0 ],\t"c": "x" }');

  it.each<[string, RawObject, string]>([
    ['replaces the first', object.with('a', raw('{}')), '{ "a" : {} ,\n  "b":[ 1.0 ],\t"c": "x" }'],
    ['replaces the last', object.with('c', utf8('"y"')), '{ "a" : 1 ,\n  "b":[ 1.0 ],\t"c": "y" }'],
    ['appends', object.with('d', raw('4')), '{ "a" : 1 ,\n  "b":[ 1.0 ],\t"c": "x","d":4 }'],
    ['appends to nothing', read('{ }').with('d', raw('4')), '{"d":4 }'],
    ['writes names as JSON', RawObject.empty.with('a"b\n', raw('4')), '{"a\\"b\\n":4}'],
    ['removes the first', object.without('a'), '{ "b":[ 1.0 ],\t"c": "x" }'],
    ['removes one between', object.without('b'), '{ "a" : 1 ,\n  "c": "x" }'],
    ['removes the last', object.without('c'), '{ "a" : 1 ,\n  "b":[ 1.0 ] }'],
    ['removes all', object.without('a').without('b').without('c'), '{  }'],
    ['removes none', object.without('d'), '{ "a" : 1 ,\n  "b":[ 1.0 ],\t"c": "x" }'],
    ['prepends', object.prepend('d', raw('4')), '{ "d":4,"a" : 1 ,\n  "b":[ 1.0 ],\t"c": "x" }'],
    ['prepends to nothing', RawObject.empty.prepend('d', raw('4')), '{"d":4}'],
    ['moves to the front', object.prepend('c', raw('4')), '{ "c":4,"a" : 1 ,\n  "b":[ 1.0 ] }'],
    [
      'changes several',
      object.patch({ c: undefined, a: raw('0'), x: raw('1'), y: undefined, b: undefined, z: raw('2') }),
      '{ "a" : 0,"x":1,"z":2 }',
    ],
    ['removes and appends', object.patch({ a: undefined, b: undefined, c: undefined, d: raw('4') }), '{ "d":4 }'],
    ['changes nothing', object.patch({}), '{ "a" : 1 ,\n  "b":[ 1.0 ],\t"c": "x" }'],
  ])('%s', (_, changed, text) => {
    expect(changed.text).toBe(text);
    expect(changed.keys()).toEqual(Object.keys(JSON.parse(text) as object));
  });

  it('leaves the object it was asked of alone', () => {
    object.with('a', raw('2')).without('b');
    expect(object.text).toBe('{ "a" : 1 ,\n  "b":[ 1.0 ],\t"c": "x" }');
  });

  const change = fc.tuple(fc.nat({ max: 9 }), stringText, fc.option(valueText, { nil: undefined }));

  it('does what the same change does to an object, and touches no other byte', () => {
    fc.assert(
      fc.property(objectText, fc.array(change, { maxLength: 5 }), fc.boolean(), ({ text, members }, wanted, atOnce) => {
        const changes = new Map<string, string | undefined>();
        for (const [at, fresh, value] of wanted) changes.set(String(JSON.parse(members[at]?.[0] ?? fresh)), value);
        let changed = read(text);
        const asRaw = new Map(
          [...changes].map(([name, value]) => [name, value === undefined ? undefined : raw(value)]),
        );
        if (atOnce) changed = changed.patch(Object.fromEntries(asRaw));
        else
          for (const [name, value] of asRaw)
            changed = value === undefined ? changed.without(name) : changed.with(name, value);

        const expected = new Map(members.map(([name, value]): [string, string] => [String(JSON.parse(name)), value]));
        for (const [name, value] of changes) if (value === undefined) expected.delete(name);
        for (const [name, value] of changes) if (value !== undefined) expected.set(name, value);
        // A fresh look at the bytes and the index that was carried along agree with the model.
        for (const look of [changed, read(changed.text)]) {
          expect(new Set(look.keys())).toEqual(new Set(expected.keys()));
          for (const [name, value] of expected) expect(look.member(name)?.text).toBe(value);
        }
        const kept = members.filter(([name]) => !changes.has(String(JSON.parse(name))));
        const order = changed.keys().filter((name) => kept.some(([each]) => JSON.parse(each) === name));
        expect(order).toEqual(kept.map(([name]) => JSON.parse(name)));
        for (const [name] of kept) expect(changed.text).toContain(name);
        if (changes.size === 0) expect(changed.text).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });

  it('gives back the same bytes when a replaced value is put back', () => {
    fc.assert(
      fc.property(objectText, valueText, fc.nat(), ({ text, members }, other, pick) => {
        const [name, value] = members[pick % Math.max(1, members.length)] ?? [];
        if (name === undefined || value === undefined) return;
        const key = String(JSON.parse(name));
        expect(read(text).with(key, raw(other)).with(key, raw(value)).text).toBe(text);
        expect(read(text).prepend('\u0000new', raw(other)).without('\u0000new').text).toBe(text);
      }),
      { numRuns: 300 },
    );
  });

  it('handles 10,000 members', () => {
    const many = read(`{${Array.from({ length: 10_000 }, (_, at) => `"k${String(at)}":${String(at)}`).join(',')}}`);
    expect(many.keys()).toHaveLength(10_000);
    expect(many.member('k9999')?.value).toBe(9999);
    const changed = many.without('k5000').with('k0', raw('"zero"'));
    expect(changed.has('k5000')).toBe(false);
    expect(changed.member('k9999')?.text).toBe('9999');
    expect(Object.keys(JSON.parse(changed.text) as object)).toHaveLength(9999);
  });
});

describe('RawObject and RawJson are made', () => {
  it('of values, and of raw JSON that stays verbatim', () => {
    const big = raw('9007199254740993');
    const made = RawObject.of({
      a: 1,
      gone: undefined,
      big,
      list: [raw('1.0'), raw('2e0')],
      plain: [1],
      none: [],
      text: 'é',
    });
    expect(made.text).toBe('{"a":1,"big":9007199254740993,"list":[1.0,2e0],"plain":[1],"none":[],"text":"é"}');
    expect(RawObject.of({}).text).toBe('{}');
    expect(RawJson.of('x').text).toBe('"x"');
    expect(RawJson.of(big)).toBe(big);
    expect(rawArray([]).text).toBe('[]');
    expect(elements(rawArray([big, RawObject.empty]))?.map((each) => each.text)).toEqual(['9007199254740993', '{}']);
    expect(elements(big)).toBeUndefined();
  });

  it('so that JSON.stringify sees the value', () => {
    expect(JSON.stringify({ params: read('{"a": 1}') })).toBe('{"params":{"a":1}}');
  });

  it('of bytes only where they are an object', () => {
    expect(() => read('[]')).toThrow(ToolyardError);
    expect(() => read('[]')).toThrow(expect.objectContaining({ code: 'INVALID_REQUEST' }));
    expect(() => read('{')).toThrow(expect.objectContaining({ code: 'PARSE_ERROR', facts: { offset: 1 } }));
  });
});
