import { describe, expect, it } from 'vitest';
import { createToolIndex } from '../create-tool-index.ts';
import { folderWith, lines } from '../testing/folder-with.ts';
import { tools } from '../testing/tools.ts';
import { wordEmbedder } from '../testing/word-embedder.ts';
import { evaluateSet } from './evaluate-set.ts';
import { meaningAlone } from './meaning-alone.ts';
import { meanMetrics, scoreRanking } from './metrics.ts';
import { readLabelledSet } from './read-labelled-set.ts';

const query = { id: 'q', query: 'x', relevant: ['a', 'b'], equivalents: new Map([['a', ['c', 'd']]]), main: undefined };

describe('scoreRanking', () => {
  it('counts a tool once, by itself or by an equivalent', () => {
    expect(scoreRanking(query, ['c', 'x', 'a', 'b'])).toEqual({
      hitAt1: 1,
      recallAt1: 0.5,
      recallAt5: 1,
      recallAt10: 1,
      // Ranks 1 and 4 of the ideal 1 and 2.
      ndcgAt10: (1 + 1 / Math.log2(5)) / (1 + 1 / Math.log2(3)),
      mapAt10: (1 + 2 / 4) / 2,
      completeAt10: 1,
    });
  });

  it('looks at ten tools, and asks for no more of more than ten', () => {
    const relevant = Array.from({ length: 20 }, (_, at) => `t${at}`);
    const many = { ...query, relevant, equivalents: new Map() };
    expect(scoreRanking(many, relevant)).toMatchObject({ ndcgAt10: 1, mapAt10: 1, recallAt10: 0.5, completeAt10: 0 });
    const late = { ...many, relevant: ['t10'] };
    expect(scoreRanking(late, relevant)).toMatchObject({ recallAt10: 0, ndcgAt10: 0 });
  });

  it('does not score what has no labels', () => {
    expect(scoreRanking({ ...query, relevant: [] }, ['a'])).toBeUndefined();
    expect(meanMetrics([])).toBeUndefined();
  });
});

describe('evaluateSet', () => {
  it('ranks every query, scores those with labels, and counts what the selection saves', async () => {
    const folder = await folderWith({
      'tools.jsonl': lines(...tools),
      'queries.jsonl': lines(
        { id: '1', query: 'send an email', relevant: ['mail__send_email'] },
        {
          id: '2',
          query: 'rain in Rome',
          relevant: ['files__read_file'],
          equivalents: ['weather__get_forecast', 'weather__get_alerts'],
        },
        { id: '3', query: 'delete email' },
      ),
    });
    const set = await readLabelledSet(folder);
    await using index = await createToolIndex({ embedder: null });
    await index.upsert(set.tools);
    const seen: (readonly [string, string | undefined, number | undefined])[] = [];
    const result = await evaluateSet(set, index, {
      search: { limit: 2 },
      onRanking: ({ id, ranked, metrics }) => seen.push([id, ranked[0], metrics?.hitAt1]),
    });
    expect(seen).toEqual([
      ['1', 'mail__send_email', 1],
      ['2', undefined, 0],
      ['3', 'mail__delete_email', undefined],
    ]);
    expect(result).toMatchObject({ queries: 3, scored: 2, metrics: { hitAt1: 0.5 } });
    expect(result.tokens.selected).toBeGreaterThan(0);
    expect(result.tokens.all).toBeGreaterThan(2 * result.tokens.selected);
    expect(result.p99Ms).toBeGreaterThanOrEqual(result.p50Ms);
  });

  it('can be stopped, and gives way to others meanwhile', async () => {
    const queries = Array.from({ length: 20_000 }, (_, at) => ({ ...query, id: String(at), relevant: [] }));
    const controller = new AbortController();
    const search = (): Promise<{ hits: []; dense: 'off' }> => {
      setImmediate(() => controller.abort());
      for (const from = performance.now(); performance.now() - from < 1;);
      return Promise.resolve({ hits: [], dense: 'off' });
    };
    await expect(evaluateSet({ tools, queries }, { search }, { signal: controller.signal })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });

  it('tells how often the embedder failed', async () => {
    const words = wordEmbedder();
    const failing = {
      ...words,
      embed: (texts: readonly string[], role: 'query' | 'document') =>
        role === 'query' ? Promise.reject(new Error('away')) : words.embed(texts, role),
    };
    await using index = await createToolIndex({ embedder: failing });
    await index.upsert(tools);
    const result = await evaluateSet(
      { tools, queries: [{ ...query, query: 'send email', relevant: ['mail__send_email'] }] },
      index,
    );
    expect(result).toMatchObject({ embedderFailures: 1, metrics: { hitAt1: 1 } });
  });

  it('compares with meaning alone', async () => {
    using searcher = await meaningAlone(tools, wordEmbedder());
    const found = async (text: string): Promise<readonly string[]> =>
      (await searcher.search(text, { limit: 2 })).hits.map(({ id }) => id);
    expect(await found('dispatch a letter')).toContain('mail__send_email');
    expect(await found('xyzzy')).toEqual([]);
  });
});
