import { parseConfiguration } from '@toolyard/registry';
import { describe, expect, it } from 'vitest';

import { changesBetween, profileChanges } from './changes.ts';

const parse = (text: string) => parseConfiguration(text, { environment: { TOKEN: 't' } });
const before = parse(`
servers:
  same: { url: "https://same.example/mcp", headers: { a: b } }
  other: { command: node, args: [a.mjs] }
  gone: { command: node }
orchestration: { pageSize: 10, logLevel: info }
`);
const ids = (servers: readonly { readonly id: string }[]) => servers.map(({ id }) => id);

it('names the servers that differ, and no other', () => {
  const after = parse(`
servers:
  fresh: { url: "https://fresh.example/mcp" }
  other: { command: node, args: [b.mjs] }
  same: { url: "https://same.example/mcp", headers: { a: b } }
orchestration: { pageSize: 10, logLevel: info }
`);
  const { added, changed, undeploy, atOnce, afterRestart } = changesBetween(before, after);
  expect([ids(added), ids(changed)]).toEqual([['fresh'], ['other']]);
  expect(undeploy).toEqual(['gone']);
  expect([atOnce, afterRestart]).toEqual([[], []]);
});

it('tells settings that hold at once from those that are read at the start only', () => {
  const after = parse(`
servers:
  same: { url: "https://same.example/mcp", headers: { a: b } }
  other: { command: node, args: [a.mjs] }
  gone: { command: node }
orchestration: { pageSize: 20, maxRetries: 3, maxProcesses: 9, failFast: true, maxConnections: 7, forwardBaggage: [a] }
cache: { maxEntries: 5 }
secret: "${'ab'.repeat(32)}"
`);
  expect(changesBetween(before, after)).toEqual({
    added: [],
    changed: [],
    undeploy: [],
    atOnce: [
      'orchestration.forwardBaggage',
      'orchestration.maxProcesses',
      'orchestration.maxRetries',
      'orchestration.pageSize',
      'cache.maxEntries',
    ],
    afterRestart: ['orchestration.failFast', 'orchestration.maxConnections', 'secret'],
  });
});

describe('a bound on calls, which is of the connections,', () => {
  const withBounds = (own: string, common: string) =>
    parse(`
servers:
  own: { command: a, ${own} }
  common: { command: b }
orchestration: { ${common} }
`);

  it('has those servers connected anew that have none of their own', () => {
    const { changed, atOnce } = changesBetween(
      withBounds('timeoutMs: 5', 'timeoutMs: 6'),
      withBounds('timeoutMs: 5', 'timeoutMs: 7'),
    );
    expect([ids(changed), atOnce]).toEqual([['common'], ['orchestration.timeoutMs']]);
    const longest = changesBetween(withBounds('', 'maxTimeoutMs: 6'), withBounds('', ''));
    expect(ids(longest.changed)).toEqual(['own', 'common']);
  });

  it('is taken from the definition also where it was the same before', () => {
    expect(
      ids(changesBetween(withBounds('', 'timeoutMs: 6'), withBounds('timeoutMs: 6', 'timeoutMs: 6')).changed),
    ).toEqual(['own']);
  });
});

it('names profiles that are new, that differ, and that are gone', () => {
  const changes = profileChanges(
    [{ name: 'a' }, { name: 'b', tools: { include: ['x'] } }, { name: 'c' }],
    [{ name: 'd' }, { name: 'a' }, { name: 'b', tools: { include: ['y'] } }],
  );
  expect(changes).toEqual({
    added: [{ name: 'd' }],
    changed: [{ name: 'b', tools: { include: ['y'] } }],
    removed: ['c'],
  });
});
