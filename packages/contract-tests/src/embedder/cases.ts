import { type Embedder, type TextRole, ToolyardError } from '@toolyard/protocol';
import { expect } from 'vitest';
import type { Cases } from '../contract.ts';
import type { EmbedderRig } from './rig.ts';

const texts = [
  'read a file from the disk',
  'send an email to a customer',
  'list the open pull requests of a repository',
  'what is the weather in Paris tomorrow',
];

async function one(embedder: Embedder, text: string, role: TextRole = 'document'): Promise<Float32Array> {
  const [vector] = await embedder.embed([text], role);
  if (vector === undefined) throw new Error('there is no vector');
  return vector;
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
}

/** Of unit length, or zero where the model may know no word. */
function expectVector(embedder: Embedder, vector: Float32Array | undefined, orZero = false): void {
  expect(vector).toBeInstanceOf(Float32Array);
  expect(vector).toHaveLength(embedder.dimension);
  const norm = Math.sqrt(dot(vector ?? new Float32Array(), vector ?? new Float32Array()));
  if (!orZero || norm !== 0) expect(norm).toBeCloseTo(1, 3);
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'no error',
    (error: unknown) => (ToolyardError.is(error) ? error.code : String(error)),
  );
}

export const embedderCases: Cases<EmbedderRig> = {
  'it says what it is, and the same each time it is opened': async (rig) => {
    await using embedder = await rig.open();
    await using again = await rig.open();
    expect(embedder.contract).toBe('embedder/1');
    expect(embedder.id).not.toBe('');
    expect(Number.isInteger(embedder.dimension) && embedder.dimension > 0).toBe(true);
    expect(Number.isInteger(embedder.batchSize) && embedder.batchSize > 0).toBe(true);
    expect([again.id, again.dimension]).toEqual([embedder.id, embedder.dimension]);
  },

  'a text has one vector of unit length, and always the same': async (rig) => {
    await using embedder = await rig.open();
    await using again = await rig.open();
    for (const role of ['query', 'document'] as const) {
      const vector = await one(embedder, 'read a file from the disk', role);
      expectVector(embedder, vector);
      expect(dot(vector, await one(embedder, 'read a file from the disk', role))).toBeCloseTo(1, 4);
      expect(dot(vector, await one(again, 'read a file from the disk', role))).toBeCloseTo(1, 4);
    }
  },

  'vectors come in the order of the texts, and a batch gives what single texts give': async (rig) => {
    await using embedder = await rig.open();
    const batch = [...texts, ...texts].slice(0, embedder.batchSize);
    const vectors = await embedder.embed(batch, 'document');
    expect(vectors).toHaveLength(batch.length);
    for (const [i, text] of batch.entries()) {
      expectVector(embedder, vectors[i]);
      expect(dot(vectors[i] ?? new Float32Array(), await one(embedder, text))).toBeGreaterThan(0.999);
    }
  },

  'texts that share what they say are nearer than others': async (rig) => {
    await using embedder = await rig.open();
    const query = await one(embedder, 'read file', 'query');
    const near = await one(embedder, 'read a file from the disk');
    const far = await one(embedder, 'send an email to a customer');
    expect(dot(query, near)).toBeGreaterThan(dot(query, far));
  },

  'calls that overlap are not mixed up': async (rig) => {
    await using embedder = await rig.open();
    const alone = [];
    for (const text of texts) alone.push(await one(embedder, text));
    const together = await Promise.all(texts.map((text) => one(embedder, text)));
    for (const [i, vector] of together.entries())
      expect(dot(vector, alone[i] ?? new Float32Array())).toBeGreaterThan(0.999);
  },

  'a full batch is answered, and one text more is refused with EMBEDDER_FAILED': async (rig) => {
    await using embedder = await rig.open();
    const full = Array.from({ length: embedder.batchSize }, (_, i) => texts[i % texts.length] ?? '');
    expect(await embedder.embed(full, 'document')).toHaveLength(full.length);
    expect(await codeOf(embedder.embed([...full, 'one more'], 'document'))).toBe('EMBEDDER_FAILED');
  },

  'no texts give no vectors': async (rig) => {
    await using embedder = await rig.open();
    expect(await embedder.embed([], 'query')).toEqual([]);
  },

  'the empty text, blanks and marks have a vector of unit length or the zero vector': async (rig) => {
    await using embedder = await rig.open();
    for (const text of ['', ' ', '\n\t', '…', '!?', '\u0000'])
      expectVector(embedder, await one(embedder, text, 'query'), true);
  },

  'a text of a megabyte is answered, with spaces and without': async (rig) => {
    await using embedder = await rig.open();
    expectVector(embedder, await one(embedder, 'read a file from the disk and '.repeat(35_000)));
    expectVector(embedder, await one(embedder, 'x'.repeat(1_048_576)), true);
  },

  'hostile Unicode is answered: lone surrogates, heaps of marks, directions, rare scripts, sequences of emoji': async (
    rig,
  ) => {
    await using embedder = await rig.open();
    const hostile = [
      '\ud800',
      'read \udc00 file',
      `a${'\u0301'.repeat(5_000)}`,
      '\u202eelif a daer\u202c',
      '\ufeff\u200b\u200d\u2060',
      '\u{10ffff}\uffff',
      '👩‍👩‍👧‍👦'.repeat(200),
      'ﷺ'.repeat(500),
      '読む ファイル 𒀀𒀁 ဖိုင်ကို',
      '[CLS] [SEP] <|endoftext|> </s>',
    ];
    for (const text of hostile) expectVector(embedder, await one(embedder, text), true);
    const around = await embedder.embed(['read a file', '\ud800', 'read a file'].slice(0, embedder.batchSize), 'query');
    expect(dot(around[0] ?? new Float32Array(), around.at(-1) ?? new Float32Array())).not.toBeNaN();
  },

  'a vector may be written over, and the next answer is not changed by that': async (rig) => {
    await using embedder = await rig.open();
    const first = await one(embedder, 'read a file from the disk', 'query');
    const copy = first.slice();
    first.fill(0);
    expect(dot(await one(embedder, 'read a file from the disk', 'query'), copy)).toBeCloseTo(1, 3);
  },

  'an abort rejects with CANCELLED, before the call and during it, and the next call is answered': async (rig) => {
    await using embedder = await rig.open();
    expect(await codeOf(embedder.embed(['read'], 'query', { signal: AbortSignal.abort() }))).toBe('CANCELLED');
    const abort = new AbortController();
    const work = codeOf(embedder.embed(['write a long text'], 'query', { signal: abort.signal }));
    abort.abort();
    // It may have been done already.
    expect(['CANCELLED', 'no error']).toContain(await work);
    expectVector(embedder, await one(embedder, 'write a long text', 'query'));
  },

  'closed twice it is closed, and refuses texts': async (rig) => {
    const embedder = await rig.open();
    await one(embedder, 'read');
    await embedder.close();
    await embedder.close();
    expect(await codeOf(embedder.embed(['read'], 'query'))).toBe('CLOSED');
    expect(await codeOf(embedder.embed([], 'query'))).toBe('CLOSED');
  },
};
