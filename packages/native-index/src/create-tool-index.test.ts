import { afterEach, describe, expect, it } from 'vitest';
import { createToolIndex } from './create-tool-index.ts';
import { wordEmbedder } from './testing/word-embedder.ts';
import { tool, tools } from './testing/tools.ts';
import type { IndexChange, SearchOptions, ToolIndex } from './tool-index.ts';
import type { ToolIndexOptions } from './tool-index-options.ts';

const opened: ToolIndex[] = [];
afterEach(async () => {
  for (const index of opened.splice(0)) await index.close();
});

async function filled(options: Partial<ToolIndexOptions> = {}, content = tools): Promise<ToolIndex> {
  const index = await createToolIndex({ embedder: wordEmbedder(), ...options });
  opened.push(index);
  await index.upsert(content);
  return index;
}

async function found(index: ToolIndex, query: string, options?: SearchOptions): Promise<readonly string[]> {
  const { hits } = await index.search(query, options);
  return hits.map(({ id }) => id);
}

describe('search', () => {
  it.each([
    ['send an email to Ann', 'mail__send_email'],
    ['forecast for Berlin', 'weather__get_forecast'],
    ['make this photo smaller', 'files__resizeImage'],
    ['write to disk', 'files__write_file'],
    ['resize image', 'files__resizeImage'],
  ])('answers %j with %s first', async (query, id) => {
    expect((await found(await filled(), query))[0]).toBe(id);
  });

  it('finds by meaning what shares no word, and by words alone without an embedder', async () => {
    const query = 'dispatch a letter';
    expect((await found(await filled(), query))[0]).toBe('mail__send_email');
    const words = await filled({ embedder: null });
    expect(await words.search('dispatch')).toEqual({ hits: [], considered: 8, dense: 'off' });
    expect((await found(words, 'send email'))[0]).toBe('mail__send_email');
  });

  it.each([
    ['delte an emial', 'mail__delete_email'],
    ['weatherforecast', 'weather__get_forecast'],
    ['re-size the image', 'files__resizeImage'],
  ])('understands %j', async (query, id) => {
    expect((await found(await filled({ embedder: null }), query))[0]).toBe(id);
  });

  it('finds tools that are not described in English', async () => {
    const index = await filled({ embedder: null }, [
      tool('a', 'one', '删除存储桶中的所有文件'),
      tool('a', 'two', 'Löscht eine Datei aus dem Verzeichnis'),
      tool('a', 'three', 'Удаляет файл из каталога'),
      tool('a', 'four', 'ファイルを削除します'),
    ]);
    expect((await found(index, '删除文件'))[0]).toBe('a__one');
    expect((await found(index, 'Datei im Verzeichnis'))[0]).toBe('a__two');
    expect((await found(index, 'файл каталога'))[0]).toBe('a__three');
    expect((await found(index, 'ファイルの削除'))[0]).toBe('a__four');
  });

  it('gives tools for each thing that a long request asks for', async () => {
    const hits = await found(
      await filled(),
      'Tell me the weather forecast for Rome. Then send it to Ann in an email.',
      { limit: 3 },
    );
    expect(hits).toEqual(expect.arrayContaining(['weather__get_forecast', 'mail__send_email']));
  });

  it('keeps limit and minScore, with scores from 0 to 1 that fall', async () => {
    const index = await filled();
    const { hits } = await index.search('email', { limit: 2 });
    expect(hits).toHaveLength(2);
    const scores = hits.map(({ score }) => score);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    const [best = 0, second = 0] = scores;
    expect(best).toBeLessThanOrEqual(1);
    expect(await found(index, 'email', { minScore: (best + second) / 2 })).toHaveLength(best === second ? 2 : 1);
  });

  it.each([
    ['', {}],
    ['  \n', {}],
    ['x', { limit: 0 }],
    ['x', { limit: 1001 }],
    ['x', { limit: 1.5 }],
    ['x', { minScore: Number.NaN }],
    ['x', { tokenBudget: -1 }],
    ['x', { tokenBudget: 5 }],
  ])('refuses the query %j with %j', async (query, options) => {
    await expect((await filled()).search(query, options)).rejects.toMatchObject({ code: 'INVALID_PARAMS' });
  });
});

describe('filter', () => {
  it('ranks as if what is filtered out were not in the index', async () => {
    const kept = tools.filter(({ server }) => server !== 'mail');
    const all = await filled();
    const few = await filled({}, kept);
    for (const query of ['read the weather file', 'email picture', 'where is the path of the city', 'delte file']) {
      const { hits, considered } = await all.search(query, { filter: { allows: ({ server }) => server !== 'mail' } });
      const alone = await few.search(query);
      expect(considered).toBe(kept.length);
      const near = hits.map(({ id, score, parts }) => [id, score.toFixed(9), parts.lexical.toFixed(9)]);
      expect(near).toEqual(alone.hits.map(({ id, score, parts }) => [id, score.toFixed(9), parts.lexical.toFixed(9)]));
    }
  });

  it('takes servers, categories and tags, all of which have to hold', async () => {
    const index = await filled({}, [
      { ...tool('a', 'x', 'file'), category: 'disk', tags: ['old', 'safe'] },
      { ...tool('a', 'y', 'file'), category: 'net', tags: ['safe'] },
      { ...tool('b', 'z', 'file'), category: 'disk' },
    ]);
    const ids = async (filter: SearchOptions['filter']): Promise<readonly string[]> =>
      (await found(index, 'file', filter && { filter })).toSorted();
    expect(await ids({ servers: ['a'] })).toEqual(['a__x', 'a__y']);
    expect(await ids({ categories: ['disk'] })).toEqual(['a__x', 'b__z']);
    expect(await ids({ tags: ['old', 'new'] })).toEqual(['a__x']);
    expect(await ids({ servers: ['b'], tags: ['safe'] })).toEqual([]);
    expect(await ids({ servers: [] })).toEqual([]);
    expect(await index.explain('file', 'b__z', { filter: { servers: ['a'] } })).toBeUndefined();
  });
});

describe('explain', () => {
  it('says which words in which fields, and all that the score is made of', async () => {
    const index = await filled();
    const explanation = await index.explain('delete some emial', 'mail__delete_email');
    expect(explanation).toMatchObject({ rank: 1, id: 'mail__delete_email' });
    expect(explanation?.terms).toContainEqual(
      expect.objectContaining({ term: 'email', typed: 'emial', fields: ['name', 'description'] }),
    );
    const sum =
      explanation?.features.reduce((total, { value, weight }) => total + value * weight, explanation.bias) ?? 0;
    expect(explanation?.score).toBeCloseTo(1 / (1 + Math.exp(-sum)), 9);
    expect(await index.explain('delete', 'nobody')).toBeUndefined();
  });
});

describe('upsert and remove', () => {
  it('counts what it did, embeds nothing twice, and tells listeners', async () => {
    const embedder = wordEmbedder();
    const index = await createToolIndex({ embedder });
    opened.push(index);
    const changes: IndexChange[] = [];
    const stop = index.onChange((change) => changes.push(change));
    expect(await index.upsert(tools)).toEqual({ added: 8, changed: 0, unchanged: 0 });
    expect(changes.flatMap(({ upserted }) => upserted)).toEqual(tools.map(({ id }) => id));
    const embedded = embedder.embedded.length;
    expect(await index.upsert(tools)).toEqual({ added: 0, changed: 0, unchanged: 8 });
    // Another default of an argument is another tool, and no other text.
    const [first, ...others] = tools;
    if (first === undefined) return;
    const changed = { ...first, category: 'post' };
    expect(await index.upsert([changed, ...others])).toEqual({ added: 0, changed: 1, unchanged: 7 });
    expect(index.remove(['mail__send_email', 'nobody'])).toBe(1);
    expect(index.has('mail__send_email')).toBe(false);
    expect(await index.upsert([changed])).toEqual({ added: 1, changed: 0, unchanged: 0 });
    expect(embedder.embedded).toHaveLength(embedded);
    expect(changes).toContainEqual({ upserted: [], removed: ['mail__send_email'] });
    stop();
    const told = changes.length;
    index.remove(['files__read_file']);
    expect(changes).toHaveLength(told);
  });

  it('ranks a changed catalogue like one that was made anew', async () => {
    const changed = tools.map((one, at) =>
      at % 2 === 0 ? { ...one, description: `${one.description ?? ''} It warns of storms.` } : one,
    );
    const old = await filled();
    await old.upsert([tool('other', 'gone', 'Soon gone')]);
    old.remove(['other__gone', 'mail__search_emails']);
    await old.upsert(changed);
    const anew = await filled({}, changed);
    for (const query of ['storms', 'send email', 'gone', 'search words'])
      expect((await found(old, query)).toSorted()).toEqual((await found(anew, query)).toSorted());
    expect(old.size).toBe(8);
  });

  it('takes the later of two with one id, and nothing when one of them is wrong', async () => {
    const index = await filled({}, [tool('a', 'x', 'first'), tool('a', 'x', 'second')]);
    expect(await found(index, 'second')).toEqual(['a__x']);
    await expect(index.upsert([tool('b', 'y', 'fine'), { ...tool('b', 'z', ''), server: '' }])).rejects.toMatchObject({
      code: 'TOOL_DOCUMENT_INVALID',
      facts: { tool: 'b__z' },
    });
    expect(index.size).toBe(1);
  });

  it('does not bring back what was removed while it was coming in', async () => {
    const index = await filled({}, []);
    const coming = index.upsert(tools);
    await Promise.resolve();
    await Promise.resolve();
    const removed = index.onChange(() => index.remove(['files__read_file', 'mail__send_email']));
    await coming;
    removed();
    expect(index.has('files__read_file')).toBe(false);
    expect(index.size).toBe(6);
  });

  it('stops when it is cancelled, and can go on', async () => {
    const index = await filled({}, []);
    await expect(index.upsert(tools, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(index.search('x', { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await index.upsert(tools)).toEqual({ added: 8, changed: 0, unchanged: 0 });
  });

  it('is closed after close', async () => {
    const index = await filled();
    await index.close();
    await index.close();
    await expect(index.search('x')).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(index.upsert([])).rejects.toMatchObject({ code: 'CLOSED' });
  });
});

it.each([{ rerankCandidates: 0 }, { rerankCandidates: 1_001 }, { maxRememberedVectors: -1 }])(
  'numbers that would not do are refused: %o',
  async (options) => {
    await expect(createToolIndex({ embedder: null, ...options })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  },
);
