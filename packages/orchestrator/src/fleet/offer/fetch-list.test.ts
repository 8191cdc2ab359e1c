import { RawObject } from '@toolyard/protocol';
import { describe, expect, it } from 'vitest';
import type { FetchedList } from '../../catalogue/entries/entry.ts';
import { exposedName } from '../../catalogue/entries/names.ts';
import { defaultLimits } from '../../limits.ts';
import type { Limits } from '../../limits.ts';
import { fetchList } from './fetch-list.ts';

/** Fetches tools from pages of raw JSON, by cursor. */
async function fetchTools(
  pages: Readonly<Record<string, string>>,
  limits: Partial<Limits> = {},
): Promise<FetchedList & { readonly asked: readonly string[] }> {
  const asked: string[] = [];
  const list = await fetchList(
    'tools',
    (_, params) => {
      const cursor = params.string('cursor') ?? 'start';
      asked.push(cursor);
      return Promise.resolve(RawObject.read(Buffer.from(pages[cursor] ?? '{}')));
    },
    {
      upstream: 'files',
      limits: { ...defaultLimits, ...limits },
      nameOf: (key) => exposedName('files', key),
      now: () => 7,
    },
  );
  return { ...list, asked };
}

const tool = (name: string, more = ''): string =>
  `{"name":${JSON.stringify(name)},"inputSchema":{"type":"object"}${more}}`;
const page = (items: readonly string[], rest = ''): string =>
  `{"tools":[${items.join(',')}],"ttlMs":1000,"cacheScope":"public"${rest}}`;
const keys = (list: FetchedList): readonly string[] => list.entries.map(({ key }) => key);

describe('fetching a list', () => {
  it('reads all pages in their order', async () => {
    const list = await fetchTools({
      start: page([tool('a'), tool('b')], ',"nextCursor":"2"'),
      2: page([tool('c')], ',"nextCursor":"3"'),
      3: page([tool('d')]),
    });
    expect(keys(list)).toEqual(['a', 'b', 'c', 'd']);
    expect(list.asked).toEqual(['start', '2', '3']);
  });

  it('goes on at an empty cursor, which is one like any other', async () => {
    const list = await fetchTools({ start: page([tool('a')], ',"nextCursor":""'), '': page([tool('b')]) });
    expect(keys(list)).toEqual(['a', 'b']);
  });

  it('ends where the cursor is null', async () => {
    const list = await fetchTools({ start: page([tool('a')], ',"nextCursor":null') });
    expect(list.asked).toEqual(['start']);
  });

  it('replaces the name and keeps every other byte of a definition', async () => {
    const odd =
      '{ "description":"\\u0041" , "name" : "a","inputSchema":{"type":"object","x":1.0,"y":9007199254740993},"unknown":[1e400]}';
    const list = await fetchTools({ start: page([odd]) });
    expect(list.entries[0]?.definition.text).toBe(
      '{ "description":"\\u0041" , "name" : "files__a","inputSchema":{"type":"object","x":1.0,"y":9007199254740993},"unknown":[1e400]}',
    );
  });

  it('leaves out what is not valid, says why, and keeps the rest', async () => {
    const twice = '{"name":"x","name":"y","inputSchema":{"type":"object"}}';
    const list = await fetchTools({
      start: page([tool('a'), '7', '{"name":"bare"}', twice, '{"inputSchema":{"type":"object"}}', tool('b')]),
    });
    expect(keys(list)).toEqual(['a', 'b']);
    expect(list.leftOut.map(({ entry }) => entry)).toEqual(['#1', 'bare', '#3', '#4']);
    expect(list.leftOut[1]).toEqual({ kind: 'tools', entry: 'bare', reason: expect.stringContaining('inputSchema') });
    expect(list.leftOutCount).toBe(4);
  });

  it('takes the first of two entries with one name', async () => {
    const list = await fetchTools({ start: page([tool('a', ',"title":"1"'), tool('a', ',"title":"2"')]) });
    expect(list.entries.map(({ definition }) => definition.string('title'))).toEqual(['1']);
    expect(list.leftOut).toEqual([
      { kind: 'tools', entry: 'a', reason: 'The server lists it twice: the first counts.' },
    ]);
  });

  it('stops at a cursor that came before', async () => {
    const list = await fetchTools({
      start: page([tool('a')], ',"nextCursor":"2"'),
      2: page([tool('b')], ',"nextCursor":"3"'),
      3: page([tool('c')], ',"nextCursor":"2"'),
    });
    expect(keys(list)).toEqual(['a', 'b', 'c']);
    expect(list.leftOut[0]?.reason).toBe('The list repeats a cursor and would never end: read up to here.');
  });

  it('reads so many pages at most', async () => {
    const list = await fetchTools(
      { start: page([tool('a')], ',"nextCursor":"2"'), 2: page([tool('b')], ',"nextCursor":"3"') },
      { maxPages: 2 },
    );
    expect(list.asked).toEqual(['start', '2']);
    expect(list.leftOut[0]?.reason).toBe('The list has more than 2 pages: read up to here.');
  });

  it('takes so many entries at most', async () => {
    const list = await fetchTools(
      { start: page([tool('a'), tool('b'), tool('c')], ',"nextCursor":"2"') },
      { maxEntries: 2 },
    );
    expect(keys(list)).toEqual(['a', 'b']);
    expect(list.asked).toEqual(['start']);
    expect(list.leftOut[0]?.reason).toBe('The server lists more than 2 entries: read up to here.');
  });

  it('takes so many bytes of definitions at most', async () => {
    const list = await fetchTools(
      { start: page([tool('a', `,"x":"${'y'.repeat(500)}"`), tool('b')]) },
      { maxListBytes: 500 },
    );
    expect(keys(list)).toEqual(['a']);
    expect(list.leftOut[0]?.reason).toBe('The list is longer than 500 bytes: read up to here.');
  });

  it('leaves out a definition that is too large', async () => {
    const list = await fetchTools(
      { start: page([tool('a', `,"x":"${'y'.repeat(500)}"`), tool('b')]) },
      { maxEntryBytes: 500 },
    );
    expect(keys(list)).toEqual(['b']);
    expect(list.leftOut[0]?.reason).toBe('The definition is longer than 500 bytes.');
  });

  it('reports 100 left out at most, and counts them all', async () => {
    const list = await fetchTools({ start: page(Array.from({ length: 150 }, () => '{}')) });
    expect([list.leftOut.length, list.leftOutCount]).toEqual([100, 150]);
  });

  it('has the least time to live of its pages, and is private if one of them is', async () => {
    const list = await fetchTools({
      start: '{"tools":[],"ttlMs":5000,"cacheScope":"public","nextCursor":"2"}',
      2: '{"tools":[],"ttlMs":300,"cacheScope":"private"}',
    });
    expect([list.ttlMs, list.cacheScope, list.fetchedAtMs]).toEqual([300, 'private', 7]);
  });

  it.each(['{"tools":[]}', '{"tools":[],"ttlMs":-1,"cacheScope":"all"}', '{"tools":[],"ttlMs":"9","cacheScope":1}'])(
    'may not be kept where it says nothing sensible about that: %s',
    async (only) => {
      const list = await fetchTools({ start: only });
      expect([list.ttlMs, list.cacheScope]).toEqual([0, 'private']);
    },
  );

  it('may be kept for a day at most', async () => {
    expect((await fetchTools({ start: '{"tools":[],"ttlMs":1e400,"cacheScope":"public"}' })).ttlMs).toBe(86_400_000);
  });

  it.each(['{}', '{"tools":{}}', '{"tools":null}'])('fails where the answer is no list: %s', async (only) => {
    await expect(fetchTools({ start: only })).rejects.toMatchObject({ code: 'UPSTREAM_MALFORMED' });
  });
});
