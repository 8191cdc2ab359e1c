import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createToolIndex } from './create-tool-index.ts';
import { tool, tools } from './testing/tools.ts';
import { wordEmbedder } from './testing/word-embedder.ts';
import type { ToolDocument } from './tool-document.ts';
import type { ToolIndex } from './tool-index.ts';

async function open(content: readonly ToolDocument[] = tools): Promise<ToolIndex> {
  const index = await createToolIndex({ embedder: wordEmbedder() });
  await index.upsert(content);
  return index;
}

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.constantFrom(
    'constructor',
    '__proto__',
    'hasOwnProperty',
    'toString',
    '\ud800',
    '\u202e',
    '\0',
    '<|endoftext|>',
    '́́́',
    'ﷺ',
  ),
);
const name = text.filter((value) => value.length > 0);

describe('hostile input', () => {
  it('takes any text in, finds nothing that is not there, and forgets all of it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            id: name,
            server: name,
            name,
            description: text,
            category: text,
            tags: fc.array(text, { maxLength: 3 }),
            inputSchema: fc.jsonValue(),
          }),
          { maxLength: 8 },
        ),
        text,
        async (documents, query) => {
          await using index = await open(documents);
          const ids = new Set(documents.map(({ id }) => id));
          expect(index.size).toBe(ids.size);
          if (query.trim() !== '') {
            const { hits } = await index.search(query);
            for (const { id, score } of hits) {
              expect(ids.has(id)).toBe(true);
              expect(score >= 0 && score <= 1).toBe(true);
            }
            expect(new Set(hits.map(({ id }) => id)).size).toBe(hits.length);
          }
          expect(index.remove(ids)).toBe(ids.size);
          expect(index.size).toBe(0);
        },
      ),
      { numRuns: 150 },
    );
  });

  it.each(['constructor', '__proto__', 'hasOwnProperty', 'toString'])('finds a tool named %s', async (word) => {
    await using index = await open([...tools, tool('odd', word, 'Nothing else.')]);
    expect((await index.search(word)).hits[0]?.id).toBe(`odd__${word}`);
  });

  it('reads queries of any length, and only their beginning', async () => {
    await using index = await open();
    const { hits } = await index.search(`send email ${'and then erase wrod '.repeat(5000)}`);
    expect(hits.length).toBeGreaterThan(0);
    expect((await index.search('x'.repeat(100_000))).hits).toEqual([]);
    expect((await index.search('\ud800'.repeat(100_000))).hits).toEqual([]);
  });

  it('keeps ten thousand tools of one name apart, and gives them in the order of their ids', async () => {
    const many = Array.from({ length: 10_000 }, (_, at) => ({
      ...tool('same', 'send_email', 'Sends an email.'),
      id: `t${at}`,
    }));
    await using index = await open(many);
    const { hits, considered } = await index.search('send email', { limit: 100 });
    expect(considered).toBe(10_000);
    const ids = hits.map(({ id }) => id);
    expect(new Set(ids).size).toBe(100);
    expect(ids).toEqual(ids.toSorted());
  });

  it('reads the beginning of a huge schema, and takes none in that is beyond reason', async () => {
    const properties = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, at) => [`argument${at}`, { description: 'y'.repeat(80) }]),
    );
    const huge = { ...tool('big', 'huge', 'Has many arguments.'), inputSchema: { type: 'object', properties } };
    await using index = await open([...tools, huge]);
    expect((await index.search('argument7')).hits[0]?.id).toBe('big__huge');
    const beyond = { ...huge, description: 'z'.repeat(5 * 1024 * 1024) };
    await expect(index.upsert([beyond])).rejects.toMatchObject({ code: 'TOOL_DOCUMENT_INVALID' });
  });

  it('checks a tool of megabytes slice by slice, and knows it again', async () => {
    const properties = Object.fromEntries(
      Array.from({ length: 20_000 }, (_, at) => [`argument${at}`, { description: `${at}`.repeat(30) }]),
    );
    const huge = { ...tool('big', 'huge', 'Has many arguments.'), inputSchema: { type: 'object', properties } };
    await using index = await open();
    let turns = 0;
    let taken = false;
    const count = (): void => {
      turns += 1;
      if (!taken) setImmediate(count);
    };
    setImmediate(count);
    const added = await index.upsert([huge]);
    taken = true;
    expect(added).toMatchObject({ added: 1 });
    expect(turns).toBeGreaterThan(1);
    expect(await index.upsert([structuredClone(huge)])).toMatchObject({ unchanged: 1 });
    const other = { ...huge, inputSchema: { type: 'object', properties: { ...properties, argument19999: {} } } };
    expect(await index.upsert([other])).toMatchObject({ changed: 1 });
  });

  it('stops to check a tool of megabytes when it is told to', async () => {
    await using index = await open();
    const huge = { ...tool('big', 'huge', ''), inputSchema: { enum: Array.from({ length: 500_000 }, () => 'red') } };
    const controller = new AbortController();
    setImmediate(() => controller.abort());
    await expect(index.upsert([huge], { signal: controller.signal })).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(index.size).toBe(tools.length);
  });

  it.each([
    ['a circle', () => circle()],
    [
      'a getter that throws',
      () =>
        Object.defineProperty({}, 'properties', {
          enumerable: true,
          get: () => {
            throw new Error('not for you');
          },
        }),
    ],
    ['a circle that is long', () => ({ description: 'x'.repeat(50_000), items: circle() })],
    ['ten thousand levels', () => levels(100_000)],
    ['ten thousand levels of which one is long', () => ({ description: 'x'.repeat(50_000), items: levels(100_000) })],
    ['a number that JSON has no words for', () => ({ default: 1n })],
    ['many of them', () => ({ enum: Array.from({ length: 40_000 }, () => 1n) })],
  ])('refuses a schema with %s', async (_, schema) => {
    await using index = await open();
    await expect(index.upsert([{ ...tool('a', 'b', ''), inputSchema: schema() }])).rejects.toMatchObject({
      code: 'TOOL_DOCUMENT_INVALID',
      facts: { tool: 'a__b' },
    });
    expect(index.size).toBe(tools.length);
  });

  it.each([
    ['no object', 7],
    ['no id', { server: 'a', name: 'b' }],
    ['an id that is none', { id: 7, server: 'a', name: 'b' }],
    ['an endless name', { id: 'x', server: 'a', name: 'b'.repeat(2000) }],
    ['a description that is none', { id: 'x', server: 'a', name: 'b', description: {} }],
    ['tags that are none', { id: 'x', server: 'a', name: 'b', tags: 'red' }],
    ['endless tags', { id: 'x', server: 'a', name: 'b', tags: Array.from({ length: 2000 }, () => 'red') }],
  ])('refuses %s', async (_, document) => {
    await using index = await open();
    await expect(index.upsert([document as ToolDocument])).rejects.toMatchObject({ code: 'TOOL_DOCUMENT_INVALID' });
  });
});

function circle(): unknown {
  const schema: Record<string, unknown> = {};
  schema['items'] = schema;
  return schema;
}

function levels(count: number): unknown {
  let schema: unknown = {};
  for (let level = 0; level < count; level += 1) schema = { items: schema };
  return schema;
}
