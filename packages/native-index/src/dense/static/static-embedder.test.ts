import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { staticEmbedder } from './static-embedder.ts';

const packaged = new URL('../../../assets/minilm-static.bin', import.meta.url);
const magic = Buffer.from('TYSTAT\0\u0001', 'latin1');

function cosine(a: Float32Array | undefined, b: Float32Array | undefined): number {
  return Array.from(a ?? []).reduce((sum, value, at) => sum + value * (b?.[at] ?? 0), 0);
}

describe('the static embedder', () => {
  it('puts texts of one meaning nearer together than others', async () => {
    await using embedder = await staticEmbedder();
    const [request, same, other] = await embedder.embed(
      ['reserve a seat on a plane', 'book flight tickets', 'delete rows of a database table'],
      'query',
    );
    expect(cosine(request, same)).toBeGreaterThan(cosine(request, other) + 0.2);
  });

  it('gives vectors of unit length, and the zero vector where it knows nothing', async () => {
    await using embedder = await staticEmbedder();
    const vectors = await embedder.embed(['List files', '', ' \n', '\ud800\udfff\ud800', '\u{1fae0}'], 'document');
    const lengths = vectors.map((vector) => Math.hypot(...vector));
    expect(lengths[0]).toBeCloseTo(1, 5);
    expect(lengths.slice(1)).toEqual([0, 0, 0, 0]);
    expect(vectors.map((vector) => vector.length)).toEqual(vectors.map(() => embedder.dimension));
  });

  it('does not look beyond the beginning of a text', async () => {
    await using embedder = await staticEmbedder();
    const tail = ' delete all invoices'.repeat(50_000);
    const [short, long] = await embedder.embed(
      ['list files. '.repeat(300), `${'list files. '.repeat(300)}${tail}`],
      'document',
    );
    expect(long).toEqual(short);
  });

  it('lets other work go on while it embeds, and stops when told to', async () => {
    await using embedder = await staticEmbedder();
    const controller = new AbortController();
    setImmediate(() => controller.abort(new Error('enough')));
    const many = Array.from({ length: 4096 }, (_, at) => `tool number ${at} lists the files of a folder`.repeat(100));
    await expect(embedder.embed(many, 'document', { signal: controller.signal })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });
});

describe('a table', () => {
  let folder: string;
  let whole: Buffer;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'static-table-'));
    whole = await readFile(packaged);
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function refusal(bytes: Buffer): Promise<unknown> {
    const table = join(folder, 'table.bin');
    await writeFile(table, bytes);
    return staticEmbedder({ table }).catch((error: unknown) => error);
  }

  function made(header: Record<string, unknown>, payload: Buffer): Buffer {
    const json = Buffer.from(JSON.stringify({ sha256: createHash('sha256').update(payload).digest('hex'), ...header }));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(json.length);
    return Buffer.concat([magic, length, json, payload]);
  }

  it('is packaged in at most 10 MB', () => {
    expect(whole.length).toBeLessThanOrEqual(10_000_000);
  });

  it('that is missing is said to be so, without its path', async () => {
    const error: unknown = await staticEmbedder({ table: join(folder, 'none.bin') }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      code: 'EMBEDDER_FAILED',
      facts: { embedder: 'static', reason: 'its table cannot be read' },
    });
    expect(String(error)).not.toContain(folder);
  });

  it.each<[string, string, (bytes: Buffer) => Buffer]>([
    ['is empty', 'it does not begin as a table of this version', () => Buffer.alloc(0)],
    [
      'is of another version',
      'it does not begin as a table of this version',
      (bytes) => Buffer.concat([Buffer.from('TYSTAT\0\u0002', 'latin1'), bytes.subarray(8)]),
    ],
    ['ends in the header', 'its header is cut off', (bytes) => bytes.subarray(0, 40)],
    ['ends early', 'its length is not what its header says', (bytes) => bytes.subarray(0, -1)],
    [
      'has a flipped bit',
      'its contents do not match their hash',
      (bytes) => Buffer.concat([bytes.subarray(0, -1), Buffer.from([(bytes.at(-1) ?? 0) ^ 1])]),
    ],
    [
      'has no JSON as its header',
      'its header is not JSON',
      () => Buffer.concat([magic, Buffer.from([1, 0, 0, 0]), Buffer.from('{')]),
    ],
    [
      'has a header without a dimension',
      'its header lacks what it must say',
      () => made({ model: 'm', rows: 1, vocabularyBytes: 1 }, Buffer.alloc(9)),
    ],
    [
      'has null as its header',
      'its header lacks what it must say',
      () => Buffer.concat([magic, Buffer.from([4, 0, 0, 0]), Buffer.from('null')]),
    ],
    [
      'has fewer pieces than rows',
      'it has not one row for each piece',
      () => made({ model: 'm', dimension: 2, rows: 2, vocabularyBytes: 1 }, Buffer.from(`a${'\0'.repeat(12)}`)),
    ],
  ])('that %s is refused', async (_, reason, damage) => {
    expect(await refusal(damage(whole))).toMatchObject({
      code: 'EMBEDDER_FAILED',
      facts: { embedder: 'static', reason: `its table is damaged: ${reason}` },
    });
  });

  it('of one’s own is read', async () => {
    const scales = Buffer.alloc(8);
    scales.writeFloatLE(0.5, 4);
    const bytes = made(
      { model: 'mine', dimension: 2, rows: 2, vocabularyBytes: 6 },
      Buffer.concat([Buffer.from('[U]\nhi'), scales, Buffer.from([0, 0, 3, 4])]),
    );
    const table = join(folder, 'mine.bin');
    await writeFile(table, bytes);
    await using embedder = await staticEmbedder({ table });
    expect(embedder.id).toBe('mine');
    const [vector] = await embedder.embed(['Hi!'], 'query');
    expect(Array.from(vector ?? [])).toEqual([0.6, 0.8].map(Math.fround));
  });
});
