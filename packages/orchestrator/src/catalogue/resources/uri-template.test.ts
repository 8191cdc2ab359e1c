import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readUriTemplate } from './uri-template.ts';

function matches(template: string, uri: string): boolean | undefined {
  return readUriTemplate(template)?.matches(uri);
}

describe('a URI template', () => {
  it.each([
    ['test://template/{id}/data', 'test://template/123/data'],
    ['file:///{+path}', 'file:///a/b/c.txt'],
    ['file:///{path*}', 'file:///a/b/c.txt'],
    ['repo://{owner}/{repo}{/path*}', 'repo://me/it/src/a.ts'],
    ['repo://{owner}/{repo}{/path*}', 'repo://me/it'],
    ['search://all{?q,limit}', 'search://all?q=a/b&limit=3'],
    ['search://all{?q}', 'search://all'],
    ['search://all?x=1{&q}', 'search://all?x=1&q=2'],
    ['doc://{name}{.ext}', 'doc://readme.md'],
    ['doc://{name}{#part}', 'doc://readme#one/two'],
    ['doc://{name}{;v}', 'doc://readme;v=3'],
    ['map://{x,y}', 'map://1,2'],
    ['plain://fixed', 'plain://fixed'],
    ['utf://{x}', 'utf://%C3%A9é'],
  ])('%s stands for %s', (template, uri) => {
    expect(matches(template, uri)).toBe(true);
  });

  it.each([
    ['test://template/{id}/data', 'test://template/1/2/data'],
    ['test://template/{id}/data', 'test://template//data'],
    ['test://template/{id}/data', 'test://template/1/data/more'],
    ['file:///{+path}', 'file:///'],
    ['repo://{owner}/{repo}', 'repo://me'],
    ['plain://fixed', 'plain://fixed2'],
    ['a{x}b', 'ab'],
  ])('%s does not stand for %s', (template, uri) => {
    expect(matches(template, uri)).toBe(false);
  });

  it.each(['a{b', 'a}b', '{}', '{a b}', '{=x}', '{|x}', '{x:0}', '{x'.repeat(3), 'x'.repeat(1025), '{x}/'.repeat(17)])(
    'is not read from %s',
    (template) => {
      expect(readUriTemplate(template)).toBeUndefined();
    },
  );

  it('stands for no URI beyond 2,048 characters', () => {
    expect(matches('a:{+x}', 'a:' + 'x'.repeat(2046))).toBe(true);
    expect(matches('a:{+x}', 'a:' + 'x'.repeat(2047))).toBe(false);
  });

  it('stands for every URI that filling it makes', () => {
    const value = fc.stringMatching(/^[A-Za-z0-9._~%-]{1,12}$/);
    fc.assert(
      fc.property(value, value, value, (a, b, c) => {
        expect(matches('x://{a}/{b}{/c}{?d}', `x://${a}/${b}/${c}`)).toBe(true);
        expect(matches('x://{a}/{b}{/c}{?d}', `x://${a}/${b}?d=${c}`)).toBe(true);
        expect(matches('x://{a}-{b}.{c}', `x://${a}-${b}.${c}`)).toBe(true);
      }),
    );
  });

  it('agrees with a regular expression on short texts', () => {
    const piece = fc.constantFrom('a', 'b', '/', '{x}', '{+x}', '{/x}');
    const asRegExp = { '{x}': '[^/]+', '{+x}': '.+', '{/x}': '(/[^/]*)?' } as Readonly<Record<string, string>>;
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), fc.stringMatching(/^[ab/]{0,8}$/), (pieces, uri) => {
        const expected = new RegExp(`^${pieces.map((one) => asRegExp[one] ?? one).join('')}$`).test(uri);
        expect(matches(pieces.join(''), uri)).toBe(expected);
      }),
      { numRuns: 3000 },
    );
  });

  it('takes no longer on input that makes backtracking matchers hang', () => {
    const template = readUriTemplate('{+a}'.repeat(16));
    const started = performance.now();
    template?.matches('a'.repeat(2047) + '/');
    readUriTemplate('x{a}x{b}x{c}x{d}x{e}x{f}y')?.matches('x'.repeat(2048));
    expect(performance.now() - started).toBeLessThan(500);
  });
});
