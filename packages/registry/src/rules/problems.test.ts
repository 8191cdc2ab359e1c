import { describe, expect, it } from 'vitest';

import { parse, problems } from '../testing/parse.ts';

const idRule =
  'this id cannot be a prefix of names: 1 to 32 of a-z, 0-9, "-" and "_", a letter or digit first and last, no "__"';

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
  maxInFlight: 0
  maxConnections: many
  backoff: { first: 1 }
extra: 1
`;
    expect(problems(text)).toEqual([
      '2:3 servers.files: it does not say where the server is: "url", "urls" for several, or "command" with "args"',
      '3:5 servers.files.comand: unknown key "comand"; did you mean "command"?',
      '4:11 servers.files.args: found a text; expected a list of texts, one for each argument',
      '5:15 servers.files.priority: found the text "high"; expected a whole number of steps (lower is asked first) from -1000 to 1000',
      '6:16 servers.files.timeoutMs: found 1.5; expected a whole number of milliseconds from 1 to 86400000',
      '7:15 servers.files.tags[1]: found 2; expected a text (tags)',
      `8:3 servers.…: ${idRule}; "web-app" would do`,
      '9:10 servers.….url: this is not a complete URL; it starts with "http://", "https://", or another scheme and "://"',
      '10:3 servers.both: "url" and "command" are both there; keep one of them; where the command is to be started first and then serves the url, put it in "start"',
      '14:3 orchestration.failfast: unknown key "failfast"; did you mean "failFast"?',
      '15:11 orchestration.naming: found the text "nested"; expected one of "prefixed", "flat"',
      '16:13 orchestration.pageSize: found 0; expected a whole number of entries from 1 to 1000',
      '17:16 orchestration.maxInFlight: found 0; expected a whole number of calls from 1 to 1000000',
      '18:19 orchestration.maxConnections: found the text "many"; expected a whole number of connections from 1 to 1000000',
      '19:14 orchestration.backoff.first: unknown key "first"; known here: initialMs, maxMs',
      '20:1 extra: unknown key "extra"; known here: servers, orchestration, profiles, secret, cache',
    ]);
  });

  it('and listed in the message, a line each', () => {
    expect(() => parse('servers: {a: {}}\nfoo: 1', { file: 'my.yaml' })).toThrow(
      '2 problems in my.yaml\n' +
        '  my.yaml:1:11  servers.a: it does not say where the server is: "url", "urls" for several, or "command" with "args"\n' +
        '  my.yaml:2:1  foo: unknown key "foo"; known here: servers, orchestration, profiles, secret, cache',
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
