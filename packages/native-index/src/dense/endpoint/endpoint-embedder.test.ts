import { inspect } from 'node:util';
import { embedderContract } from '@toolyard/contract-tests';
import { type Embedder, ToolyardError } from '@toolyard/protocol';
import { describe, expect, test } from 'vitest';
import { endpointEmbedder } from './endpoint-embedder.ts';
import type { EndpointEmbedderOptions } from './endpoint-options.ts';
import { dimension, embeddingsServer, type EmbeddingsServer } from './testing/embeddings-server.ts';

const apiKey = 'sk-test-0123456789abcdef';

embedderContract('endpointEmbedder()', async () => {
  const server = await embeddingsServer();
  const opened: Embedder[] = [];
  return {
    async open() {
      const embedder = endpointEmbedder({ url: server.url, model: 'words', dimension });
      opened.push(embedder);
      return embedder;
    },
    async [Symbol.asyncDispose]() {
      for (const embedder of opened) await embedder.close();
      await server[Symbol.asyncDispose]();
    },
  };
});

const embedderOf = (server: EmbeddingsServer, options: Partial<EndpointEmbedderOptions> = {}): Embedder =>
  endpointEmbedder({ url: server.url, model: 'words', dimension, apiKey, firstDelayMs: 1, ...options });

async function failure(work: Promise<unknown>): Promise<ToolyardError<'EMBEDDER_FAILED'>> {
  const error = await work.then(
    () => 'no error',
    (thrown: unknown) => thrown,
  );
  if (!ToolyardError.is(error, 'EMBEDDER_FAILED')) throw new Error(`not what was expected: ${inspect(error)}`);
  return error;
}

test('a request is what OpenAI describes', async () => {
  await using server = await embeddingsServer();
  await using embedder = embedderOf(server, { requestDimension: true, headers: { 'x-team': 'tools' } });
  await embedder.embed(['read a file', 'send mail'], 'document');
  expect(server.asked).toHaveLength(1);
  expect(server.asked[0]).toMatchObject({
    path: '/v1/embeddings',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json', 'x-team': 'tools' },
  });
  expect(server.asked[0]?.body).toEqual({
    model: 'words',
    input: ['read a file', 'send mail'],
    encoding_format: 'float',
    dimensions: dimension,
  });
});

test.each(['', '/', '/embeddings'])('a URL that ends in "/v1%s" is asked at the same place', async (end) => {
  await using server = await embeddingsServer();
  await using embedder = endpointEmbedder({ url: `${server.url}${end}?version=1`, model: 'words', dimension });
  await embedder.embed(['read a file'], 'query');
  expect(server.asked.map(({ path }) => path)).toEqual(['/v1/embeddings?version=1']);
});

test('prefixes go in front, texts are cut, blank ones are not sent, and the same text is sent once', async () => {
  await using server = await embeddingsServer();
  const prefixes = { query: 'query: ', document: 'passage: ' };
  await using embedder = embedderOf(server, { prefixes, maxTextLength: 6 });
  const [first, blank, again] = await embedder.embed(['files and more', '  ', 'files in there'], 'query');
  await embedder.embed(['files'], 'document');
  expect(server.asked.map(({ body }) => body.input)).toEqual([['query: files '], ['passage: files']]);
  expect(again).toEqual(first);
  expect(blank).toEqual(new Float32Array(dimension));
  await using plain = embedderOf(server);
  expect(plain.id).not.toBe(embedder.id);
});

test('what was answered is remembered, up to a bound', async () => {
  await using server = await embeddingsServer();
  await using embedder = embedderOf(server, { cacheSize: 2 });
  for (const text of ['one', 'two', 'one', 'two', 'three', 'two', 'one']) await embedder.embed([text], 'query');
  expect(server.asked.flatMap(({ body }) => body.input)).toEqual(['one', 'two', 'three', 'one']);
  await using forgetful = embedderOf(server, { cacheSize: 0 });
  for (let n = 0; n < 2; n++) await forgetful.embed(['four'], 'query');
  expect(server.asked.slice(4)).toHaveLength(2);
});

describe('another attempt is made', () => {
  test.each([408, 429, 500, 502, 503, 504])('after status %i', async (status) => {
    await using server = await embeddingsServer();
    await using embedder = embedderOf(server);
    server.next((response) => response.writeHead(status, { 'retry-after': '0' }).end());
    server.next((response) => response.writeHead(status).end());
    expect(await embedder.embed(['read'], 'query')).toHaveLength(1);
    expect(server.asked).toHaveLength(3);
  });

  test('after a lost connection, and after silence', async () => {
    await using server = await embeddingsServer();
    await using embedder = embedderOf(server, { timeoutMs: 250 });
    server.next((response) => response.destroy());
    server.next((response) => response.writeHead(200).write('{"data":['));
    expect(await embedder.embed(['read'], 'query')).toHaveLength(1);
    expect(server.asked).toHaveLength(3);
  });

  test('as often as allowed and no more', async () => {
    await using server = await embeddingsServer();
    await using embedder = embedderOf(server, { maxAttempts: 3 });
    for (let n = 0; n < 4; n++) server.next((response) => response.writeHead(503).end());
    const { facts } = await failure(embedder.embed(['read'], 'query'));
    expect(facts.reason).toBe('the endpoint answered with status 503, after 3 attempts');
    expect(server.asked).toHaveLength(3);
  });

  test('not where Retry-After asks for more patience than there is, in seconds or by date', async () => {
    await using server = await embeddingsServer();
    await using embedder = embedderOf(server, { maxDelayMs: 1_000 });
    for (const wait of ['3600', new Date(Date.now() + 3_600_000).toUTCString()]) {
      server.next((response) => response.writeHead(429, { 'retry-after': wait }).end());
      await failure(embedder.embed(['read'], 'query'));
    }
    expect(server.asked).toHaveLength(2);
  });

  test.each([400, 401, 403, 404])('not after status %i, and the key is in no error', async (status) => {
    await using server = await embeddingsServer();
    await using embedder = embedderOf(server, { headers: { 'x-key': 'secret-in-a-header' } });
    server.next((response) => response.writeHead(status).end(`wrong key ${apiKey} or secret-in-a-header`));
    const error = await failure(embedder.embed(['read'], 'query'));
    expect(error.facts.reason).toBe(`the endpoint answered with status ${status}`);
    const all = inspect(error, { depth: Infinity });
    expect(all).toContain('wrong key … or …');
    expect(all).not.toContain(apiKey);
    expect(server.asked).toHaveLength(1);
  });

  test('not at another address', async () => {
    await using server = await embeddingsServer();
    await using other = await embeddingsServer();
    await using embedder = embedderOf(server, { maxAttempts: 1 });
    server.next((response) => response.writeHead(307, { location: `${other.url}/embeddings` }).end());
    await failure(embedder.embed(['read'], 'query'));
    expect(other.asked).toHaveLength(0);
  });
});

const numbers = Array.from({ length: dimension }, () => 1);
const list = (...data: unknown[]): string => JSON.stringify({ data });

test.each([
  ['not JSON', 'the answer is not JSON', '<html>'],
  ['null', 'the answer has no list of vectors', 'null'],
  ['no data', 'the answer has no list of vectors', '{"error":{}}'],
  ['too few', '2 texts gave 1 vectors', list({ index: 0, embedding: numbers })],
  ['too many', '2 texts gave 3 vectors', list({}, {}, {})],
  [
    'an index twice',
    'the indexes of the vectors are not those of the texts',
    list({ index: 0, embedding: numbers }, { index: 0, embedding: numbers }),
  ],
  [
    'an index beyond',
    'the indexes of the vectors are not those of the texts',
    list({ index: 2, embedding: numbers }, {}),
  ],
  ['null for a vector', 'a vector is no list of numbers', list({ index: 1, embedding: null }, {})],
  ['another length', 'a vector has 3 numbers, not 24', list({ index: 1, embedding: [1, 2, 3] }, {})],
  ['words', 'a vector has a number that is none', list({ index: 1, embedding: numbers.map(String) }, {})],
  [
    'endless numbers',
    'a vector has a number that is none',
    `{"data":[{"embedding":[${numbers.map(() => '1e999')}]},{}]}`,
  ],
])('an answer is refused: %s', async (_what, reason, answer) => {
  await using server = await embeddingsServer();
  await using embedder = embedderOf(server);
  server.next((response) => response.end(answer));
  expect((await failure(embedder.embed(['a', 'b'], 'query'))).facts.reason).toBe(reason);
  expect(server.asked).toHaveLength(1);
});

test('an answer without indexes is in order', async () => {
  await using server = await embeddingsServer();
  await using embedder = embedderOf(server);
  const unit = (at: number): number[] => numbers.map((_, i) => (i === at ? 2 : 0));
  server.next((response) => response.end(list({ embedding: unit(0) }, { embedding: unit(1) })));
  const [a, b] = await embedder.embed(['a', 'b'], 'query');
  expect([a?.[0], b?.[1]]).toEqual([1, 1]);
});

test('an answer that does not end is given up', async () => {
  await using server = await embeddingsServer();
  await using embedder = embedderOf(server);
  server.next((response) => {
    const more = (): void => {
      while (!response.destroyed && response.write('x'.repeat(65_536)));
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  });
  expect((await failure(embedder.embed(['a'], 'query'))).facts.reason).toMatch(/^the answer is larger than \d+ bytes$/);
});

test.each(['abort', 'close'] as const)('%s ends the request that waits for its answer', async (how) => {
  await using server = await embeddingsServer();
  await using embedder = embedderOf(server);
  const abort = new AbortController();
  const gone = Promise.withResolvers<void>();
  server.next((response) => {
    response.once('close', () => gone.resolve());
    if (how === 'abort') abort.abort();
    else void embedder.close();
  });
  const work = embedder.embed(['a'], 'query', { signal: abort.signal });
  await expect(work).rejects.toMatchObject({ code: how === 'abort' ? 'CANCELLED' : 'CLOSED' });
  await gone.promise;
});

test('an abort ends the pause between attempts', async () => {
  await using server = await embeddingsServer();
  await using embedder = embedderOf(server, { maxDelayMs: 3_600_000 });
  const abort = new AbortController();
  server.next((response) =>
    response.writeHead(429, { 'retry-after': '3000' }).end(() => setImmediate(() => abort.abort())),
  );
  const work = embedder.embed(['a'], 'query', { signal: abort.signal });
  await expect(work).rejects.toMatchObject({ code: 'CANCELLED' });
});

test.each(['nonsense', 'ftp://example.org', 'http://user:pass@127.0.0.1/v1'])('the URL %s is refused', (url) => {
  expect(() => endpointEmbedder({ url, model: 'words', dimension })).toThrow(
    expect.objectContaining({ code: 'EMBEDDER_FAILED' }),
  );
});

test('a key that cannot be sent is refused, and not shown', () => {
  try {
    endpointEmbedder({ url: 'http://127.0.0.1/v1', model: 'words', dimension, apiKey: `${apiKey}\nsecond line` });
    expect.unreachable();
  } catch (error) {
    expect(error).toMatchObject({ code: 'EMBEDDER_FAILED' });
    expect(inspect(error, { depth: Infinity })).not.toContain(apiKey);
  }
});
