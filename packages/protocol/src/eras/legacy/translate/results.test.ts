import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RawObject } from '../../../wire/raw-object.ts';
import { toLegacyResult, toModernResult, toolErrorResult } from './results.ts';

function raw(text: string): RawObject {
  return RawObject.read(new TextEncoder().encode(text));
}

function modern(method: string, result: string): string {
  return toModernResult(method, raw(result)).text;
}

function legacy(method: string, result: string, revision = '2025-11-25'): string {
  return toLegacyResult(method, raw(result), revision).text;
}

describe('toModernResult', () => {
  it.each([
    ['tools/call', '{ "content": [] }', '{ "resultType":"complete","content": [] }'],
    ['prompts/get', '{"messages":[],"x":1.0}', '{"resultType":"complete","messages":[],"x":1.0}'],
    ['completion/complete', '{}', '{"resultType":"complete"}'],
    ['tools/list', '{"tools":[]}', '{"resultType":"complete","ttlMs":0,"cacheScope":"private","tools":[]}'],
    ['prompts/list', '{"prompts":[]}', '{"resultType":"complete","ttlMs":0,"cacheScope":"private","prompts":[]}'],
    ['resources/list', '{"resources":[]}', '{"resultType":"complete","ttlMs":0,"cacheScope":"private","resources":[]}'],
    [
      'resources/templates/list',
      '{"resourceTemplates":[]}',
      '{"resultType":"complete","ttlMs":0,"cacheScope":"private","resourceTemplates":[]}',
    ],
    ['resources/read', '{"contents":[]}', '{"resultType":"complete","ttlMs":0,"cacheScope":"private","contents":[]}'],
    [
      'resources/read',
      '{"contents":[],"ttlMs":5}',
      '{"resultType":"complete","cacheScope":"private","contents":[],"ttlMs":5}',
    ],
  ])('completes the result of %s', (method, before, after) => {
    expect(modern(method, before)).toBe(after);
  });

  it('leaves what is complete alone', () => {
    const result = raw('{"resultType":"input_required","requestState":"x"}');
    expect(toModernResult('tools/call', result)).toBe(result);
  });

  it('takes the experimental tasks off tools, and touches no other byte', () => {
    expect(
      modern(
        'tools/list',
        '{"tools":[ {"name":"a", "execution":{"taskSupport":"optional"},"inputSchema":{"type":"object","maximum":1e400}} ],"nextCursor":""}',
      ),
    ).toBe(
      '{"resultType":"complete","ttlMs":0,"cacheScope":"private","tools":[{"name":"a", "inputSchema":{"type":"object","maximum":1e400}}],"nextCursor":""}',
    );
  });

  it('leaves out tools that can only be called as such a task', () => {
    expect(modern('tools/list', '{"tools":[{"name":"a","execution":{"taskSupport":"required"}},{"name":"b"},7]}')).toBe(
      '{"resultType":"complete","ttlMs":0,"cacheScope":"private","tools":[{"name":"b"},7]}',
    );
  });

  it('keeps them where they can be called', () => {
    const result = raw('{"tools":[{"name":"a","execution":{"taskSupport":"required"}}]}');
    expect(
      toModernResult('tools/list', result, true)
        .array('tools')
        ?.map(({ text }) => text),
    ).toEqual(['{"name":"a"}']);
  });

  it.each(['{"tools":null}', '{"tools":{}}', '{}'])('lets %s be what it is', (result) => {
    expect(() => modern('tools/list', result)).not.toThrow();
  });
});

describe('toLegacyResult', () => {
  it('takes off what older clients do not know', () => {
    expect(
      legacy(
        'resources/read',
        '{"resultType":"complete", "contents":[{"uri":"a:b","text":"x"}],"ttlMs":60000,"cacheScope":"public"}',
      ),
    ).toBe('{"contents":[{"uri":"a:b","text":"x"}]}');
    expect(legacy('completion/complete', '{"resultType":"complete"}')).toBe('{}');
  });

  it('gives back what came from an older server, byte for byte', () => {
    const space = fc.constantFrom('', ' ', '\n', '\t ');
    const spaced = (part: fc.Arbitrary<string>) => fc.tuple(space, part, space).map((parts) => parts.join(''));
    const name = fc.constantFrom(
      'a',
      'b',
      'name',
      'title',
      '_meta',
      'content',
      'tools',
      'messages',
      'type',
      'inputSchema',
      '\\u0061\\u0062',
      'é',
    );
    const { value } = fc.letrec<{ value: string; object: string }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.constantFrom(
          '1.0',
          '9007199254740993',
          '1e400',
          '-0',
          'true',
          'null',
          '"\\ud83d\\ude00"',
          '"text"',
          '"audio"',
        ),
        tie('object'),
        fc.array(spaced(tie('value'))).map((values) => `[${values.join(',')}]`),
      ),
      object: fc
        .uniqueArray(fc.tuple(space, name, space, spaced(tie('value'))), { selector: ([, name]) => name })
        .chain((members) => space.map((empty) => (members.length === 0 ? `{${empty}}` : objectText(members)))),
    }));
    const object = value.filter((text) => text.startsWith('{'));
    const method = fc.constantFrom(
      'tools/call',
      'tools/list',
      'prompts/get',
      'prompts/list',
      'resources/list',
      'resources/read',
      'x/y',
    );
    const revision = fc.constantFrom('2025-06-18', '2025-11-25');
    fc.assert(
      fc.property(method, revision, object, (method, revision, text) => {
        expect(toLegacyResult(method, toModernResult(method, raw(text)), revision).text).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['2025-11-25', '[1, 2.0]'],
    ['2025-06-18', '[1, 2.0]'],
    ['2025-11-25', 'null'],
    ['2025-11-25', '"s"'],
    ['2025-11-25', '1e400'],
  ])('wraps structured content that is no object for %s: %s', (revision, structured) => {
    expect(
      legacy('tools/call', `{"content":[{"type":"text","text":"t"}],"structuredContent":${structured}}`, revision),
    ).toBe(`{"content":[{"type":"text","text":"t"}],"structuredContent":{"result":${structured}}}`);
  });

  it('adds the text that structured content should have had, where it has to be changed', () => {
    expect(legacy('tools/call', '{"content":[],"structuredContent":[1.0]}')).toBe(
      '{"content":[{"type":"text","text":"[1.0]"}],"structuredContent":{"result":[1.0]}}',
    );
    expect(
      legacy(
        'tools/call',
        '{"structuredContent":{"a":1},"content":[{"type":"image","data":"","mimeType":"image/png"}]}',
        '2024-11-05',
      ),
    ).toBe('{"content":[{"type":"image","data":"","mimeType":"image/png"},{"type":"text","text":"{\\"a\\":1}"}]}');
  });

  it.each(['2025-06-18', '2025-11-25'])('leaves structured content that is an object as it is for %s', (revision) => {
    const result = '{"content":[],"structuredContent":{"a" : 1.0}}';
    expect(legacy('tools/call', result, revision)).toBe(result);
  });

  it.each(['2024-11-05', '2025-03-26'])('drops structured content, which has its text copy, for %s', (revision) => {
    expect(
      legacy(
        'tools/call',
        '{"content":[{"type":"text","text":"[1]"}],"structuredContent":[1],"isError":false}',
        revision,
      ),
    ).toBe('{"content":[{"type":"text","text":"[1]"}],"isError":false}');
  });

  const audio = '{"type":"audio","data":"UklGRg==","mimeType":"audio/wav","annotations":{"priority":0.50}}';
  const link = '{"type":"resource_link","uri":"file:///a","name":"a","description":"An a."}';
  const unknown = '{"type":"hologram","x":1.0}';
  const audioText = '{"type":"text","text":"[audio: audio/wav, 4 bytes]","annotations":{"priority":0.50}}';
  const linkText = '{"type":"text","text":"[resource: a, file:///a] An a."}';

  it.each([
    ['2025-11-25', audio, link],
    ['2025-06-18', audio, link],
    ['2025-03-26', audio, linkText],
    ['2024-11-05', audioText, linkText],
  ])('shows to %s as text what it has no blocks for', (revision, audioShown, linkShown) => {
    expect(legacy('tools/call', `{"content":[${audio},${link},${unknown}]}`, revision)).toBe(
      `{"content":[${audioShown},${linkShown},${unknown}]}`,
    );
    expect(
      legacy(
        'prompts/get',
        `{"messages":[{"role":"user","content":${audio}},{"role":"user","content":${link}}]}`,
        revision,
      ),
    ).toBe(`{"messages":[{"role":"user","content":${audioShown}},{"role":"user","content":${linkShown}}]}`);
  });

  it.each([
    ['tools/list', 'tools'],
    ['prompts/list', 'prompts'],
    ['resources/list', 'resources'],
    ['resources/templates/list', 'resourceTemplates'],
  ])('drops titles in %s before 2025-06-18 only', (method, member) => {
    const result = `{"${member}":[{"name":"a","title":"A","x":1}]}`;
    expect(legacy(method, result, '2025-03-26')).toBe(`{"${member}":[{"name":"a","x":1}]}`);
    expect(legacy(method, result, '2025-06-18')).toBe(result);
  });

  it('drops titles of prompt arguments before 2025-06-18', () => {
    expect(
      legacy('prompts/list', '{"prompts":[{"name":"a","arguments":[{"name":"b","title":"B"}]}]}', '2024-11-05'),
    ).toBe('{"prompts":[{"name":"a","arguments":[{"name":"b"}]}]}');
  });

  it('drops the output schema before 2025-06-18', () => {
    expect(legacy('tools/list', '{"tools":[{"name":"a","outputSchema":{"type":"object"}}]}', '2025-03-26')).toBe(
      '{"tools":[{"name":"a"}]}',
    );
  });

  it('announces wrapped structured content', () => {
    expect(
      legacy(
        'tools/list',
        '{"tools":[{"name":"a","outputSchema":{"type":"array"}},{"name":"b","outputSchema":{"type":"object"}},{"name":"c"}]}',
      ),
    ).toBe(
      '{"tools":[{"name":"a","outputSchema":{"type":"object","properties":{"result":{"type":"array"}},"required":["result"]}},' +
        '{"name":"b","outputSchema":{"type":"object"}},{"name":"c"}]}',
    );
  });

  it('leaves out a schema that no wrapped result could be told to match', () => {
    expect(
      legacy(
        'tools/list',
        '{"tools":[{"name":"a","outputSchema":{"anyOf":[{"type":"object"},{"type":"array"}]},"x":1}]}',
      ),
    ).toBe('{"tools":[{"name":"a","x":1}]}');
  });
});

describe('toolErrorResult', () => {
  it('is what a model reads as a failure', () => {
    expect(toolErrorResult('no').text).toBe(
      '{"resultType":"complete","content":[{"type":"text","text":"no"}],"isError":true}',
    );
  });
});

function objectText(members: readonly (readonly [string, string, string, string])[]): string {
  return `{${members.map(([before, name, after, value]) => `${before}"${name}"${after}:${value}`).join(',')}}`;
}
