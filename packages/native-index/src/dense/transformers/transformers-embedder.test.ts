import { resolve } from 'node:path';
import { embedderContract, wordHashEmbedder } from '@toolyard/contract-tests';
import type { Embedder } from '@toolyard/protocol';
import { expect, test, vi } from 'vitest';
import { loadEmbedder, transformersEmbedder, type TransformersEmbedderOptions } from './transformers-embedder.ts';
import type { FeatureExtraction, TransformersModule } from './transformers-module.ts';

/** What runs instead of the words, once the embedder has been loaded. */
type Run = (texts: string[]) => ReturnType<FeatureExtraction>;

/**
 * Stands in for the library, which with its runtimes is 450 MB, around words that are hashed: all vectors of a batch in one tensor. As with the
 * library, the texts of a batch run together, and a disposed model is no model any more.
 */
function standIn(run?: Run): TransformersModule & {
  readonly asked: string[][];
} {
  const embedder = wordHashEmbedder({ batchSize: 1_000 });
  const asked: string[][] = [];
  let disposed = false;
  const extract: FeatureExtraction = Object.assign(
    async (texts: string[]) => {
      if (disposed) throw new Error('the session is gone');
      asked.push(texts);
      if (run !== undefined && asked.length > 1) return run(texts);
      const vectors = await embedder.embed(texts, 'document');
      return { dims: [texts.length, embedder.dimension], data: vectors.flatMap((vector) => [...vector]) };
    },
    {
      dispose: async () => {
        disposed = true;
      },
    },
  );
  return { asked, pipeline: vi.fn<TransformersModule['pipeline']>(async () => extract) };
}

const options: TransformersEmbedderOptions = { model: 'words' };

embedderContract('transformersEmbedder() over a stand-in of its library', () => {
  const opened: Embedder[] = [];
  return {
    async open() {
      const embedder = await loadEmbedder(options, standIn());
      opened.push(embedder);
      return embedder;
    },
    async [Symbol.asyncDispose]() {
      for (const embedder of opened) await embedder.close();
    },
  };
});

test('a model in a folder is taken from there and never from the hub, and its path is in no id', async () => {
  const library = standIn();
  await using embedder = await loadEmbedder({ model: 'mine', folder: 'models/mine', dtype: 'q8' }, library);
  const given = { local_files_only: true, revision: 'main', dtype: 'q8' };
  expect(library.pipeline).toHaveBeenCalledWith('feature-extraction', resolve('models/mine'), given);
  expect(embedder.id).toBe('mine/main/q8/mean');
});

// It is left out of this workspace; see pnpm-workspace.yaml.
test('without the library the error names it', async () => {
  await expect(transformersEmbedder(options)).rejects.toMatchObject({
    code: 'PACKAGE_MISSING',
    facts: { package: '@huggingface/transformers' },
  });
});

test('prefixes go in front, and texts are cut', async () => {
  const library = standIn();
  const prefixes = { query: 'query: ', document: 'passage: ' };
  await using embedder = await loadEmbedder({ ...options, prefixes, maxTextLength: 4 }, library);
  await embedder.embed(['files', '\ud800'], 'query');
  await embedder.embed(['files'], 'document');
  expect(library.asked.slice(1)).toEqual([['query: file', 'query: \ufffd'], ['passage: file']]);
});

test('a model that cannot be loaded is named, and why stays on this side', async () => {
  const pipeline = async (): Promise<never> => {
    throw new Error('/home/me/models/mine/config.json is missing');
  };
  const work = loadEmbedder({ model: 'mine' }, { pipeline });
  await expect(work).rejects.toMatchObject({
    code: 'EMBEDDER_FAILED',
    message: 'The embedder mine/main/default/mean failed: the model cannot be loaded.',
  });
});

test.each([
  ['fails', 'the model failed', () => Promise.reject(new Error('out of memory'))],
  ['answers too little', '1 texts gave 1 numbers, not 64 each', async () => ({ dims: [1, 1], data: [1] })],
  [
    'answers NaN',
    'a vector has a number that is none',
    async () => ({ dims: [1, 64], data: new Float32Array(64).fill(Number.NaN) }),
  ],
] as const)('a model that %s is an error, and the next batch runs', async (_what, reason, answer) => {
  let answered = false;
  const good = await loadEmbedder(options, standIn());
  const run = async (texts: string[]): ReturnType<Run> => {
    if (!answered) {
      answered = true;
      return answer();
    }
    const vectors = await good.embed(texts, 'query');
    return { dims: [texts.length, 64], data: vectors.flatMap((vector) => [...vector]) };
  };
  await using embedder = await loadEmbedder(options, standIn(run));
  await expect(embedder.embed(['a'], 'query')).rejects.toMatchObject({ code: 'EMBEDDER_FAILED', facts: { reason } });
  expect(await embedder.embed(['a'], 'query')).toHaveLength(1);
});

test('batches run one after the other; an abort gives up what runs and skips what waits; close waits for what runs', async () => {
  const gate = Promise.withResolvers<void>();
  let running = 0;
  const run = async (texts: string[]): ReturnType<Run> => {
    expect(++running).toBe(1);
    await gate.promise;
    running--;
    return { dims: [texts.length, 64], data: new Float32Array(64 * texts.length).fill(1) };
  };
  const library = standIn(run);
  const embedder = await loadEmbedder(options, library);
  const abort = new AbortController();
  const first = embedder.embed(['first'], 'query', { signal: abort.signal });
  const second = embedder.embed(['second'], 'query', { signal: abort.signal });
  const third = embedder.embed(['third'], 'query');
  await vi.waitFor(() => expect(running).toBe(1));
  abort.abort();
  await expect(first).rejects.toMatchObject({ code: 'CANCELLED' });
  await expect(second).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(running).toBe(1);
  gate.resolve();
  expect(await third).toHaveLength(1);
  expect(library.asked.slice(1)).toEqual([['first'], ['third']]);
  const last = embedder.embed(['last'], 'query');
  await vi.waitFor(() => expect(library.asked).toHaveLength(4));
  await embedder.close();
  expect(await last).toHaveLength(1);
});
