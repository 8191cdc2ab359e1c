import { RawObject } from '@toolyard/protocol';
import { describe, expect, it } from 'vitest';

import { FakeSurroundings } from '../testing/fake-surroundings.ts';
import { FakeTransport } from '../testing/fake-transport.ts';
import { list } from './list.ts';

const pages: Record<string, string> = {
  'tools/list {}': '{"tools":[{"name":"a__x","description":"First\\nline"}],"nextCursor":""}',
  'tools/list {"cursor":""}': '{"tools":[{"name":"b__y","n":1.0}]}',
  'resources/list {}': '{"resources":[{"uri":"demo://1","name":"one","title":"One"}]}',
  'resources/templates/list {}': '{"resourceTemplates":[{"uriTemplate":"demo://{id}","name":"any"}]}',
  'prompts/list {}': '{"prompts":[]}',
};

function transport(): FakeTransport {
  return new FakeTransport(({ method, params }) =>
    Promise.resolve({ result: RawObject.read(Buffer.from(pages[`${method} ${params.text}`] ?? '{}')) }),
  );
}

describe('toolyard tools, prompts and resources', () => {
  it('print a table of all pages', async () => {
    const surroundings = new FakeSurroundings();
    expect(await list('tools', { json: false }, surroundings, transport(), '1')).toBe(0);
    expect(surroundings.written).toEqual(['tool  what it does\na__x  First line\nb__y']);
  });

  it('print definitions verbatim with --json', async () => {
    const surroundings = new FakeSurroundings();
    await list('tools', { json: true }, surroundings, transport(), '1');
    expect(surroundings.written).toEqual([
      '{"tools":[{"name":"a__x","description":"First\\nline"},{"name":"b__y","n":1.0}]}',
    ]);
  });

  it('show templates among the resources', async () => {
    const surroundings = new FakeSurroundings();
    await list('resources', { json: false }, surroundings, transport(), '1');
    expect(surroundings.written).toEqual(['resource     name\ndemo://1     One\ndemo://{id}  any']);
  });

  it('say so where there is nothing', async () => {
    const surroundings = new FakeSurroundings();
    await list('prompts', { json: false }, surroundings, transport(), '1');
    expect(surroundings.written).toEqual(['The gateway has no prompts.']);
  });

  it('do not follow a list that never ends', async () => {
    const endless = new FakeTransport(() =>
      Promise.resolve({ result: RawObject.of({ tools: [{ name: 'a' }], nextCursor: 'again' }) }),
    );
    const surroundings = new FakeSurroundings();
    await list('tools', { json: false }, surroundings, endless, '1');
    expect(surroundings.written[0]?.split('\n')).toHaveLength(1_001);
  });
});
