import { inspect } from 'node:util';

import { describe, expect, it } from 'vitest';

import { parse, problems } from '../testing/parse.ts';

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
  maxInFlight: 20000
  maxConnections: 40000
  naming: flat
  pageSize: 50
  connectTimeoutMs: 1
  timeoutMs: 2
  maxTimeoutMs: 3
  maxRetries: 0
  backoff: { initialMs: 10, maxMs: 20 }
  resourceCacheTtlMs: 0
  logLevel: debug
  forwardBaggage: [tenant]
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
        maxInFlight: 20_000,
        maxConnections: 40_000,
        naming: 'flat',
        pageSize: 50,
        connectTimeoutMs: 1,
        timeoutMs: 2,
        maxTimeoutMs: 3,
        maxRetries: 0,
        backoff: { initialMs: 10, maxMs: 20 },
        resourceCacheTtlMs: 0,
        logLevel: 'debug',
        forwardBaggage: ['tenant'],
      },
      profiles: [],
      notices: [],
      placeOf: expect.any(Function) as unknown,
    });
  });

  it('has a place, or what is around it has one', () => {
    const text = `servers:
  a: { url: "http://h/mcp", tags: [x, y] }
  b: { urls: ["http://h/1", "http://h/2"] }
fail_fast: true
`;
    const { placeOf } = parse(text);
    const found = (path: string): string => Object.values(placeOf(path)).join(':');
    expect(found('servers.a')).toBe('2:3');
    expect(found('servers.a.url')).toBe('2:13');
    expect(found('servers.a.restart.maxMemoryMb')).toBe('2:3');
    expect(found('servers.a.tags[1]')).toBe('2:39');
    expect(found('servers.b.urls[7]')).toBe('3:8');
    expect(found('orchestration.failFast')).toBe('4:12');
    for (const path of ['', 'profiles', 'x.y[0]']) expect(placeOf(path)).toEqual({ line: 0, column: 0 });
  });

  it('is frozen in depth', () => {
    const { servers } = parse('servers: {a: {command: x, args: [y]}}');
    expect(Object.isFrozen(servers)).toBe(true);
    expect(Object.isFrozen(servers[0]?.target)).toBe(true);
    expect(servers[0]?.target).toSatisfy((target) => 'args' in target && Object.isFrozen(target.args));
  });

  it('spreads a server over several URLs, with the same headers', () => {
    const text =
      'servers: {a: {urls: ["http://x/mcp", "http://y/mcp"], headers: {X-A: b}, auth: {type: bearer, token: t}}}';
    expect(parse(text).servers[0]).toMatchObject({
      target: { urls: ['http://x/mcp', 'http://y/mcp'], headers: { 'X-A': 'b', Authorization: 'Bearer t' } },
      instances: { min: 2 },
    });
    expect(parse('servers: {a: {urls: ["http://x"], instances: {min: 3, max: 4}}}').servers[0]?.instances).toEqual({
      min: 3,
      max: 4,
    });
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

describe('the secret', () => {
  const hex = '0123456789abcdef'.repeat(4);

  it('is read from a reference, and does not show itself', () => {
    const configuration = parse('servers: {}\nsecret: ${KEY}', { environment: { KEY: hex } });
    expect(configuration.secret?.export().toString('hex')).toBe(hex);
    expect(Object.isFrozen(configuration.secret)).toBe(true);
    expect(`${inspect(configuration, { depth: null })}${JSON.stringify(configuration)}`).not.toContain('0123456789');
  });

  it.each([
    [hex.toUpperCase(), hex],
    ['ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8', '202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f'],
    ['+//7+//7+//7+//7+//7+//7+//7+//7+//7+//7+/8=', 'fbfffb'.repeat(10) + 'fbff'],
    ['-__7-__7-__7-__7-__7-__7-__7-__7-__7-__7-_8', 'fbfffb'.repeat(10) + 'fbff'],
  ])('may be hex, base64 or base64url: %s', (text, bytes) => {
    expect(parse(`servers: {}\nsecret: "${text}"`).secret?.export().toString('hex')).toBe(bytes);
  });

  it.each([
    ['"abc"', '2:9 secret: these are 2 bytes; a secret has at least 32 random bytes'],
    [`"${hex.slice(2)}"`, '2:9 secret: these are 31 bytes; a secret has at least 32 random bytes'],
    ['"correct horse battery staple"', '2:9 secret: this is neither hex nor base64url; a secret has'],
    ['1234', '2:9 secret: found a number; expected a text in quotes; better a reference, "${NAME}"'],
    ['""', '2:9 secret: found an empty text; expected a text in quotes'],
    ['${NONE}', '2:9 secret: the environment variable NONE is not set'],
  ])('is refused where it is %s', (text, problem) => {
    expect(problems(`servers: {}\nsecret: ${text}`)).toEqual([expect.stringContaining(problem)]);
  });
});
