import { RawObject, ToolyardError } from '@toolyard/protocol';
import { describe, expect, it } from 'vitest';
import { call, caller } from '../../testing/harness.ts';
import { FakeView, rig, shown } from '../testing/shown.ts';

const inputSchema = { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] };
const read = shown('read', { inputSchema });
const write = shown('write');

describe('call_tool', () => {
  it('is a call of the tool, arguments byte for byte, all else of the call as it was', async () => {
    const result = RawObject.of({ resultType: 'task', taskId: 't1' });
    const { service, passed } = rig(new FakeView(read), { answer: () => Promise.resolve({ result }) });
    const odd = RawObject.read(
      Buffer.from(
        '{"name":"call_tool","arguments":{"name":"read","arguments":{ "path" : "\\u0061", "n":1.0 }},"_meta":{"x":1},"requestState":"s","inputResponses":{"a":{}},"task":{}}',
      ),
    );
    const { signal } = new AbortController();
    const notify = async (): Promise<void> => {};
    const made = call('tools/call', odd, { signal, notify, progressToken: 'p', deadlineMs: 7, logLevel: 'info' });
    expect((await service(made)).result).toBe(result);
    expect(passed).toHaveLength(1);
    expect(passed[0]?.params.text).toBe(
      '{"name":"read","arguments":{ "path" : "\\u0061", "n":1.0 },"_meta":{"x":1},"requestState":"s","inputResponses":{"a":{}},"task":{}}',
    );
    const { params: _, ...rest } = made;
    expect(passed[0]).toMatchObject(rest);
    expect(passed[0]?.signal).toBe(signal);
    expect(passed[0]?.notify).toBe(notify);
  });

  it('sends no arguments as none', async () => {
    const { tool, passed } = rig(new FakeView(write));
    await tool('call_tool', { name: 'write' });
    await tool('call_tool', { name: 'write', arguments: null });
    expect(passed.map(({ params }) => params.object('arguments')?.text)).toEqual(['{}', '{}']);
  });

  it('refuses arguments that do not fit, and shows the schema', async () => {
    const { tool, passed } = rig(new FakeView(read));
    const said = await tool('call_tool', { name: 'read', arguments: { path: 7 } });
    const mistake = 'path: Type "number" is invalid. Expected "string".';
    expect(said).toEqual({
      resultType: 'complete',
      isError: true,
      content: [
        {
          type: 'text',
          text: `The arguments do not fit read:\n- ${mistake}\nIts schema: ${JSON.stringify(inputSchema)}`,
        },
      ],
      structuredContent: { mistakes: [mistake], inputSchema },
    });
    expect(passed).toEqual([]);
  });

  it('tells a model of a name that nobody has, with the nearest', async () => {
    const { tool } = rig(new FakeView(read));
    expect(await tool('call_tool', { name: 'raed', arguments: {} })).toMatchObject({
      isError: true,
      content: [{ text: 'There is no tool "raed". Near: read.' }],
      structuredContent: { unknown: [{ name: 'raed', nearest: ['read'] }] },
    });
  });

  it('leaves every other failure what it is', async () => {
    const down = new ToolyardError('UPSTREAM_UNREACHABLE', { upstream: 'files' }, 'down');
    const { tool } = rig(new FakeView(write), { answer: () => Promise.reject(down) });
    await expect(tool('call_tool', { name: 'write' })).rejects.toBe(down);
  });

  it.each<[Record<string, unknown>, string]>([
    [{}, '"name" has to be a text that is not empty.'],
    [
      { name: 'write', arguments: '{"a":1}' },
      '"arguments" has to be an object, not a text (do not put JSON in quotes).',
    ],
    [{ name: 'write', arguments: [1] }, '"arguments" has to be an object, not a list.'],
  ])('tells a model what is wrong with %j', async (args, problem) => {
    const { tool, passed } = rig(new FakeView(write));
    expect(await tool('call_tool', args)).toMatchObject({ isError: true, content: [{ text: problem }] });
    expect(passed).toEqual([]);
  });
});

describe('what is called together', () => {
  it('is told to the finder, pair by pair and apart for each caller', async () => {
    const { tool, finder } = rig(new FakeView(write, shown('list'), shown('sum')));
    const other = { caller: { ...caller, principal: 'eve' } };
    await tool('call_tool', { name: 'list' });
    await tool('write', {}, {}, other);
    await tool('call_tool', { name: 'list' });
    await tool('write');
    await tool('call_tool', { name: 'sum' });
    await tool('call_tool', { name: 'list' }, { requestState: 's' });
    await tool('call_tool', { name: 'missing' });
    expect(finder.usedTogether).toEqual([
      ['files__list', 'files__write'],
      ['files__write', 'files__sum'],
    ]);
  });
});
