import { expect, it } from 'vitest';
import { createToolIndex } from '../create-tool-index.ts';
import type { ToolGraph } from '../graph/tool-graph.ts';
import { tools } from '../testing/tools.ts';
import { wordEmbedder } from '../testing/word-embedder.ts';
import type { ToolIndexOptions } from '../tool-index-options.ts';

async function open(options: Partial<ToolIndexOptions>): Promise<Awaited<ReturnType<typeof createToolIndex>>> {
  const index = await createToolIndex({ embedder: wordEmbedder(), ...options });
  await index.upsert(tools);
  return index;
}

it('fits what it selects into a budget of tokens, and says what each costs', async () => {
  const definition = (id: string): string | undefined =>
    id === 'mail__send_email' ? 'word '.repeat(500) : `{"name":"${id}"}`;
  await using index = await open({ definition });
  const { hits } = await index.search('send email', { tokenBudget: 20 });
  const ids = hits.map(({ id }) => id);
  expect(ids).not.toContain('mail__send_email');
  expect(ids.length).toBeGreaterThan(0);
  const total = hits.reduce((sum, { tokens }) => sum + (tokens ?? 0), 0);
  expect(total).toBeGreaterThan(0);
  expect(total).toBeLessThanOrEqual(20);
  expect((await index.search('send email', { tokenBudget: 0 })).hits).toEqual([]);
});

it('counts tokens of o200k, special ones as the text they are', async () => {
  const texts = new Map([
    ['mail__send_email', 'hello world'],
    ['mail__delete_email', '<|endoftext|>'],
  ]);
  await using index = await open({ definition: (id) => texts.get(id) });
  const { hits } = await index.search('send email', { tokenBudget: 1000 });
  const tokens = new Map(hits.map((hit) => [hit.id, hit.tokens]));
  expect(tokens.get('mail__send_email')).toBe(2);
  expect(tokens.get('mail__delete_email')).toBeGreaterThan(1);
});

it('lets a re-ranker order and drop the best, and passes on its failure and the signal', async () => {
  const controller = new AbortController();
  let asked: readonly string[] = [];
  await using index = await open({
    rerankCandidates: 4,
    rerank: async (query, hits, { signal }) => {
      if (query === 'fail about email') throw new Error('the model is away');
      if (query === 'wait for email') controller.abort();
      expect(signal?.aborted ?? false).toBe(query === 'wait for email');
      asked = hits.map(({ id }) => id);
      return await Promise.resolve([
        { id: 'nobody', score: 1 },
        { id: 'mail__search_emails', score: 7 },
        { id: 'mail__send_email', score: 0.25 },
        { id: 'mail__send_email', score: 0.2 },
      ]);
    },
  });
  const { hits } = await index.search('send email', { limit: 2 });
  expect(asked).toHaveLength(4);
  expect(hits.map(({ id, score }) => [id, score])).toEqual([
    ['mail__search_emails', 1],
    ['mail__send_email', 0.25],
  ]);
  await expect(index.search('fail about email')).rejects.toThrow('the model is away');
  await expect(index.search('wait for email', { signal: controller.signal })).rejects.toMatchObject({
    code: 'CANCELLED',
  });
});

it('asks the graph to complete a selection, within what the filter shows', async () => {
  const told: string[] = [];
  const graph: ToolGraph = {
    upsert: ({ id }) => void told.push(id),
    remove: (id) => void told.push(`-${id}`),
    used: (ids) => void told.push(`used ${ids.join(' ')}`),
    edges: () => [],
    complete: (ranking, { limit, visible }) => {
      const [first] = ranking;
      const extra = ['weather__get_alerts', 'files__read_file'].filter(visible);
      const added = extra.map((id) => ({ id, score: 0.1, through: first?.id, graph: 0.9 }));
      return [...ranking.slice(0, 1).map((one) => ({ ...one, through: undefined, graph: 0 })), ...added].slice(
        0,
        limit,
      );
    },
    save: () => new Uint8Array(),
  };
  await using index = await open({ graph: () => graph });
  const ids = async (expand?: 'none'): Promise<readonly (readonly [string, string | undefined])[]> => {
    const filter = { servers: ['mail', 'files'] };
    const { hits } = await index.search('send email', { filter, limit: 2, ...(expand && { expand }) });
    return hits.map(({ id, through }) => [id, through]);
  };
  expect(await ids()).toEqual([
    ['mail__send_email', undefined],
    ['files__read_file', 'mail__send_email'],
  ]);
  expect((await ids('none')).map(([, through]) => through)).toEqual([undefined, undefined]);
  index.used(['mail__send_email', 'nobody']);
  index.remove(['mail__send_email']);
  expect(told.slice(-2)).toEqual(['used mail__send_email', '-mail__send_email']);
});
