import { RawObject } from '@toolyard/protocol';
import { describe, expect, it } from 'vitest';
import { countWords, FakeView, rig, shown } from '../testing/shown.ts';

const read = shown('read', {
  description: 'Reads a file from disk. At length.\nMore.',
  inputSchema: {
    type: 'object',
    properties: { lines: { type: 'integer' }, path: { type: 'string' } },
    required: ['path'],
  },
});
const write = shown('write', { title: 'Write a file' });
const send = shown('send', { description: 'Sends mail.' }, 'mail');

describe('find_tools', () => {
  it('answers with names, arguments and one line each, as text and for programs', async () => {
    const { tool, finder } = rig(new FakeView(read, write, send));
    finder.finds = ['files__read', 'files__write'];
    expect(await tool('find_tools', { query: 'open a file' })).toEqual({
      resultType: 'complete',
      content: [
        { type: 'text', text: 'read(path: string, lines?: integer): Reads a file from disk.\nwrite(): Write a file' },
      ],
      structuredContent: {
        tools: [
          {
            name: 'read',
            server: 'files',
            description: 'Reads a file from disk.',
            arguments: 'path: string, lines?: integer',
            score: 1,
          },
          { name: 'write', server: 'files', description: 'Write a file', arguments: '', score: 0.5 },
        ],
      },
    });
    expect(finder.asked[0]).toMatchObject({ query: 'open a file', limit: 8 });
  });

  it('finds only what the view shows, under the names that the view has for it', async () => {
    const { tool, finder } = rig(new FakeView({ ...read, name: 'open' }));
    finder.finds = ['mail__send', 'files__read'];
    expect(await tool('find_tools', { query: 'x' })).toMatchObject({
      structuredContent: { tools: [{ name: 'open' }] },
    });
    expect(finder.asked[0]?.allows('mail__send')).toBe(false);
  });

  it('passes limit, servers, tags and the signal on', async () => {
    const { tool, finder } = rig(new FakeView(read));
    const { signal } = new AbortController();
    await tool(
      'find_tools',
      { query: 'x', limit: 50, servers: ['files'], tags: ['work'], tokenBudget: null },
      {},
      { signal },
    );
    expect(finder.asked[0]).toMatchObject({ limit: 50, servers: ['files'], tags: ['work'] });
    expect(finder.asked[0]?.signal).toBe(signal);
  });

  it('keeps to a token budget, whichever form of the result a client shows', async () => {
    const { tool, finder } = rig(new FakeView(read, write, send));
    finder.finds = ['files__read', 'files__write', 'mail__send'];
    const within = async (tokenBudget: number) => {
      const { content, structuredContent } = await tool('find_tools', { query: 'x', tokenBudget });
      const { tools } = structuredContent as { tools: readonly unknown[] };
      for (const form of [content[0]?.text ?? '', ...(tools.length > 0 ? [JSON.stringify(tools)] : [])])
        if (tools.length > 0) expect(await countWords(form)).toBeLessThanOrEqual(tokenBudget);
      return tools.length;
    };
    expect(await within(1)).toBe(0);
    expect(await within(20)).toBe(1);
    expect(await within(1_000)).toBe(3);
    expect((await tool('find_tools', { query: 'x', tokenBudget: 1 })).content[0]?.text).toBe(
      'What was found does not fit the tokenBudget.',
    );
  });

  it('says so when nothing was found', async () => {
    const { tool } = rig(new FakeView(read));
    expect(await tool('find_tools', { query: 'x' })).toMatchObject({
      content: [{ text: 'Nothing was found. Say it in other words.' }],
      structuredContent: { tools: [] },
    });
    const filtered = await tool('find_tools', { query: 'x', servers: ['files'] });
    expect(filtered.content[0]?.text).toBe('Nothing was found within these servers and tags. Say it in other words.');
    const wrong = await tool('find_tools', { query: 'x', servers: ['files', 'file'] });
    expect(wrong.content[0]?.text).toBe('No server "file" has tools here. Near: files.');
  });

  it('names the servers that could not be searched, as far as they were asked for and the budget goes', async () => {
    const unavailable = Array.from({ length: 12 }, (_, at) => ({ server: `s${at}`, state: 'down' }));
    const _meta = { 'io.github.toolyard/unavailable': unavailable };
    const list = { result: RawObject.of({ resultType: 'complete', tools: [], _meta }) };
    const { tool, finder } = rig(new FakeView(read), { answer: () => Promise.resolve(list) });
    finder.finds = ['files__read'];
    const { content, structuredContent } = await tool('find_tools', { query: 'x' });
    expect(content[0]?.text.split('\n')).toEqual([
      expect.stringContaining('read('),
      'Not searched, since they do not answer now: s0, s1, s2, s3, s4, s5, s6, s7, s8, s9 and 2 more.',
    ]);
    expect(structuredContent['unavailable']).toEqual(unavailable.map(({ server }) => server));
    const asked = async (more: object) => (await tool('find_tools', { query: 'x', ...more })).structuredContent;
    expect((await asked({ servers: ['files', 's3'] }))['unavailable']).toEqual(['s3']);
    expect(await asked({ servers: ['files'] })).not.toHaveProperty('unavailable');
    expect(await asked({ tokenBudget: 25 })).toMatchObject({ tools: [{ name: 'read' }] });
    expect(await asked({ tokenBudget: 25 })).not.toHaveProperty('unavailable');
  });

  it.each<[unknown, string]>([
    [{}, '"query" has to be a text that is not empty.'],
    [{ query: ' ' }, '"query" has to be a text that is not empty.'],
    [{ query: 'x', limit: 0 }, '"limit" has to be a whole number from 1 to 50.'],
    [{ query: 'x', limit: '5' }, '"limit" has to be a whole number from 1 to 50.'],
    [{ query: 'x', servers: [] }, '"servers" has to be a list of 1 to 100 texts.'],
    [{ query: 'x', tags: [7] }, '"tags" has to be a list of 1 to 100 texts.'],
    ['query', '"arguments" has to be an object.'],
  ])('tells a model what is wrong with %j', async (args, problem) => {
    const { tool } = rig(new FakeView(read));
    expect(await tool('find_tools', args)).toMatchObject({
      isError: true,
      content: [{ text: problem }],
      structuredContent: { mistakes: [problem] },
    });
  });
});

describe('describe_tools', () => {
  it('gives whole definitions byte for byte, and the nearest names for those that nobody has', async () => {
    const { tool } = rig(new FakeView(read, write));
    const said = await tool('describe_tools', { names: ['read', 'wrte', 'read'] });
    expect(said.content[0]?.text).toBe(`${read.definition.text}\nThere is no tool "wrte". Near: write.`);
    expect(said.structuredContent).toEqual({
      tools: [read.definition.value],
      unknown: [{ name: 'wrte', nearest: ['write'] }],
    });
    expect(said.isError).toBeUndefined();
  });

  it('fails where it knows none of the names', async () => {
    const { tool } = rig(new FakeView(read));
    const long = 'x'.repeat(100_000);
    expect(await tool('describe_tools', { names: [long] })).toMatchObject({
      isError: true,
      content: [{ text: `There is no tool "${'x'.repeat(128)}". Use find_tools.` }],
    });
  });

  it.each([{}, { names: [] }, { names: 'read' }, { names: Array.from({ length: 21 }, String) }])(
    'tells a model what is wrong with %j',
    async (args) => {
      const { tool } = rig(new FakeView(read));
      expect(await tool('describe_tools', args)).toMatchObject({
        isError: true,
        content: [{ text: '"names" has to be a list of 1 to 20 texts.' }],
      });
    },
  );
});
