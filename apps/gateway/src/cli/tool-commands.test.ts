import { Command } from 'commander';
import { expect, it } from 'vitest';

import { addToolCommands } from './tool-commands.ts';

/** What a command line asks for. */
async function asked(...args: readonly string[]): Promise<unknown> {
  const calls: unknown[] = [];
  const note =
    (command: string) =>
    (...given: readonly unknown[]): Promise<0> => {
      calls.push({ command, options: given.at(-1) });
      return Promise.resolve(0);
    };
  const program = new Command('toolyard').exitOverride().configureOutput({ writeErr: () => undefined });
  const commands = {
    list: note('list'),
    toolsSearch: note('search'),
    toolsCost: note('cost'),
    eval: note('eval'),
  };
  addToolCommands(program, commands, () => undefined);
  await program.parseAsync(['node', 'toolyard', ...args]);
  expect(calls).toHaveLength(1);
  return calls[0];
}

it('tells listing, counting and searching apart', async () => {
  expect(await asked('tools', '--profile', 'few')).toMatchObject({ command: 'list', options: { profile: 'few' } });
  expect(await asked('tools', '--cost', '--json')).toMatchObject({ command: 'cost', options: { json: true } });
  expect(await asked('tools', 'search', 'read a file')).toMatchObject({
    command: 'search',
    options: { query: 'read a file', limit: 10, explain: false, json: false },
  });
});

it('takes what goes for all of "tools" before and after "search"', async () => {
  const options = { query: 'x', url: 'http://a/mcp', profile: 'few', json: true };
  const before = ['tools', '--url', 'http://a/mcp', '--profile', 'few', '--json', 'search', 'x'];
  const after = ['tools', 'search', 'x', '--url', 'http://a/mcp', '--profile', 'few', '--json'];
  expect(await asked(...before)).toMatchObject({ command: 'search', options });
  expect(await asked(...after)).toMatchObject({ command: 'search', options });
});

it('evaluates with what ships, the inferred graph and nothing more unless it is told otherwise', async () => {
  expect(await asked('eval', '--data', 'sets')).toEqual({
    command: 'eval',
    options: { data: 'sets', embedder: 'static', graph: 'inferred', parts: false, json: false },
  });
});

it.each([
  [['tools', 'search'], "missing required argument 'query'"],
  [['tools', 'search', ' '], 'it is empty'],
  [['tools', 'search', 'x', '--limit', '0'], 'it is a whole number from 1 to 1000'],
  [['tools', 'search', 'read', 'a', 'file'], 'too many arguments'],
  [['eval', '--graph', 'drawn'], 'Allowed choices are declared, inferred, none'],
  [['eval', '--embedder-dimension', '1.5'], 'it is a whole number from 1 to 65536'],
])('refuses %s', async (args, message) => {
  await expect(asked(...args)).rejects.toThrow(message);
});
