import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { root } from './workspace.ts';

const places: Readonly<Record<string, string>> = {
  eras: 'packages/protocol/src/eras',
  http: 'packages/transport-http/src',
  yard: 'packages/orchestrator/src',
  gateway: 'apps/gateway/test/bridge',
};

const page = readFileSync(path.join(root, 'docs/bridge.md'), 'utf8');
const named = [...page.matchAll(/`(?<place>eras|http|yard|gateway):(?<name>[\w/-]+)`/g)].map(({ groups }) => ({
  place: groups?.['place'] ?? '',
  name: groups?.['name'] ?? '',
}));

it('docs/bridge.md names tests that are there', () => {
  const files = named.map(({ place, name }) => path.join(places[place] ?? '', `${name}.test.ts`));
  expect(files.filter((file) => !existsSync(path.join(root, file)))).toEqual([]);
  expect(files.length).toBeGreaterThan(0);
});

it('docs/bridge.md names a test in each row that says what Toolyard does, and every test of the gateway that is about the bridge', () => {
  const rows = page.slice(0, page.indexOf('## Several callers')).split('\n');
  const told = rows.filter((row) => row.startsWith('| ') && !row.startsWith('| ---') && !row.includes(' shown by '));
  expect(told.length).toBeGreaterThan(30);
  expect(told.filter((row) => !/`(?:eras|http|yard|gateway):/.test(row))).toEqual([]);
  const tests = readdirSync(path.join(root, places['gateway'] ?? '')).map((file) => file.replace(/\.test\.ts$/, ''));
  const ours = new Set(named.filter(({ place }) => place === 'gateway').map(({ name }) => name));
  expect(tests.filter((test) => !ours.has(test))).toEqual([]);
});
