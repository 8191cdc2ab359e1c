import { describe, expect, it } from 'vitest';
import { type Checked, checkPrompt, checkResource, checkResourceTemplate, checkTool } from './list-items.ts';

const tool = {
  name: 'get_weather',
  title: 'Weather',
  inputSchema: {
    type: 'object',
    properties: { location: { type: 'string', 'x-mcp-header': 'Location' } },
    required: ['location'],
    oneOf: [{}],
  },
  outputSchema: { type: 'array', items: {} },
  annotations: { readOnlyHint: true, ownHint: 'x' },
  unheardOf: { a: 1 },
};

describe('checks of list items', () => {
  it.each<[string, Checked<unknown>, unknown]>([
    ['checkTool', checkTool(tool), tool],
    [
      'checkPrompt',
      checkPrompt({ name: 'p', arguments: [{ name: 'a', x: 1 }], y: 2 }),
      { name: 'p', arguments: [{ name: 'a', x: 1 }], y: 2 },
    ],
    ['checkResource', checkResource({ name: 'r', uri: 'file:///a', z: 1 }), { name: 'r', uri: 'file:///a', z: 1 }],
    [
      'checkResourceTemplate',
      checkResourceTemplate({ name: 't', uriTemplate: 'file:///{a}', z: 1 }),
      { name: 't', uriTemplate: 'file:///{a}', z: 1 },
    ],
  ])('%s keeps members that no schema knows', (_name, checked, expected) => {
    expect(checked).toEqual({ ok: true, value: expected });
  });

  it('give back the very value', () => {
    const checked = checkTool(tool);
    expect(checked.ok && checked.value).toBe(tool);
  });

  it.each<[string, Checked<unknown>, RegExp]>([
    ['a tool without a name', checkTool({ inputSchema: { type: 'object' } }), /^name: /],
    [
      'a tool whose input is no object',
      checkTool({ name: 'a', inputSchema: { type: 'string' } }),
      /^inputSchema\.type: /,
    ],
    ['a tool without an input schema', checkTool({ name: 'a' }), /^inputSchema: /],
    ['a tool that is none', checkTool(null), /^value: /],
    ['a prompt without a name', checkPrompt({}), /^name: /],
    ['a resource without a URI', checkResource({ name: 'r' }), /^uri: /],
    ['a template without a template', checkResourceTemplate({ name: 'r' }), /^uriTemplate: /],
  ])('say what is wrong with %s', (_what, checked, problem) => {
    expect(checked).toEqual({ ok: false, problem: expect.stringMatching(problem) });
  });

  it('bound what a server can make a log say', () => {
    const required = Array.from({ length: 1000 }, () => 7);
    const checked = checkTool({ name: 'a', inputSchema: { type: 'object', required } });
    expect(checked.ok || checked.problem.length).toBe(500);
  });
});
