import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';

import { describe, expect, it, onTestFinished } from 'vitest';

import { run } from '../../cli/run.ts';
import { FakeSurroundings } from '../../testing/fake-surroundings.ts';
import { asLines, madeQueries, madeTools, writeSet } from '../../testing/labelled-set.ts';

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'toolyard-eval-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

/** A folder with the sets `one` and `two`. */
async function twoSets(): Promise<string> {
  const folder = await emptyFolder();
  await writeSet(join(folder, 'one'));
  await writeSet(join(folder, 'two'), [{ id: 'q9', query: 'play a song', relevant: ['music.play', 'music.stop'] }]);
  await writeFile(join(folder, 'README.md'), 'Two sets.');
  return folder;
}

async function evaluate(cwd: string, ...args: readonly string[]): Promise<Outcome> {
  const surroundings = new FakeSurroundings({ TOOLYARD_EMBEDDER_KEY: 'key' }, cwd);
  const code = await run(['node', 'toolyard', 'eval', ...args], surroundings);
  expect(surroundings.listeners).toBe(0);
  return { code, out: surroundings.written.join('\n'), err: surroundings.complained.join('\n') };
}

interface Ranking {
  readonly set?: string;
  readonly id: string;
  readonly ranked: readonly string[];
  readonly ms: number;
}

async function rankingsIn(file: string): Promise<readonly Ranking[]> {
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
  return lines.map((line): Ranking => JSON.parse(line));
}

/** What is ranked for one request to the made set. */
async function rankedFor(
  query: object,
  tools: readonly object[],
  ...args: readonly string[]
): Promise<readonly string[]> {
  const folder = await emptyFolder();
  await writeFile(join(folder, 't'), asLines(tools));
  await writeFile(join(folder, 'q'), asLines([query]));
  const outcome = await evaluate(folder, '--tools', 't', '--queries', 'q', '--rankings', 'r', ...args);
  expect(outcome).toMatchObject({ code: 0, err: '' });
  const [ranking] = await rankingsIn(join(folder, 'r'));
  return ranking?.ranked ?? [];
}

describe('toolyard eval', () => {
  it('prints a row for each set of a folder, and their means', async () => {
    const { code, out, err } = await evaluate(await twoSets(), '--data', '.');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const [head = '', one = '', two = '', mean = '', ...rest] = out.split('\n');
    expect(head).toMatch(
      /^set +tools +queries +hit@1 +recall@1 +recall@5 +recall@10 +NDCG@10 +mAP@10 +complete@10 +tokens all → selected +p50 ms +p99 ms$/,
    );
    expect(one).toMatch(/^one +12 +3 +(1\.0000 +){7}\d+ → \d+ +\d+\.\d\d +\d+\.\d\d$/);
    expect(two).toMatch(/^two +12 +1 +1\.0000 +0\.5000 +1\.0000 /);
    expect(mean).toMatch(/^mean +1\.0000 +0\.7500 +1\.0000 /);
    expect(rest).toEqual(['', expect.stringContaining('Tokens (o200k)')]);
  });

  it('takes a set by its folder or by its files, and measures the same', async () => {
    const folder = await twoSets();
    const files = ['--tools', 'one/tools.jsonl', '--queries', 'one/queries.jsonl'];
    const rows = [await evaluate(folder, '--data', 'one', '--json'), await evaluate(folder, ...files, '--json')].map(
      ({ out }): { rows: unknown } => JSON.parse(out),
    );
    for (const read of rows)
      expect(read).toMatchObject({
        selected: 10,
        rows: [{ set: 'one', part: 'with graph', tools: 12, queries: 3, scored: 3, metrics: { 'NDCG@10': 1 } }],
      });
  });

  it('writes the rankings of all sets into one file, with the set on each line where there are several', async () => {
    const folder = await twoSets();
    await evaluate(folder, '--data', '.', '--rankings', 'new/rankings.jsonl');
    const several = await rankingsIn(join(folder, 'new/rankings.jsonl'));
    expect(several.map(({ set, id }) => [set, id])).toEqual([
      ['one', 'q1'],
      ['one', 'q2'],
      ['one', 'q3'],
      ['two', 'q9'],
    ]);
    await evaluate(folder, '--data', 'one', '--rankings', 'new/rankings.jsonl');
    const [first, ...others] = await rankingsIn(join(folder, 'new/rankings.jsonl'));
    expect(Object.keys(first ?? {})).toEqual(['id', 'ranked', 'ms']);
    expect(first?.ranked[0]).toBe('mail.send');
    expect(first?.ms).toBeGreaterThan(0);
    expect(others).toHaveLength(2);
  });

  it('ranks ten tools for every request, all where there are fewer, and the same whatever the labels say', async () => {
    const query = { id: '1', query: 'send an email' };
    const ranked = await rankedFor(query, madeTools);
    expect(ranked[0]).toBe('mail.send');
    expect(new Set(ranked).size).toBe(10);
    expect(await rankedFor({ ...query, relevant: ['zoo.feed'], main: 'zoo.feed' }, madeTools)).toEqual(ranked);
    // Words alone find nothing here: then ids decide.
    const ids = madeTools.map(({ id }) => id).toSorted();
    expect(await rankedFor({ id: '1', query: 'xyzzy' }, madeTools, '--embedder', 'none')).toEqual(ids.slice(0, 10));
    expect(await rankedFor(query, madeTools.slice(0, 3))).toHaveLength(3);
  });

  it('reads dependsOn only where the graph is to be the declared one', async () => {
    const query = { id: '1', query: 'pay the invoice by credit card' };
    const bare = madeTools.map(({ dependsOn: _, ...tool }) => tool);
    const inferred = await rankedFor(query, madeTools);
    expect(inferred).toEqual(await rankedFor(query, bare));
    expect(inferred.slice(0, 2)).not.toContain('zoo.feed');
    expect((await rankedFor(query, madeTools, '--graph', 'declared')).slice(0, 2)).toEqual(['shop.pay', 'zoo.feed']);
    expect(await rankedFor(query, madeTools, '--graph', 'none')).toEqual(
      await rankedFor(query, bare, '--graph', 'none'),
    );
  });

  it('ranks queries without labels and does not score them, and says which labels no tool has', async () => {
    const folder = await emptyFolder();
    await writeSet(join(folder, 'plain'), [{ id: '1', query: 'play a song' }]);
    await writeSet(join(folder, 'wrong'), [
      { id: '1', query: 'play a song', relevant: ['music.play'] },
      { id: '2', query: 'stop', relevant: ['gone'] },
      { id: '3', query: 'stop' },
    ]);
    const { code, out, err } = await evaluate(folder, '--data', '.');
    expect(code).toBe(0);
    expect(out).toMatch(/\nplain +12 +1 \(0 scored\) +(- +){7}/);
    expect(out).toMatch(/\nwrong +12 +3 \(2 scored\) +0\.5000 /);
    expect(err).toBe(
      'wrong: A label names a tool that the set does not have, such as "gone": they count as not found.',
    );
  });

  it('measures each part of the ranking by itself', async () => {
    const folder = await twoSets();
    const parts = async (...args: string[]): Promise<readonly string[]> => {
      const { out } = await evaluate(folder, '--data', 'one', '--parts', '--json', ...args);
      const { rows }: { rows: readonly { readonly part: string }[] } = JSON.parse(out);
      return rows.map(({ part }) => part);
    };
    expect(await parts()).toEqual(['words', 'meaning', 'words and meaning', 'with graph']);
    expect(await parts('--graph', 'none')).toEqual(['words', 'meaning', 'words and meaning']);
    expect(await parts('--embedder', 'none')).toEqual(['words', 'with graph']);
    const { out } = await evaluate(folder, '--data', '.', '--parts');
    expect(out).toMatch(/^set +ranked by +tools/);
    expect(out).toMatch(/\nmean +words and meaning +1\.0000/);
  });

  it('asks an endpoint for vectors, and says for how many queries it had none', async () => {
    const [keys, paths] = [new Set<string | undefined>(), new Set<string | undefined>()];
    const server = createServer((request, response) => {
      void json(request).then((body) => {
        const { input } = body as { readonly input: readonly string[] };
        keys.add(request.headers.authorization);
        paths.add(request.url);
        const data = input.map((text, index) => ({ index, embedding: [text.length, 1, 2] }));
        response.writeHead(input.includes('delete the file') ? 400 : 200, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ data }));
      });
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/v1/embeddings`;
    const folder = await twoSets();
    const model = ['--embedder', `endpoint:${url}`, '--embedder-model', 'm', '--embedder-dimension', '3'];
    const { code, err } = await evaluate(folder, '--data', 'one', ...model);
    expect({ code, err }).toEqual({
      code: 0,
      err: 'one: The embedder failed for 1 query, which was ranked by words alone.',
    });
    expect([keys, paths]).toEqual([new Set(['Bearer key']), new Set(['/v1/embeddings'])]);
  });

  it('fails where a set scores less than its floor, with the report all the same', async () => {
    const folder = await twoSets();
    const against = async (floors: object): Promise<Outcome> => {
      await writeFile(join(folder, 'floors.json'), JSON.stringify(floors));
      return evaluate(folder, '--data', '.', '--floor', 'floors.json');
    };
    expect(await against({ one: { 'hit@1': 1, 'NDCG@10': 0.9 } })).toMatchObject({ code: 0, err: '' });
    const failed = await against({ two: { 'recall@1': 0.6, 'hit@1': 0.6 }, three: { 'hit@1': 0 } });
    expect(failed).toMatchObject({ code: 1, out: expect.stringMatching(/^set +tools/) as unknown });
    expect(failed.err).toBe(
      'two: recall@1 is 0.5000, below its floor of 0.6.\nthree: it has floors, and is not among the sets.',
    );
  });

  it('ends when it is interrupted, and leaves only whole sets in the file of rankings', async () => {
    const folder = await emptyFolder();
    const queries = Array.from({ length: 50_000 }, (_, at) => ({ id: String(at), query: `play song ${at}` }));
    await writeSet(folder, queries);
    const surroundings = new FakeSurroundings({}, folder);
    const running = run(['node', 'toolyard', 'eval', '--data', '.', '--rankings', 'r'], surroundings);
    await expect.poll(() => surroundings.listeners).toBe(1);
    surroundings.signal('SIGINT');
    expect(await running).toBe(130);
    expect(surroundings.complained).toEqual(['Cancelled.']);
    expect(surroundings.written).toEqual([]);
    expect(await readFile(join(folder, 'r'), 'utf8').catch(() => '')).toBe('');
  });
});

describe('what is wrong with an evaluation is said in a sentence', () => {
  const set = ['--data', 'set'];
  const cases: Record<string, readonly [args: readonly string[], err: string, code?: number]> = {
    'when nothing is given': [[], 'Say what to evaluate: --data <folder>; or --tools <file>'],
    'when there are no queries': [['--tools', 't'], '--tools needs --queries <file> too.'],
    'when there is too much': [[...set, '--tools', 't'], 'Give either --data, or --tools and --queries.'],
    'when the folder is not there': [['--data', 'absent'], 'The folder absent cannot be read (ENOENT).'],
    'when it is a file': [['--data', 'bad'], 'The folder bad cannot be read (ENOTDIR).'],
    'when it has no set': [['--data', 'hollow'], 'There is no labelled set in hollow: neither tools.jsonl'],
    'when a file is not there': [['--tools', 'no', '--queries', 'bad'], 'no: it cannot be read (ENOENT)'],
    'when a line is no JSON': [['--tools', 'bad', '--queries', 'bad'], 'bad:2: it is no JSON, from byte 0 on'],
    'when an id comes twice': [
      ['--tools', 'twice', '--queries', 'bad'],
      'twice:2: the id "a" stands in line 1 already',
    ],
    'when rankings would go over what is read': [
      [...set, '--rankings', 'set/queries.jsonl'],
      '--rankings set/queries.jsonl would overwrite a file of the set.',
    ],
    'when rankings cannot be written': [
      [...set, '--rankings', 'hollow'],
      'The rankings cannot be written to hollow (EISDIR).',
      1,
    ],
    'when floors are no JSON': [[...set, '--floor', 'bad'], 'bad:2: it is no JSON from here on'],
    'when floors are no floors': [[...set, '--floor', 'list'], 'list: it is no JSON object'],
    'when a floor is for no metric': [[...set, '--floor', 'odd'], 'odd: it has to be {"<set>": {"<metric>"'],
    'when there is no such embedder': [[...set, '--embedder', 'x'], '--embedder is static, none, endpoint:<url>'],
    'when an endpoint is half given': [
      [...set, '--embedder', 'endpoint:http://127.0.0.1:9'],
      'An endpoint needs --embedder-model and --embedder-dimension too.',
    ],
    'when the endpoint is away': [
      [...set, '--embedder', 'endpoint:http://127.0.0.1:9', '--embedder-model', 'm', '--embedder-dimension', '3'],
      'failed: the endpoint cannot be reached',
      1,
    ],
    'when the graph is unknown': [[...set, '--graph', 'x'], "error: option '--graph <edges>' argument 'x' is invalid."],
  };

  it.each(Object.entries(cases))('%s', async (_, [args, message, code = 2]) => {
    const folder = await emptyFolder();
    await writeSet(join(folder, 'set'));
    await writeSet(join(folder, 'hollow/deep/set'));
    await writeFile(join(folder, 'bad'), `${asLines(madeQueries.slice(0, 1))}oops\n`);
    await writeFile(join(folder, 'twice'), asLines([{ id: 'a' }, { id: 'a' }]));
    await writeFile(join(folder, 'list'), '[]');
    await writeFile(join(folder, 'odd'), JSON.stringify({ set: { 'hit@2': 0.5 } }));
    const outcome = await evaluate(folder, ...args);
    expect(outcome).toMatchObject({ code, out: '' });
    expect(outcome.err).toContain(message);
    expect(outcome.err).not.toContain('unexpected');
    // Nothing of the set was touched.
    expect(await readFile(join(folder, 'set/queries.jsonl'), 'utf8')).toBe(asLines(madeQueries));
  });
});
