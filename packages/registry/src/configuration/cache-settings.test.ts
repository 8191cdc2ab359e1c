import { expect, it } from 'vitest';
import { parseConfiguration } from './parse-configuration.ts';

const parse = (text: string) => parseConfiguration(text, { environment: { REDIS: 'http://user:hunter2@host' } });

it('says where answers are kept, for all and for one server', () => {
  const { cache, servers } = parse(`
servers: { a: { command: x, cache: { ttlMs: 0, tools: { find: 60000 } } } }
cache: { redis: "redis://127.0.0.1:6379/2", prefix: team, maxEntries: 10, maxBytes: 1000, staleIfErrorMs: 0 }
`);
  expect(cache).toEqual({
    redis: 'redis://127.0.0.1:6379/2',
    prefix: 'team',
    maxEntries: 10,
    maxBytes: 1000,
    staleIfErrorMs: 0,
  });
  expect(servers[0]?.cache).toEqual({ ttlMs: 0, tools: { find: 60_000 } });
});

it('says what is wrong, and nothing that may be secret', () => {
  const wrong = (): unknown =>
    parse(`
servers: { a: { command: x, cache: { ttl: 5, tools: { find: 0 } } } }
cache: { redis: "\${REDIS}", maxBytes: 0 }
`);
  expect(wrong).toThrow(/servers\.a\.cache\.ttl: unknown key "ttl"; known here: ttlMs, tools/);
  expect(wrong).toThrow(/cache\.redis: this is not the URL of a Redis/);
  expect(wrong).toThrow(/cache\.maxBytes: found 0; expected a whole number of bytes from 1/);
  expect(wrong).toThrow(/servers\.a\.cache\.tools\.find: found 0/);
  expect(wrong).not.toThrow(/hunter2/);
});
