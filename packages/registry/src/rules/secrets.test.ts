import { ToolyardError } from '@toolyard/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseConfiguration } from '../configuration/parse-configuration.ts';

/** Everything that an error shows, or `''`. Fails the test on any other error. */
function said(text: string, environment: Record<string, string> = {}): string {
  try {
    parseConfiguration(text, { environment });
    return '';
  } catch (error) {
    if (!ToolyardError.is(error, 'CONFIG_INVALID')) throw error;
    expect(error.facts.problems.length).toBeGreaterThan(0);
    return `${error.message}\n${JSON.stringify(error.facts)}\n${String(error.stack)}`;
  }
}

const secret = 'hUnter2xQ';

describe('no secret is repeated', () => {
  it.each([
    'servers: {a: {url: "S"}}',
    'servers: {a: {url: "http://u:S@h/mcp"}}',
    'servers: {a: {url: [S]}}',
    'servers: {a: {url: "http://h/mcp", headers: "S"}}',
    'servers: {a: {url: "http://h/mcp", headers: ["Authorization: S"]}}',
    'servers: {a: {url: "http://h/mcp", headers: {"Authorization: S": null}}}',
    'servers: {a: {url: "http://h/mcp", headers: {A: [S]}}}',
    'servers: {a: {url: "http://h/mcp", headers: {A: "S\\n"}}}',
    'servers: {a: {url: "http://h/mcp", auth: S}}',
    'servers: {a: {url: "http://h/mcp", auth: {type: S}}}',
    'servers: {a: {url: "http://h/mcp", auth: {type: bearer, S}}}',
    'servers: {a: {url: "http://h/mcp", auth: {type: bearer, token: [S]}}}',
    'servers: {a: {url: "http://h/mcp", auth: {type: bearer, key: S}}}',
    'servers: {a: {url: "http://h/mcp", auth: {type: api_key, header: "S x", key: S}}}',
    'servers: {a: {url: "http://h/mcp", tokn: S}}',
    'servers: {a: {command: x, args: S}}',
    'servers: {a: {command: x, args: [[S]]}}',
    'servers: {a: {command: x, env: [TOKEN=S]}}',
    'servers: {a: {command: x, env: {"TOKEN=S": null}}}',
    'servers: {a: {command: x, env: {T: {S: 1}}}}',
    'servers: {a: {command: x, env: "T=S"}}',
    'servers: {a: {command: "x${S"}}',
    'servers: {a: {command: "x${S S}"}}',
    'servers: {a: {command: "${M:S}"}}',
    'servers:\n  a:\n    url: http://h/mcp\n    auth: {type: bearer, token: "S}',
    'servers:\n  a:\n    auth: bearer: S',
    'servers:\n  a:\n    auth: @S',
    'servers:\n  a:\n    auth: *S',
    'servers:\n  a:\n    auth: !S x',
    '%S\nservers: {}',
    'servers: {a: {command: x}}\nS',
    'servers: {}\nsecret: S',
    'servers: {}\nsecret: "S S"',
    'servers: {}\nsecret: [S]',
    'servers: {}\nsecrt: S',
  ])('%j', (template) => {
    const message = said(template.replaceAll('S', secret));
    expect(message).not.toBe('');
    expect(message).not.toContain(secret);
  });

  it('from the environment, wherever it is put', () => {
    const places = fc.constantFrom(
      'name',
      'url',
      'command',
      'args',
      'env',
      'cwd',
      'start',
      'transport',
      'priority',
      'domains',
      'tags',
      'timeoutMs',
      'headers',
      'auth',
      'timeout',
    );
    const shapes = fc.constantFrom(
      '"${S}"',
      '["${S}"]',
      '{type: "${S}"}',
      '{type: bearer, token: "${S}"}',
      '{a: ["${S}"]}',
      '[["${S}"]]',
      '"x${S}\\n"',
    );
    fc.assert(
      fc.property(
        fc.uniqueArray(places, { minLength: 1 }),
        fc.array(shapes, { minLength: 15, maxLength: 15 }),
        (keys, values) => {
          const body = keys.map((key, index) => `${key}: ${values[index] ?? '1'}`).join(', ');
          expect(
            said(`servers: {a: {${body}}}\norchestration: {logLevel: "\${S}", naming: "\${S}"}\nsecret: "\${S}"`, {
              S: secret,
            }),
          ).not.toContain(secret);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('no text is a crash', () => {
  it('however odd', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => void said(text)),
      { numRuns: 500 },
    );
  });

  it('however close to a configuration', () => {
    const bit = fc.constantFrom(
      ...[
        'servers',
        'mcp_servers',
        'orchestration',
        'a',
        'url',
        'command',
        'args',
        'auth',
        'headers',
        '__proto__',
        'constructor',
        'toString',
        'timeout',
        'fail_fast',
      ],
      ...[
        ': ',
        ':',
        '\n',
        '\n  ',
        '\n    ',
        '- ',
        '{',
        '}',
        '[',
        ']',
        ',',
        '"',
        "'",
        '|',
        '>',
        '&x ',
        '*x',
        '<<',
        '!t ',
        '#',
        '---',
        '${A}',
        '${',
        '1',
        'null',
        'true',
        '~',
        '\t',
        '? ',
      ],
    );
    const text = fc.array(bit, { maxLength: 60 }).map((bits) => bits.join(''));
    fc.assert(
      fc.property(text, (written) => void said(written, { A: 'x' })),
      { numRuns: 3_000 },
    );
  });

  it('nor a way to the prototype of an object', () => {
    expect(said('servers: {a: {command: x, env: {__proto__: p}}}')).toContain('a key cannot be called "__proto__"');
  });

  it('also where keys are those of objects', () => {
    const text = 'servers: {a: {command: x, env: {constructor: c}}, constructor: {command: x}}';
    const { servers } = parseConfiguration(text, { environment: {} });
    expect(servers.map(({ id }) => id)).toEqual(['a', 'constructor']);
    const target = servers[0]?.target;
    expect(target !== undefined && 'env' in target && Object.entries(target.env ?? {})).toEqual([['constructor', 'c']]);
  });
});
