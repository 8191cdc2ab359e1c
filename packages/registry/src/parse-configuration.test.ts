import { ToolyardError } from '@toolyard/protocol';
import { describe, expect, it } from 'vitest';

import type { Configuration } from './configuration.ts';
import { parseConfiguration, type ParseOptions } from './parse-configuration.ts';

function parse(text: string, options: Partial<ParseOptions> = {}): Configuration {
  return parseConfiguration(text, { environment: {}, ...options });
}

/** Every problem as `line:column path: message`. */
function problems(text: string, options: Partial<ParseOptions> = {}): readonly string[] {
  try {
    parse(text, options);
  } catch (error) {
    if (!ToolyardError.is(error, 'CONFIG_INVALID')) throw error;
    return error.facts.problems.map(({ line, column, path, message }) => `${line}:${column} ${path}: ${message}`);
  }
  return [];
}

const idRule =
  'this id cannot be a prefix of names: 1 to 32 of a-z, 0-9, "-" and "_", a letter or digit first and last, no "__"';

describe('what a file says', () => {
  it('becomes definitions in the order of the file, with relative folders beside the file', () => {
    const text = `
servers:
  files:
    name: Files
    command: node
    args: [server.js, ./sample]
    env: { LOG: "1" }
    cwd: tools
    transport: stdio
    priority: 5
    domains: [files]
    capabilities: [read]
    tags: [local]
    timeoutMs: 1000
    maxTimeoutMs: 2000
    connectTimeoutMs: 500
  web:
    url: https://example.com/mcp
    headers: { X-Team: blue }
orchestration:
  failFast: true
  startConcurrency: 4
  naming: flat
  pageSize: 50
  connectTimeoutMs: 1
  timeoutMs: 2
  maxTimeoutMs: 3
  maxRetries: 0
  backoff: { initialMs: 10, maxMs: 20 }
  resourceCacheTtlMs: 0
  logLevel: debug
`;
    expect(parse(text, { file: '/etc/toolyard/toolyard.yaml' })).toEqual({
      servers: [
        {
          id: 'files',
          name: 'Files',
          target: { command: 'node', args: ['server.js', './sample'], env: { LOG: '1' }, cwd: '/etc/toolyard/tools' },
          transport: 'stdio',
          priority: 5,
          domains: ['files'],
          capabilities: ['read'],
          tags: ['local'],
          timeoutMs: 1000,
          maxTimeoutMs: 2000,
          connectTimeoutMs: 500,
        },
        {
          id: 'web',
          target: { url: 'https://example.com/mcp', headers: { 'X-Team': 'blue' } },
          priority: 0,
          domains: [],
          capabilities: [],
          tags: [],
        },
      ],
      orchestration: {
        failFast: true,
        startConcurrency: 4,
        naming: 'flat',
        pageSize: 50,
        connectTimeoutMs: 1,
        timeoutMs: 2,
        maxTimeoutMs: 3,
        maxRetries: 0,
        backoff: { initialMs: 10, maxMs: 20 },
        resourceCacheTtlMs: 0,
        logLevel: 'debug',
      },
      notices: [],
    });
  });

  it('is frozen in depth', () => {
    const { servers } = parse('servers: {a: {command: x, args: [y]}}');
    expect(Object.isFrozen(servers)).toBe(true);
    expect(Object.isFrozen(servers[0]?.target)).toBe(true);
    expect(servers[0]?.target).toSatisfy((target) => 'args' in target && Object.isFrozen(target.args));
  });

  it('runs a command without cwd in the folder of the file', () => {
    expect(parse('servers: {a: {command: x}}', { file: '/srv/t.yaml' }).servers[0]?.target).toEqual({
      command: 'x',
      cwd: '/srv',
    });
    expect(parse('servers: {a: {command: x}}').servers[0]?.target).toEqual({ command: 'x' });
  });

  it('keeps servers with numeric ids in the order of the file', () => {
    expect(
      parse('servers: {b: {command: x}, "2": {command: x}, "1": {command: x}}').servers.map(({ id }) => id),
    ).toEqual(['b', '2', '1']);
  });

  it('turns credentials into headers', () => {
    const text = `
servers:
  a: { url: "https://a/mcp", auth: { type: bearer, token: t1 } }
  b: { url: "https://b/mcp", auth: { type: api_key, header: X-Key, key: k1 }, headers: { X-Team: blue } }
  c: { url: "https://c/mcp", auth: { type: none } }
`;
    expect(parse(text).servers.map(({ target }) => target)).toEqual([
      { url: 'https://a/mcp', headers: { Authorization: 'Bearer t1' } },
      { url: 'https://b/mcp', headers: { 'X-Team': 'blue', 'X-Key': 'k1' } },
      { url: 'https://c/mcp' },
    ]);
  });

  it('may start a process that then serves the url, on a port that is free', () => {
    const text = `
servers:
  a:
    url: http://127.0.0.1:{port}/mcp
    start: { command: node, args: [http.js], env: { PORT: "{port}" }, cwd: x }
`;
    expect(parse(text, { file: '/srv/t.yaml' }).servers[0]?.target).toEqual({
      url: 'http://127.0.0.1:{port}/mcp',
      start: { command: 'node', args: ['http.js'], env: { PORT: '{port}' }, cwd: '/srv/x' },
    });
  });

  it('takes arguments, variables and headers as they are written when they look like numbers', () => {
    const text = 'servers: {a: {command: x, args: [-p, 080, 1.0, true], env: {PORT: 8080}}}';
    expect(parse(text).servers[0]?.target).toEqual({
      command: 'x',
      args: ['-p', '080', '1.0', 'true'],
      env: { PORT: '8080' },
    });
  });

  it('follows aliases', () => {
    const text = 'servers:\n  a: {command: x, env: &e {K: v}}\n  b: {command: y, env: *e}\n';
    expect(parse(text).servers.map(({ target }) => 'env' in target && target.env)).toEqual([{ K: 'v' }, { K: 'v' }]);
  });

  it('may begin with a byte order mark, which does not shift columns', () => {
    expect(parse('\uFEFFservers: {}').servers).toEqual([]);
    expect(problems('\uFEFFserver: {}')[1]).toMatch(/^1:1 server: unknown key/);
  });
});

describe('references', () => {
  const environment = { TOKEN: 's3cret', EMPTY: '', N: '7', YES: 'true', LINE: 'a\nb' };

  it('are replaced wherever text stands, with a default where the variable is unset or empty', () => {
    const text =
      'servers: {a: {command: "${CMD:-node}", args: ["--x=${TOKEN}", "${EMPTY:-d}", "${EMPTY}", "$${TOKEN}", "$TOKEN"]}}';
    expect(parse(text, { environment }).servers[0]?.target).toEqual({
      command: 'node',
      args: ['--x=s3cret', 'd', '', '${TOKEN}', '$TOKEN'],
    });
  });

  it('may stand for numbers and booleans', () => {
    const text =
      'servers: {a: {command: x, priority: "${N}"}}\norchestration: {failFast: "${YES}", pageSize: "${P:-20}"}';
    const { servers, orchestration } = parse(text, { environment });
    expect(servers[0]?.priority).toBe(7);
    expect(orchestration).toEqual({ failFast: true, pageSize: 20 });
  });

  it('are not looked up again in what they stand for', () => {
    const target = parse('servers: {a: {command: "${A}"}}', { environment: { A: '${B}', B: 'no' } }).servers[0]?.target;
    expect(target).toEqual({ command: '${B}' });
  });

  it('do not see what an object inherits', () => {
    expect(problems('servers: {a: {command: "${constructor}"}}')).toEqual([
      '1:24 servers.a.command: the environment variable constructor is not set; set it, or give a default: "${constructor:-…}"',
    ]);
  });

  it('are reported where the variable is missing, where there is no name, and where they never end', () => {
    const text = ['servers:', '  a:', '    command: ${MISSING}', '    args:', '      - x${}', '      - "p${word"'].join(
      '\n',
    );
    expect(problems(text)).toEqual([
      '3:14 servers.a.command: the environment variable MISSING is not set; set it, or give a default: "${MISSING:-…}"',
      '5:9 servers.a.args[0]: between "${" and "}" stands no variable name; write "${NAME}", "${NAME:-default}", or "$${" for the characters "${"',
      '6:9 servers.a.args[1]: a reference starts with "${" and never ends; close it with "}", or write "$${" for the characters themselves',
    ]);
  });

  it('are not judged further when the variable is missing', () => {
    expect(problems('servers: {a: {url: "${U}", priority: "${P}", auth: {type: bearer, token: "${T}"}}}')).toHaveLength(
      3,
    );
  });
});

describe('everything wrong is reported at once', () => {
  it('with its place, what was found, and what would be right', () => {
    const text = `servers:
  files:
    comand: node
    args: server.js
    priority: high
    timeoutMs: 1.5
    tags: [a, 2]
  Web App:
    url: localhost:3000/mcp
  both:
    url: http://127.0.0.1/mcp
    command: node
orchestration:
  failfast: yes
  naming: nested
  pageSize: 0
  backoff: { first: 1 }
extra: 1
`;
    expect(problems(text)).toEqual([
      '2:3 servers.files: it does not say where the server is: "url", or "command" with "args"',
      '3:5 servers.files.comand: unknown key "comand"; did you mean "command"?',
      '4:11 servers.files.args: found a text; expected a list of texts, one for each argument',
      '5:15 servers.files.priority: found the text "high"; expected a whole number of steps (higher is asked first) from -1000 to 1000',
      '6:16 servers.files.timeoutMs: found 1.5; expected a whole number of milliseconds from 1 to 86400000',
      '7:15 servers.files.tags[1]: found 2; expected a text (tags)',
      `8:3 servers.…: ${idRule}; "web-app" would do`,
      '9:10 servers.….url: this is not a complete URL; it starts with "http://", "https://", or another scheme and "://"',
      '10:3 servers.both: "url" and "command" are both there; keep one of them; where the command is to be started first and then serves the url, put it in "start"',
      '14:3 orchestration.failfast: unknown key "failfast"; did you mean "failFast"?',
      '15:11 orchestration.naming: found the text "nested"; expected one of "prefixed", "flat"',
      '16:13 orchestration.pageSize: found 0; expected a whole number of entries from 1 to 1000',
      '17:14 orchestration.backoff.first: unknown key "first"; known here: initialMs, maxMs',
      '18:1 extra: unknown key "extra"; known here: servers, orchestration',
    ]);
  });

  it('and listed in the message, a line each', () => {
    expect(() => parse('servers: {a: {}}\nfoo: 1', { file: 'my.yaml' })).toThrow(
      '2 problems in my.yaml\n' +
        '  my.yaml:1:11  servers.a: it does not say where the server is: "url", or "command" with "args"\n' +
        '  my.yaml:2:1  foo: unknown key "foo"; known here: servers, orchestration',
    );
  });

  it('with duplicate keys and ids', () => {
    expect(problems('servers:\n  a:\n    command: x\n    command: y\n  a:\n    command: z\n')).toEqual([
      '4:5 servers.a.command: "command" was already given in line 3; keep one of them',
      '5:3 servers.a: "a" was already given in line 2; keep one of them',
    ]);
  });

  it('with what belongs to the other kind of server', () => {
    const text = `servers:
  a: { url: "http://a/mcp", args: [x], env: {K: v}, cwd: y }
  b: { command: x, headers: {K: v}, auth: {type: none}, start: {command: y} }
  c: { url: "http://c:{port}/mcp" }
  d: { url: "http://d/mcp", start: {args: [x]} }
`;
    expect(problems(text)).toEqual([
      '2:29 servers.a.args: "args" belongs to "command"; a server with a "url" has it in "start"',
      '2:40 servers.a.env: "env" belongs to "command"; a server with a "url" has it in "start"',
      '2:53 servers.a.cwd: "cwd" belongs to "command"; a server with a "url" has it in "start"',
      '3:20 servers.b.headers: "headers" belongs to "url"; a command gets what it needs in "env"',
      '3:37 servers.b.auth: "auth" belongs to "url"; a command gets its credentials in "env"',
      '3:57 servers.b.start: "start" belongs to "url"; a "command" is started anyway',
      '4:13 servers.c.url: "{port}" stands for the port of a server that is started here, and there is no "start"',
      '5:29 servers.d.start: "command" is missing: the program to start',
    ]);
  });

  it.each(['A', '-a', 'a-', 'a__b', 'ä', 'a.b', 'x'.repeat(33), '""'])('with ids that cannot be prefixes: %s', (id) => {
    expect(problems(`servers:\n  ${id}: {command: x}`)).toHaveLength(1);
  });

  it.each(['a', '0', 'a-b_c', 'x'.repeat(32)])('but not with good ones: %s', (id) => {
    expect(problems(`servers:\n  ${id}: {command: x}`)).toEqual([]);
  });

  it('with headers that cannot be sent, and headers that the transport writes', () => {
    const text = `servers:
  a:
    url: http://a/mcp
    headers:
      "Bad Name": x
      Mcp-Session-Id: x
      X-A: x
      x-a: y
      X-B: "ü"
    auth: { type: bearer, token: "\${T}" }
  b: { url: "http://b/mcp", headers: {authorization: x}, auth: {type: bearer, token: x} }
`;
    expect(problems(text, { environment: { T: 'token\n' } })).toEqual([
      '5:7 servers.a.headers: this is not the name of a header: letters, digits and "-"',
      '6:7 servers.a.headers.Mcp-Session-Id: this header is written by the transport; remove it',
      '8:7 servers.a.headers.x-a: this header is there twice (the case of letters does not matter)',
      '9:12 servers.a.headers.X-B: the value contains a character that a header cannot carry',
      '10:34 servers.a.auth.token: the value contains a line break; if it comes from a file, remove the one at its end',
      '11:64 servers.b.auth: "headers" has Authorization already; keep one of them',
    ]);
  });

  it('with incomplete credentials', () => {
    const text =
      'servers:\n  a: {url: "http://a/mcp", auth: {type: bearer}}\n  b: {url: "http://b/mcp", auth: {type: basic}}\n  c: {url: "http://c/mcp", auth: {}}';
    const kinds = 'a mapping with "type": one of "none", "bearer" (with "token"), "api_key" (with "header" and "key")';
    expect(problems(text)).toEqual([
      '2:28 servers.a.auth.token: "token" is missing; expected a token; better as a reference, "${NAME}"',
      `3:41 servers.b.auth.type: found a text; expected ${kinds}`,
      `4:28 servers.c.auth.type: "type" is missing; expected ${kinds}`,
    ]);
  });

  it.each([
    ['nope', 'this is not a complete URL'],
    ['https://', 'this is not a URL'],
    ['http://user:pass@host/mcp', 'a URL cannot carry a user name or password'],
  ])('with a URL such as %s', (url, message) => {
    expect(problems(`servers: {a: {url: "${url}"}}`)[0]).toContain(`1:20 servers.a.url: ${message}`);
  });

  it('up to a bound, counting the rest', () => {
    const text = `servers: {}\n${Array.from({ length: 300 }, (_, i) => `k${i}: 1`).join('\n')}`;
    const found = problems(text);
    expect(found).toHaveLength(201);
    expect(found.at(-1)).toBe('0:0 : and 100 more');
  });
});

describe('what is no configuration at all', () => {
  it.each([
    ['', '1:1 : the file is empty; it wants a mapping with "servers"'],
    ['# only a comment\n', '1:1 : the file is empty; it wants a mapping with "servers"'],
    ['- a\n', '1:1 : found a list; expected a mapping with "servers", and if needed "orchestration"'],
    ['hello', '1:1 : found the text "hello"; expected a mapping with "servers", and if needed "orchestration"'],
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
