import { describe, expect, it } from 'vitest';
import { RawObject } from '../../../wire/raw-object.ts';
import { ToolHeaders } from './tool-headers.ts';

const annotated = (header: unknown = 'Region') => ({
  type: 'object',
  properties: { region: { type: 'string', 'x-mcp-header': header } },
});
const list = (...tools: unknown[]): RawObject => RawObject.of({ tools });

describe('the headers of tools', () => {
  it('are learnt from a list, which stays the very same', () => {
    const tools = new ToolHeaders(undefined);
    const result = list({ name: 'a', inputSchema: annotated() }, { name: 'b' });
    expect(tools.learn(result)).toBe(result);
    expect(tools.of('a')).toEqual([{ header: 'mcp-param-region', path: ['region'], type: 'string' }]);
    expect(tools.of('b')).toBeUndefined();
  });

  it('are forgotten when the tool no longer has them', () => {
    const tools = new ToolHeaders(undefined);
    tools.learn(list({ name: 'a', inputSchema: annotated() }));
    tools.learn(list({ name: 'a', inputSchema: {} }));
    expect(tools.of('a')).toBeUndefined();
  });

  it('that are wrong take the tool off the list, with a line for the log', () => {
    const lines: string[] = [];
    const tools = new ToolHeaders((line) => lines.push(line));
    expect(tools.learn(list({ name: 'a', inputSchema: annotated('no token') }, { name: 'b', big: 1 })).text).toBe(
      '{"tools":[{"name":"b","big":1}]}',
    );
    expect(tools.of('a')).toBeUndefined();
    expect(lines).toHaveLength(1);
  });

  it('are bounded: what was learnt first goes first', () => {
    const tools = new ToolHeaders(undefined, 2);
    tools.learn(list(...['a', 'b', 'c'].map((name) => ({ name, inputSchema: annotated() }))));
    expect(tools.size).toBe(2);
    expect(tools.of('a')).toBeUndefined();
  });

  it('in what is no tool at all do no harm', () => {
    const tools = new ToolHeaders(undefined);
    const odd = RawObject.of({ tools: ['x-mcp-header', 1, { name: 7, 'x-mcp-header': 1 }] });
    expect(tools.learn(odd)).toBe(odd);
    expect(tools.learn(RawObject.of({ tools: 'x-mcp-header' })).text).toBe('{"tools":"x-mcp-header"}');
  });
});
