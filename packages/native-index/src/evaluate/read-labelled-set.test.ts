import { truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { folderWith, lines } from '../testing/folder-with.ts';
import { unknownLabels } from './labelled-set.ts';
import { readLabelledSet, readQueries } from './read-labelled-set.ts';

const tool = { id: 'a', server: 's', name: 'a' };

async function messageOf(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const error: unknown = await readLabelledSet(await folderWith(files)).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
  return (error as Error).message;
}

it('reads dependencies given as ids or as objects, and passes over empty lines, CRLF and a byte order mark', async () => {
  const folder = await folderWith({
    'tools.jsonl': `\ufeff${JSON.stringify({ ...tool, dependsOn: ['b', { tool: 'c', type: 'indirect' }] })}\r\n\r\n`,
    'queries.jsonl': `\n${JSON.stringify({ id: '1', query: 'x', relevant: ['a'], main: 'a' })}`,
  });
  const { tools, queries } = await readLabelledSet(folder);
  expect(tools.map(({ dependsOn }) => dependsOn)).toEqual([['b', 'c']]);
  expect(queries.map(({ main }) => main)).toEqual(['a']);
});

it('reads files of any name, and queries alone', async () => {
  const folder = await folderWith({ t: lines(tool), q: lines({ id: '1', query: 'x' }) });
  const files = { tools: join(folder, 't'), queries: join(folder, 'q') };
  expect(await readLabelledSet(files)).toMatchObject({ tools: [{ id: 'a' }], queries: [{ id: '1', relevant: [] }] });
  expect(await readQueries(files.queries)).toMatchObject([{ id: '1' }]);
});

it('tells labels that no tool has', async () => {
  const folder = await folderWith({
    'tools.jsonl': lines(tool),
    'queries.jsonl': lines({ id: '1', query: 'x', relevant: ['a', 'b'] }, { id: '2', query: 'y', relevant: ['b'] }),
  });
  expect(unknownLabels(await readLabelledSet(folder))).toEqual(['b']);
});

it('reads characters that fall between two reads, and lines that are longer than one', async () => {
  const folder = await folderWith({
    'tools.jsonl': lines(
      { ...tool, description: 'ü'.repeat(200_000) },
      { ...tool, id: 'b', description: '中'.repeat(100_000) },
    ),
    'queries.jsonl': lines({ id: '1', query: 'x' }),
  });
  const { tools } = await readLabelledSet(folder);
  expect(tools.map(({ description }) => description)).toEqual(['ü'.repeat(200_000), '中'.repeat(100_000)]);
});

it('names file and line of everything that is wrong', async () => {
  const message = await messageOf({
    'tools.jsonl': `${lines(tool)}not json\n${lines({ name: 'b' }, tool)}[]\n${lines({ id: 'c', server: 5 }, { id: 'd', name: 'd'.repeat(2_000) })}`,
    'queries.jsonl': lines(
      { id: '2', query: ' ', relevant: [] },
      { id: '3', query: 'x', relevant: 'a' },
      { id: '4', query: 'x', relevant: ['a'], equivalents: { a: 'b' } },
    ),
  });
  for (const place of [
    'tools.jsonl:2: it is no JSON, from byte 1 on',
    'tools.jsonl:3: id has to be a text',
    'tools.jsonl:4: the id "a" stands in line 1 already',
    'tools.jsonl:5: it is no JSON object',
    'tools.jsonl:6: server has to be a text',
    'tools.jsonl:7: name is longer than 1024 characters',
    'queries.jsonl:1: id and query',
    'queries.jsonl:2: relevant has to be',
    'queries.jsonl:3: equivalents has to be',
  ])
    expect(message).toContain(place);
});

it('stops after twenty mistakes', async () => {
  const message = await messageOf({
    'tools.jsonl': '{\n'.repeat(1_000),
    'queries.jsonl': lines({ id: '1', query: 'x' }),
  });
  expect(message.split('\n')).toHaveLength(21);
});

it('names the file that is not there, that is empty, or that is no text', async () => {
  expect(await messageOf({ 'tools.jsonl': lines(tool) })).toMatch(/queries\.jsonl: it cannot be read \(ENOENT\)/u);
  const empty = await messageOf({ 'tools.jsonl': '', 'queries.jsonl': '\n' });
  expect(empty).toMatch(/tools\.jsonl: it is empty\n.*queries\.jsonl: it is empty/u);
  expect(await messageOf({ 'tools.jsonl': Buffer.from(lines(tool), 'utf16le').fill(0xff, 0, 2) })).toMatch(
    /tools\.jsonl: it is not UTF-8/u,
  );
});

it('takes tools of which no more than the id is known, and passes over what it does not know', async () => {
  const bare = { id: 'b', server: null, name: '', description: null, inputSchema: null, tags: null, dependsOn: null };
  const folder = await folderWith({
    'tools.jsonl': lines({ id: 'a' }, { ...bare, title: null, x: { y: 1 } }),
    'queries.jsonl': lines({ id: '1', query: 'x', relevant: null, equivalents: null, main: null, difficulty: 3 }),
  });
  const { tools, queries } = await readLabelledSet(folder);
  expect(tools).toMatchObject([
    { id: 'a', name: 'a', server: '-' },
    { id: 'b', name: 'b', server: '-', description: undefined, inputSchema: undefined, dependsOn: [] },
  ]);
  expect(queries).toMatchObject([{ relevant: [], main: undefined }]);
});

it('refuses what is nested too deeply, and what is too large', async () => {
  const deep = await messageOf({ 'tools.jsonl': `{"id":${'['.repeat(100_000)}\n`, 'queries.jsonl': '' });
  expect(deep).toContain('tools.jsonl:1: it is no JSON');
  const folder = await folderWith({ huge: '', wide: 'x'.repeat(17 * 1024 * 1024) });
  const [huge, wide] = [join(folder, 'huge'), join(folder, 'wide')];
  await truncate(huge, 513 * 1024 * 1024);
  await expect(readQueries(huge)).rejects.toThrow('huge: it is larger than 536870912 bytes');
  await expect(readQueries(wide)).rejects.toThrow('wide: it has a line of more than 16777216 characters');
});

it('can be stopped', async () => {
  const folder = await folderWith({ 'tools.jsonl': lines(tool), 'queries.jsonl': lines({ id: '1', query: 'x' }) });
  await expect(readLabelledSet(folder, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CANCELLED' });
});
