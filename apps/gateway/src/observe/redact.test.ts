import { parseConfiguration } from '@toolyard/registry';
import { describe, expect, it } from 'vitest';

import { secretsOf } from './configured-secrets.ts';
import { createRedactor } from './redact.ts';

const { redact } = createRedactor();

describe('a line of the log', () => {
  it.each([
    ['GET https://user:hunter22@host.example/a?key=abc#frag failed', 'GET https://***@host.example/a?*** failed'],
    ['redis://:hunter22@cache:6379/0', 'redis://***@cache:6379/0'],
    ['at http://host/mcp?session=abc, twice', 'at http://host/mcp?*** twice'],
    ['authorization: Bearer abc.def, more', 'authorization: Bearer ***, more'],
    ['sent Bearer abcdefgh12 there', 'sent Bearer *** there'],
    ['API_KEY=abc OTHER=1', 'API_KEY=*** OTHER=1'],
    ['--api-key="abc"', '--api-key="***"'],
    ['{"apiKey":"a b, c","n":1}', '{"apiKey":"***","n":1}'],
    [
      String.raw`{"msg":"body {\"client_secret\":\"a b\",\"n\":1}"}`,
      String.raw`{"msg":"body {\"client_secret\":\"***\",\"n\":1}"}`,
    ],
    ['Set-Cookie: id=abc; Path=/', 'Set-Cookie: ***; Path=/'],
    ['token eyJhbGciOiJI.eyJzdWIiOiIx.c2ln', 'token ***'],
    ['ghp_abcdefghijklmnopqrstuvwx sk-abcdefghijklmnopqrst AKIAABCDEFGHIJKLMNOP', '*** *** ***'],
    ['{"tool":"get_token","ms":3,"code":"UPSTREAM_TIMEOUT"}', '{"tool":"get_token","ms":3,"code":"UPSTREAM_TIMEOUT"}'],
    [
      'every__echo: answered in 3 ms at http://127.0.0.1:7420/mcp',
      'every__echo: answered in 3 ms at http://127.0.0.1:7420/mcp',
    ],
  ])('%s', (line, expected) => {
    expect(redact(line)).toBe(expected);
  });

  it('stays JSON, whatever is taken out', () => {
    const told = { msg: 'x token: "a\\"b", https://u:p@h/?a="', token: 'a"b\\c', nested: { password: '}{' }, n: 1 };
    expect(JSON.parse(redact(JSON.stringify(told)))).toMatchObject({ token: '***', nested: { password: '***' }, n: 1 });
  });

  it('is looked through in no time, also one that was made to take long', () => {
    for (const part of ['a', 'a-', 'token', 'a://', 'token=', '"token":"', '"token\\":\\"', 'Bearer ', 'a:'])
      expect(redact(part.repeat(20_000)).length).toBeGreaterThan(0);
  });
});

describe('secrets of the configuration', () => {
  const secretsIn = (text: string, environment = {}): readonly string[] =>
    secretsOf(parseConfiguration(text, { environment }));

  it('are values of headers, credentials, variables and arguments that are secrets by name or look', () => {
    const found = secretsIn(
      `
servers:
  web: { url: "https://h.example/mcp?k=query-value", headers: { X-Key: "header value", User-Agent: us }, auth: { type: bearer, token: "\${T}" } }
  cli: { command: node, args: [--token=argument, --api-key, "next", --port, "8080"], env: { DB_PASSWORD: "pw", HOME: /home/me, X: abcdef0123456789abcd, DSN_URL: "postgres://u:inner@h/d" } }
secret: "${'ab'.repeat(32)}"
cache: { redis: "redis://:redis-word@h:1/0" }
`,
      { T: 'bearer-value' },
    );
    for (const secret of ['redis-word', 'query-value', 'header value', 'bearer-value', 'argument', 'next', 'pw'])
      expect(found).toContain(secret);
    expect(found).toEqual(expect.arrayContaining(['abcdef0123456789abcd', 'ab'.repeat(32)]));
    expect(found.some((value) => value.includes('inner'))).toBe(true);
    for (const harmless of ['/home/me', 'us', '8080', 'node']) expect(found).not.toContain(harmless);
  });

  it('are taken out wherever they stand, as they are, in JSON and in URLs', () => {
    const { redact, know } = createRedactor();
    know(['p$ss "word"', 'p$ss', 'x']);
    expect(redact('say p$ss "word" x')).toBe('say *** x');
    expect(redact(JSON.stringify({ m: 'say p$ss "word"' }))).toBe('{"m":"say ***"}');
    expect(redact('q=p%24ss%20%22word%22')).toBe('q=***');
  });

  it('are kept up to a bound, the newest', () => {
    const { redact, know } = createRedactor();
    know(['the-first-one']);
    know(Array.from({ length: 10_000 }, (_, number) => `value-${number}-end`));
    expect(redact('the-first-one value-9999-end')).toBe('the-first-one ***');
  });
});
