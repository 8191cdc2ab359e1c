import type { Embedder } from '@toolyard/protocol';
import { expect, it } from 'vitest';
import { createToolIndex } from '../create-tool-index.ts';
import { tools } from '../testing/tools.ts';
import { wordEmbedder } from '../testing/word-embedder.ts';

function broken(embed: Embedder['embed']): Embedder {
  return { ...wordEmbedder('broken'), embed };
}

it.each([
  ['throws', broken(() => Promise.reject(new Error('out of memory')))],
  ['gives too few vectors', broken(() => Promise.resolve([]))],
  ['gives vectors of another length', broken((texts) => Promise.resolve(texts.map(() => new Float32Array(3))))],
  [
    'gives numbers that are none',
    broken((texts) => Promise.resolve(texts.map(() => new Float32Array(7).fill(Number.NaN)))),
  ],
])('refuses what an embedder makes that %s, and takes nothing of it in', async (_, embedder) => {
  await using index = await createToolIndex({ embedder });
  await expect(index.upsert(tools)).rejects.toMatchObject({ code: 'EMBEDDER_FAILED', facts: { embedder: 'broken' } });
  expect(index.size).toBe(0);
});

it('searches by words alone while the embedder fails, and says so', async () => {
  const embedder = wordEmbedder();
  let away = false;
  const moody: Embedder = {
    ...embedder,
    embed: (texts, role) => (away ? Promise.reject(new Error('away')) : embedder.embed(texts, role)),
  };
  await using index = await createToolIndex({ embedder: moody });
  await index.upsert(tools);
  expect((await index.search('send email')).dense).toBe('used');
  away = true;
  const { hits, dense } = await index.search('send email');
  expect(dense).toBe('failed');
  expect(hits[0]?.id).toBe('mail__send_email');
});

it('ranks tools in which the model knows no word', async () => {
  await using index = await createToolIndex({ embedder: wordEmbedder() });
  await index.upsert([...tools, { id: 'z', server: 'z', name: 'frobnicate' }]);
  expect((await index.search('frobnicate')).hits[0]?.id).toBe('z');
});

it('cancels what the embedder is busy with', async () => {
  const controller = new AbortController();
  let seen: AbortSignal | undefined;
  const slow = broken((_texts, _role, options) => {
    seen = options?.signal;
    return new Promise((_resolve, reject) => {
      options?.signal?.addEventListener('abort', () => reject(new Error('aborted')));
      controller.abort();
    });
  });
  await using index = await createToolIndex({ embedder: slow });
  await expect(index.upsert(tools, { signal: controller.signal })).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(seen?.aborted).toBe(true);
});
