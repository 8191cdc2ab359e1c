import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { createTokenCounter } from '@toolyard/native-index';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { asLines, writeSet } from '../../src/testing/labelled-set.ts';
import { referenceServer } from '../testing/configurations.ts';
import {
  type Outcome,
  type RunningGateway,
  runToolyard,
  startGateway,
  temporaryFolder,
  type TemporaryFolder,
} from '../testing/gateway.ts';
import { ask } from '../testing/raw-client.ts';

const manyTools = JSON.stringify(fileURLToPath(new URL('../fixtures/many-tools-server.ts', import.meta.url)));
const sample = JSON.stringify(fileURLToPath(new URL('../../sample', import.meta.url)));

const configuration = `servers:
  files: { command: node, args: [${referenceServer('filesystem')}, ${sample}], tags: [local] }
  everything: { command: node, args: [${referenceServer('everything')}, stdio] }
  many: { command: node, args: [${manyTools}, "600"] }
profiles:
  default: { mode: search }
  few: { servers: [files], mode: search, rename: { files__read_text_file: read } }
`;

let folder: TemporaryFolder;
let gateway: RunningGateway;
const run = (...args: string[]): Promise<Outcome> => runToolyard(args, { TOOLYARD_URL: gateway.endpoint });

beforeAll(async () => {
  folder = await temporaryFolder();
  gateway = await startGateway(await folder.write('toolyard.yaml', configuration), folder.path);
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

describe('toolyard tools search', () => {
  interface Found {
    readonly name: string;
    readonly server: string;
  }
  const find = async (...args: string[]): Promise<readonly Found[]> => {
    const { code, stdout, stderr } = await run('tools', 'search', ...args, '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { tools }: { tools: readonly Found[] } = JSON.parse(stdout);
    return tools;
  };

  it('ranks the tools of a gateway that shows none of them', async () => {
    const { code, stdout } = await run('tools', 'search', 'read a text file');
    expect(code).toBe(0);
    const [head, first, ...more] = stdout.trimEnd().split('\n');
    expect(head).toMatch(/^rank +score +tool +server +what it does$/);
    expect(first).toMatch(/^1 +[01]\.\d{3} +files__read_text_file +files +Read the complete contents/);
    expect(more).toHaveLength(9);
  });

  it('says why each was found', async () => {
    const { stdout } = await run('tools', 'search', 'archive a ticket', '--limit', '1', '--explain');
    expect(stdout.split('\n').slice(1, 4)).toEqual([
      expect.stringMatching(/^1 +0\.\d{3} +many__archive_\w*ticket_\d+ /),
      expect.stringMatching(/^ +parts +words 0\.\d{3}, meaning [01]\.\d{3}, server 0\.\d{3}, graph 0\.000$/),
      expect.stringMatching(/^ +matched +archive in name, description; ticket in name/),
    ]);
    const [hit, ...others] = await find('archive a ticket', '--limit', '1', '--explain');
    expect(others).toEqual([]);
    expect(hit).toMatchObject({ rank: 1, parts: {}, terms: [{}, {}], features: expect.any(Array) as unknown });
  });

  it('looks only at a server, a tag or a profile, and says which there are', async () => {
    const only = async (...args: string[]): Promise<ReadonlySet<string>> =>
      new Set((await find('archive a ticket', ...args)).map(({ server }) => server));
    expect(await only('--server', 'everything')).toEqual(new Set(['everything']));
    expect(await only('--tag', 'local')).toEqual(new Set(['files']));
    expect((await find('read a text file', '--profile', 'few')).map(({ name }) => name)).toContain('read');
    expect(await run('tools', 'search', 'x', '--server', 'nope')).toEqual({
      code: 2,
      stdout: '',
      stderr: 'No tool has the server "nope"; there are everything, files, many.\n',
    });
  });
});

it('toolyard tools --cost counts what is listed, server by server, and what search mode saves', async () => {
  const { code, stdout } = await run('tools', '--cost', '--json');
  expect(code).toBe(0);
  const cost: {
    readonly servers: readonly { readonly server: string; readonly tools: number; readonly tokens: number }[];
    readonly tools: readonly { readonly name: string; readonly tokens: number }[];
    readonly tokens: number;
    readonly search: { readonly metaTools: number; readonly find: number };
  } = JSON.parse(stdout);
  const { message } = await ask(gateway.endpoint, 'tools/list', { _meta: { 'io.github.toolyard/mode': 'direct' } });
  const listed = message.result?.tools as readonly { name: string; description?: string; inputSchema: object }[];
  const { count } = createTokenCounter();
  let whole = 0;
  for (const { name, description, inputSchema } of listed)
    whole += await count(JSON.stringify({ name, description, inputSchema }));
  expect(cost.tokens).toBe(whole);
  expect(cost.tools).toHaveLength(listed.length);
  expect(cost.servers.map(({ server }) => server).toSorted()).toEqual(['everything', 'files', 'many']);
  expect(cost.servers.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(whole);
  expect(cost.search.metaTools).toBeGreaterThan(100);
  expect(cost.search.find).toBeGreaterThan(100);
  const table = (await run('tools', '--cost')).stdout;
  expect(table).toMatch(/^server +tools +tokens +share\nmany +602 +\d+ +\d+\.\d %\n/);
  expect(table).toMatch(
    new RegExp(`\\ntotal +${listed.length} +${whole} +100\\.0 %\\n\\ntool +server +tokens +share\\n`),
  );
  expect(table).toMatch(/ together: \d+ fewer \(9[89]\.\d %\)\./);
});

describe('toolyard eval', () => {
  it('measures a set of files, as a program', async () => {
    await writeSet(join(folder.path, 'set'));
    const rankings = join(folder.path, 'rankings.jsonl');
    const outcome = await runToolyard(['eval', '--data', join(folder.path, 'set'), '--rankings', rankings]);
    expect(outcome).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/\nset +12 +3 +1\.0000 /) });
    expect((await readFile(rankings, 'utf8')).split('\n')[0]).toMatch(/^{"id":"q1","ranked":\["mail\.send",.*"ms":/);
  });

  it('measures the tools of the running gateway', async () => {
    const queries = await folder.write(
      'queries.jsonl',
      asLines([
        { id: '1', query: 'read a text file', relevant: ['files__read_text_file'] },
        { id: '2', query: 'echo a message' },
      ]),
    );
    const rankings = join(folder.path, 'rankings.jsonl');
    const { code, stdout, stderr } = await run('eval', '--queries', queries, '--rankings', rankings, '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({
      rows: [{ set: 'gateway', tools: expect.any(Number), queries: 2, scored: 1, metrics: { 'hit@1': 1 } }],
    });
    const lines = (await readFile(rankings, 'utf8')).trimEnd().split('\n');
    const ranked = lines.map((line) => (JSON.parse(line) as { readonly ranked: readonly string[] }).ranked);
    expect(ranked.map((ids) => ids[0])).toEqual(['files__read_text_file', 'everything__echo']);
  });
});
