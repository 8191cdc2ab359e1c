import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createToolIndex, loadToolIndex } from '../create-tool-index.ts';
import { staticEmbedder } from '../dense/static/static-embedder.ts';
import { tool, tools } from '../testing/tools.ts';
import type { ToolDocument } from '../tool-document.ts';
import type { ToolIndex } from '../tool-index.ts';
import type { PieceEmbedder, PieceVectors } from './piece-vectors.ts';

let embedder: PieceEmbedder;
beforeAll(async () => void (embedder = await staticEmbedder()));
afterAll(() => embedder.close());

async function filled(content: readonly ToolDocument[] = tools, own: PieceEmbedder = embedder): Promise<ToolIndex> {
  const index = await createToolIndex({ embedder: own });
  await index.upsert(content);
  return index;
}

async function value(index: ToolIndex, query: string, id: string, name: string): Promise<number> {
  const why = await index.explain(query, id);
  return why?.features.find((feature) => feature.name === name)?.value ?? NaN;
}

function withPieces(changes: Partial<PieceVectors>): PieceEmbedder {
  return { ...embedder, pieces: { ...embedder.pieces, ...changes } };
}

const eightyWords =
  'apple bread chair dance eagle flame grape house island jacket kitchen ladder mirror needle orange pencil queen river silver table ' +
  'uncle valley window yellow zebra anchor bottle candle desert engine forest garden hammer insect jungle kettle lemon marble nurse ' +
  'ocean palace rabbit saddle temple umbrella violin wagon airport basket camera diamond elephant feather guitar horse iron jewel ' +
  'knight lizard mountain novel oxygen piano quarry rocket spider tiger uniform vessel whale yacht barrel castle dragon emperor fossil';

describe('piece by piece', () => {
  it.each([
    ['send an email', 'mail__send_email', 'lateName', 1, 1],
    ['transmit the message', 'mail__send_email', 'lateName', 0.4, 0.9],
    ['transmit the message', 'files__resizeImage', 'lateName', 0, 0.3],
    ['shrink a photo', 'files__resizeImage', 'lateInHeadline', 0.4, 0.9],
    ['shrink a photo', 'weather__get_alerts', 'lateInHeadline', 0, 0.35],
    ['picture smaller', 'files__resizeImage', 'lateInHeadline', 1, 1],
    ['makes a picture smaller to resize an image', 'files__resizeImage', 'lateHeadline', 0.99, 1],
  ])('says of %j how much it and %s mean of each other: %s', async (query, id, name, least, most) => {
    await using index = await filled();
    const found = await value(index, query, id, name);
    expect(found).toBeGreaterThanOrEqual(least - 1e-4);
    expect(found).toBeLessThanOrEqual(most + 1e-4);
  });

  it('pays no heed to words that tell nothing', async () => {
    await using index = await filled();
    const bare = await value(index, 'photo', 'files__resizeImage', 'lateInHeadline');
    expect(await value(index, 'the of a photo', 'files__resizeImage', 'lateInHeadline')).toBe(bare);
    expect(await value(index, 'of the', 'files__resizeImage', 'lateInHeadline')).toBe(0);
  });

  it('is not swayed by tools that are filtered out, nor by the order in which tools came', async () => {
    const hidden = ['photo', 'picture', 'image'].map((word) => tool('hidden', `shrink_${word}`, `Shrinks a ${word}.`));
    await using alone = await filled();
    await using among = await filled([...hidden, ...tools.toReversed()]);
    const expected = await alone.search('shrink a photo for the forecast');
    const filter = { servers: ['mail', 'weather', 'files'] };
    expect((await among.search('shrink a photo for the forecast', { filter })).hits).toEqual(expected.hits);
  });

  it('forgets what a tool was', async () => {
    await using index = await filled();
    const before = await value(index, 'picture smaller', 'files__resizeImage', 'lateInHeadline');
    index.remove(['files__resizeImage']);
    await index.upsert([tool('files', 'resizeImage', 'Pays an invoice.'), tool('bank', 'pay', 'Pays an invoice.')]);
    const after = await value(index, 'picture smaller', 'files__resizeImage', 'lateInHeadline');
    expect(after).toBeLessThan(before);
    expect(await value(index, 'pays an invoice', 'bank__pay', 'lateInHeadline')).toBeCloseTo(1, 4);
  });

  it('compares a hundred tools and 64 pieces of a request, and no more', async () => {
    const asked: number[] = [];
    const counting = withPieces({
      similarities(from, to) {
        asked.push(from.length);
        return embedder.pieces.similarities(from, to);
      },
    });
    const many = Array.from({ length: 130 }, (_, at) => tool('files', `copy_${at}`, 'Copies a photo.'));
    await using index = await filled(many, counting);
    await index.search(eightyWords);
    expect(asked.pop()).toBe(64);
    const { hits } = await index.search('photo', { limit: 130 });
    expect(hits).toHaveLength(130);
    let compared = 0;
    for (const { id } of hits) if ((await value(index, 'photo', id, 'lateInHeadline')) > 0) compared += 1;
    expect(compared).toBe(100);
  });
});

describe('a saved index', () => {
  it('ranks as it did', async () => {
    await using before = await filled();
    await using after = await loadToolIndex(await before.save(), { embedder });
    for (const query of ['shrink a photo', 'transmit the message'])
      expect((await after.search(query)).hits).toEqual((await before.search(query)).hits);
  });

  it('is refused where its pieces are missing, or none of the embedder’s', async () => {
    const { pieces, ...whole } = embedder;
    await using bare = await createToolIndex({ embedder: whole });
    await bare.upsert(tools);
    await expect(loadToolIndex(await bare.save(), { embedder })).rejects.toMatchObject({ code: 'INDEX_INVALID' });
    await using index = await filled();
    const fewer = withPieces({ bound: pieces.bound / 100 });
    await expect(loadToolIndex(await index.save(), { embedder: fewer })).rejects.toMatchObject({
      code: 'INDEX_INVALID',
    });
  });
});
