import { crc32 } from 'node:zlib';
import { expect, it } from 'vitest';
import { createToolIndex, loadToolIndex } from '../create-tool-index.ts';
import { tool, tools } from '../testing/tools.ts';
import { wordEmbedder } from '../testing/word-embedder.ts';

async function saved(): Promise<Uint8Array> {
  await using index = await createToolIndex({ embedder: wordEmbedder() });
  await index.upsert([tool('gone', 'soon', 'An invoice.'), ...tools]);
  index.remove(['gone__soon']);
  return await index.save();
}

it('goes on where the saved index was, without embedding anything again', async () => {
  const embedder = wordEmbedder();
  await using index = await loadToolIndex(await saved(), { embedder });
  await using before = await createToolIndex({ embedder: wordEmbedder() });
  await before.upsert(tools);
  for (const query of ['dispatch a letter', 'write file', 'weather of the region', 'emial'])
    expect((await index.search(query)).hits).toEqual((await before.search(query)).hits);
  embedder.embedded.length = 0;
  expect(await index.upsert([...tools, tool('gone', 'soon', 'An invoice.')])).toEqual({
    added: 1,
    changed: 0,
    unchanged: 8,
  });
  expect(embedder.embedded).toEqual([]);
  expect((await index.search('payment')).hits[0]?.id).toBe('gone__soon');
});

it('can be read by words alone, and not with the vectors of another model', async () => {
  const bytes = await saved();
  await using words = await loadToolIndex(bytes, { embedder: null });
  expect((await words.search('send email')).hits[0]?.id).toBe('mail__send_email');
  const invalid = { code: 'INDEX_INVALID' };
  await expect(loadToolIndex(bytes, { embedder: wordEmbedder('words/2') })).rejects.toMatchObject(invalid);
  const wordsOnly = await words.save();
  await expect(loadToolIndex(wordsOnly, { embedder: wordEmbedder() })).rejects.toMatchObject(invalid);
});

it('is read from wherever it lies in memory', async () => {
  const bytes = await saved();
  const shifted = new Uint8Array(bytes.length + 3);
  shifted.set(bytes, 3);
  for (const found of [shifted.subarray(3), Buffer.from(bytes)]) {
    await using index = await loadToolIndex(found, { embedder: wordEmbedder() });
    expect(index.size).toBe(8);
  }
});

it('refuses what is damaged, wherever it is', async () => {
  const bytes = await saved();
  const load = (damaged: Uint8Array): Promise<unknown> => loadToolIndex(damaged, { embedder: wordEmbedder() });
  for (let at = 0; at < bytes.length; at += 97) {
    const damaged = bytes.slice();
    damaged[at] = (damaged[at] ?? 0) ^ 0x55;
    await expect(load(damaged), `byte ${at}`).rejects.toMatchObject({ code: 'INDEX_INVALID' });
  }
  for (const length of [0, 3, 11, 100, bytes.length - 1])
    await expect(load(bytes.slice(0, length)), `${length} bytes`).rejects.toMatchObject({ code: 'INDEX_INVALID' });
});

it('refuses what does not fit together, also under a right checksum', async () => {
  const bytes = await saved();
  const header = new DataView(bytes.buffer, bytes.byteOffset);
  // The length of each section in turn, and the count of sections.
  for (const at of [8, 12, 16, 20, 24, 28, 32, 36, 40, 44, 48]) {
    const damaged = bytes.slice();
    const view = new DataView(damaged.buffer);
    view.setUint32(at, header.getUint32(at, true) + 8, true);
    view.setUint32(4, crc32(damaged.subarray(8)), true);
    await expect(loadToolIndex(damaged, { embedder: wordEmbedder() }), `at ${at}`).rejects.toMatchObject({
      code: 'INDEX_INVALID',
    });
  }
});
