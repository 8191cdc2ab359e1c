import { parseConfiguration } from '@toolyard/registry';
import { expect, it } from 'vitest';

import { changesBetween } from './changes.ts';

const parse = (text: string) => parseConfiguration(text, { environment: { TOKEN: 't' } });
const before = parse(`
servers:
  same: { url: "https://same.example/mcp", headers: { a: b } }
  other: { command: node, args: [a.mjs] }
  gone: { command: node }
orchestration: { pageSize: 10, logLevel: info }
`);

it('names the servers that differ, and no other', () => {
  const after = parse(`
servers:
  fresh: { url: "https://fresh.example/mcp" }
  other: { command: node, args: [b.mjs] }
  same: { url: "https://same.example/mcp", headers: { a: b } }
orchestration: { pageSize: 10, logLevel: info }
`);
  const { deploy, undeploy, afterRestart } = changesBetween(before, after);
  expect(deploy.map(({ id }) => id)).toEqual(['fresh', 'other']);
  expect(undeploy).toEqual(['gone']);
  expect(afterRestart).toEqual([]);
});

it('names what is read at the start only, among which the level of the log is not', () => {
  const after = parse(`
servers:
  same: { url: "https://same.example/mcp", headers: { a: b } }
  other: { command: node, args: [a.mjs] }
  gone: { command: node }
orchestration: { pageSize: 20, maxRetries: 3 }
profiles: { red: { servers: [same] } }
secret: "${'ab'.repeat(32)}"
`);
  expect(changesBetween(before, after)).toEqual({
    deploy: [],
    undeploy: [],
    afterRestart: ['orchestration.maxRetries', 'orchestration.pageSize', 'profiles', 'secret'],
  });
});
