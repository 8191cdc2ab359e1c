import { describe, expect, it } from 'vitest';

import { parse, problems } from '../testing/parse.ts';
import { checkProfiles } from './check-profiles.ts';

const servers = `servers:
  files: { command: x, tags: [work, local] }
  memory: { command: x }
`;
const under = (profile: string, more = ''): readonly string[] =>
  problems(`${servers}profiles:\n  work: ${profile}\n${more}`);

describe('profiles', () => {
  it('become definitions in the order of the file', () => {
    const text = `${servers}profiles:
  work:
    servers: [files]
    tags: [local]
    tools: { include: [files__*], exclude: ["*__write_*"] }
    rename: { files__read_file: read }
    describe:
      files__read_file: Reads a file.
      files__list: { title: List, description: Lists a folder. }
    pin: [files__read_file]
    mode: auto
    searchBudgetTokens: 2000
  "7": {}
`;
    expect(parse(text).profiles).toEqual([
      {
        name: 'work',
        servers: ['files'],
        tags: ['local'],
        tools: { include: ['files__*'], exclude: ['*__write_*'] },
        rename: { files__read_file: 'read' },
        describe: {
          files__read_file: { description: 'Reads a file.' },
          files__list: { title: 'List', description: 'Lists a folder.' },
        },
        pin: ['files__read_file'],
        mode: 'auto',
        searchBudgetTokens: 2000,
      },
      { name: '7' },
    ]);
    expect(parse(servers).profiles).toEqual([]);
  });

  it.each([
    ['{servers: [fils]}', '5:20 profiles.work.servers[0]: there is no server "fils"; did you mean "files"?'],
    ['{servers: [cooking]}', '5:20 profiles.work.servers[0]: there is no server "cooking"'],
    ['{tags: [wrok]}', '5:17 profiles.work.tags[0]: no server has the tag "wrok"; did you mean "work"?'],
    ['{servers: []}', '5:19 profiles.work.servers: it names no server; remove it where all are meant'],
    ['{tags: []}', '5:16 profiles.work.tags: it names no tag; remove it where all servers are meant'],
    ['{tools: {include: []}}', '5:27 profiles.work.tools.include: it lets no tool in; remove it where all are meant'],
    [
      '{tools: {exclude: ["files__{a,b}"]}}',
      '5:28 profiles.work.tools.exclude[0]: this is no pattern of names: at most 128 of A-Z, a-z, 0-9, "-", "_", and "*" for any of them',
    ],
    ['{tools: {incude: [a]}}', '5:18 profiles.work.tools.incude: unknown key "incude"; did you mean "include"?'],
    ['{mod: direct}', '5:10 profiles.work.mod: unknown key "mod"; did you mean "mode"?'],
    [
      '{hiding: [a]}',
      '5:10 profiles.work.hiding: unknown key "hiding"; known here: servers, tags, tools, rename, describe, pin, mode, searchBudgetTokens',
    ],
    ['{mode: lazy}', '5:16 profiles.work.mode: found the text "lazy"; expected one of "direct", "search", "auto"'],
    [
      '{rename: {files__read: "re ad"}}',
      '5:32 profiles.work.rename.files__read: this cannot be the name of a tool: 1 to 64 of A-Z, a-z, 0-9, "-" and "_"',
    ],
    [
      `{rename: {files__read: ${'x'.repeat(65)}}}`,
      '5:32 profiles.work.rename.files__read: this cannot be the name of a tool: 1 to 64 of A-Z, a-z, 0-9, "-" and "_"',
    ],
    [
      '{rename: {files__a: read, files__b: read}}',
      '5:45 profiles.work.rename.files__b: this is already the new name of "files__a"; names must differ',
    ],
    [
      '{rename: {"files*": read}}',
      '5:19 profiles.work.rename.…: this is no name of a tool: 1 to 64 of A-Z, a-z, 0-9, "-" and "_"',
    ],
    [
      '{rename: {files__a: read}, describe: {read: Reads.}}',
      '5:47 profiles.work.describe.read: this is the new name of "files__a"; tools go by their names before "rename" here',
    ],
    [
      '{rename: {files__a: read}, pin: [read]}',
      '5:42 profiles.work.pin[0]: this is the new name of "files__a"; tools go by their names before "rename" here',
    ],
    ['{describe: {files__a: {}}}', '5:21 profiles.work.describe.files__a: neither "title" nor "description" is there'],
    [
      '{describe: {files__a: {titel: x}}}',
      '5:32 profiles.work.describe.files__a.titel: unknown key "titel"; did you mean "title"?',
    ],
    [
      '{describe: {files__a: [x]}}',
      '5:21 profiles.work.describe.files__a: found a list; expected a text (the description), or a mapping with "title" and "description"',
    ],
    [
      '[files]',
      '5:3 profiles.work: found a list; expected a mapping that says what is shown, such as {servers: [files]}',
    ],
  ])('are refused with %s', (profile, problem) => {
    expect(under(profile)).toEqual([problem]);
  });

  it('may swap names, and describe what was swapped', () => {
    expect(under('{rename: {files__a: files__b, files__b: files__a}, describe: {files__b: B}}')).toEqual([]);
  });

  it('have names that can be part of a path', () => {
    const rule =
      'this name cannot be part of a path: 1 to 32 of a-z, 0-9, "-" and "_", a letter or digit first and last';
    expect(problems(`${servers}profiles: {Work: {}, "a/b": {}, ${'x'.repeat(33)}: {}}`)).toEqual([
      `4:12 profiles.Work: ${rule}`,
      `4:22 profiles.…: ${rule}`,
      `4:33 profiles.${'x'.repeat(33)}: ${rule}`,
    ]);
  });

  it('are bounded in number', () => {
    const many = Array.from({ length: 257 }, (_, i) => `  p${i}: {}`).join('\n');
    expect(problems(`${servers}profiles:\n${many}\n`)).toEqual([
      '5:3 profiles: there are 257 profiles; at most 256 are read',
    ]);
  });

  it('are for prefixed names', () => {
    expect(under('{}', 'orchestration: {naming: flat}')).toEqual([
      '5:3 profiles: there are no profiles with "naming: flat", which relays what is not listed',
    ]);
  });

  it('repeat nothing that came from the environment', () => {
    const text = `${servers}profiles: {work: {servers: ["\${S}"], tags: ["\${S}"], rename: {files__a: "\${S}", files__b: "\${S}"}}}`;
    const said = problems(text, { environment: { S: 's3cret' } });
    expect(said).toHaveLength(3);
    expect(said.join()).not.toContain('s3cret');
  });
});

describe('profiles that come from no file', () => {
  it('are held to the same rules', () => {
    const known = { servers: [{ id: 'files', tags: ['work'] }, { id: 'memory' }] };
    expect(checkProfiles([{ name: 'work', servers: ['files'], tags: ['work'] }], known)).toEqual([]);
    expect(
      checkProfiles(
        [
          { name: 'a', servers: ['fils'], tools: { include: ['('] } },
          { name: 'a', rename: { x: 'y', z: 'y' } },
        ],
        known,
      ).map(({ line, path }) => `${line} ${path}`),
    ).toEqual(['0 profiles.a', '0 profiles.a.rename.z']);
    expect(checkProfiles([{ name: 'a' }], { ...known, naming: 'flat' })).toHaveLength(1);
  });

  it.each([
    [null, 'profiles[0]'],
    [{ servers: [] }, 'profiles[0]'],
    [{ name: 'a', mode: 'x' }, 'profiles.a.mode'],
    [{ name: 'a', tools: 5 }, 'profiles.a.tools'],
    [{ name: 'a', sevrers: [] }, 'profiles.a.sevrers'],
    [{ name: 'a', searchBudgetTokens: 0 }, 'profiles.a.searchBudgetTokens'],
  ])('are refused where they are none: %o', (profile, path) => {
    const given: unknown = Reflect.apply(checkProfiles, undefined, [[profile], {}]);
    expect(given).toEqual([expect.objectContaining({ path })]);
  });
});
