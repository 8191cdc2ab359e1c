import { describe, expect, it } from 'vitest';

import { problems } from '../testing/parse.ts';

describe('what is no configuration at all', () => {
  it.each([
    ['', '1:1 : the file is empty; it wants a mapping with "servers"'],
    ['# only a comment\n', '1:1 : the file is empty; it wants a mapping with "servers"'],
    [
      '- a\n',
      '1:1 : found a list; expected a mapping with "servers", and if needed "orchestration", "profiles" and "secret"',
    ],
    [
      'hello',
      '1:1 : found the text "hello"; expected a mapping with "servers", and if needed "orchestration", "profiles" and "secret"',
    ],
    ['{}', '1:1 servers: "servers" is missing; expected a mapping of server ids to servers'],
    ['servers:', '1:9 servers: found nothing; expected a mapping of server ids to servers'],
    ['servers:\n\ta: 1', '2:1 : this line is indented with a tab; YAML wants spaces'],
    ['servers: {}\n---\nservers: {}', '2:1 : a second document starts here (---); the file must be one document'],
    [
      'servers: !secret x',
      '1:10 : tags such as !name are not read here; remove it, or put text that starts with ! in quotes',
    ],
    [
      'servers: *nope',
      '1:10 servers: this alias (*name) has no anchor (&name) before it; put text that starts with * in quotes',
    ],
    ['? [a]\n: 1\nservers: {}', '1:3 : a key must be text'],
    [
      'servers: {a: {command: "x}}',
      '1:28 : something is missing before this: a colon after a key, a comma between entries, a space, or a closing quote or bracket',
    ],
  ])('%j', (text, problem) => {
    expect(problems(text)[0]).toBe(problem);
  });

  it('is bounded in size', () => {
    expect(problems(`# ${'x'.repeat(1_048_576)}`)).toEqual(['1:1 : the file is larger than 1048576 bytes (1 MiB)']);
  });

  it('is bounded in what its aliases expand to', () => {
    const rows = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let i = 1; i < 9; i++)
      rows.push(
        `a${i}: &a${i} [${Array(10)
          .fill(`*a${i - 1}`)
          .join(', ')}]`,
      );
    expect(problems(rows.join('\n'))).toEqual([
      expect.stringContaining('the file has more than 50000 values once its aliases are written out'),
    ]);
  });

  it('is bounded in depth, also where an alias contains itself', () => {
    expect(problems('servers: &s {a: *s}')).toEqual([
      expect.stringContaining('this is nested more than 32 levels deep'),
    ]);
    expect(problems(`servers: ${'['.repeat(40)}${']'.repeat(40)}`)).toEqual([
      expect.stringContaining('this is nested more than 32 levels deep'),
    ]);
    expect(problems('['.repeat(20_000))[0]).toContain('this is nested too deeply');
  });

  it('is bounded in its number of servers', () => {
    const text = `servers:\n${Array.from({ length: 4_097 }, (_, i) => `  s${i}: {command: x}`).join('\n')}`;
    expect(problems(text)).toEqual(['2:3 servers: there are 4097 servers; at most 4096 are read']);
  });
});
