import { readFile, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { createTokenCounter } from '@toolyard/native-index';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type BridgeClient, eras, modernClient } from '../testing/bridge-clients.ts';
import { type BridgeRig, bridgeRig, serverIds } from '../testing/bridge-rig.ts';
import { referenceServer } from '../testing/configurations.ts';
import { startGateway, temporaryFolder, type TemporaryFolder, waitFor } from '../testing/gateway.ts';
import { ask } from '../testing/raw-client.ts';

const manyTools = JSON.stringify(fileURLToPath(new URL('../fixtures/many-tools-server.ts', import.meta.url)));
const sample = JSON.stringify(fileURLToPath(new URL('../../sample', import.meta.url)));

const more = `  files: { command: node, args: [${referenceServer('filesystem')}, ${sample}], tags: [local] }
  everything: { command: node, args: [${referenceServer('everything')}, stdio] }
  many: { command: node, args: [${manyTools}, "600"] }
profiles:
  default: { mode: search }
  reading:
    servers: [files]
    mode: search
    tools: { exclude: ["*write*", "*edit*", "*move*", "*create*"] }
    rename: { files__read_text_file: read }
    pin: [files__list_directory]
  few: { servers: [files], mode: auto }
  lot: { servers: [many], mode: auto }
`;

const metaNames = ['find_tools', 'describe_tools', 'call_tool'];

interface Said {
  readonly isError?: boolean;
  readonly content: readonly { readonly text: string }[];
  readonly structuredContent?: {
    readonly tools?: readonly { readonly name: string }[];
    readonly unknown?: readonly object[];
  };
}

async function use(client: BridgeClient, tool: string, given: Record<string, unknown>): Promise<Said> {
  return (await client.call(tool, given)) as Said;
}

async function find(
  client: BridgeClient,
  query: string,
  options: Record<string, unknown> = {},
): Promise<readonly string[]> {
  const { structuredContent } = await use(client, 'find_tools', { query, ...options });
  return structuredContent?.tools?.map(({ name }) => name) ?? [];
}

const listed = async (client: BridgeClient): Promise<readonly string[]> =>
  (await client.tools()).map(({ name }) => name);

let rig: BridgeRig;
beforeAll(async () => {
  rig = await bridgeRig([], more);
});
afterAll(() => rig[Symbol.asyncDispose]());

const wires = ['http', 'stdio'] as const;

describe.each(eras.flatMap((client) => wires.map((wire) => ({ ...client, wire }))))(
  'a client of $era over $wire',
  ({ open, wire }) => {
    let client: BridgeClient;
    beforeAll(async () => {
      client = await open(rig.places[wire]);
    });
    afterAll(() => client[Symbol.asyncDispose]());

    it('finds, describes and calls tools of real servers', async () => {
      expect(await listed(client)).toEqual(metaNames);
      const [first] = await find(client, 'read a text file');
      expect(['files__read_text_file', 'files__read_file']).toContain(first);
      const { content } = await use(client, 'describe_tools', { names: ['files__read_text_file'] });
      expect(JSON.parse(content[0]?.text ?? '')).toMatchObject({ name: 'files__read_text_file', inputSchema: {} });
      const path = 'recipes/pancakes.md';
      expect(await use(client, 'call_tool', { name: 'files__read_text_file', arguments: { path } })).toMatchObject({
        content: [{ text: expect.stringContaining('Pancakes') as unknown }],
      });
      expect(await use(client, 'call_tool', { name: 'everything__echo', arguments: { message: 'hi' } })).toMatchObject({
        content: [{ text: 'Echo: hi' }],
      });
      // By its own name, too.
      expect(await use(client, 'everything__echo', { message: 'hi' })).toMatchObject({
        content: [{ text: 'Echo: hi' }],
      });
    });

    it('is told what is wrong with a call, and what would be right', async () => {
      const { isError, content } = await use(client, 'call_tool', {
        name: 'everything__echo',
        arguments: { text: 'hi' },
      });
      expect(isError).toBe(true);
      expect(content[0]?.text).toContain('It does not have required property "message".');
      expect(content[0]?.text).toContain('Its schema: {');
      expect(await use(client, 'call_tool', { name: 'everything__ecko' })).toMatchObject({
        isError: true,
        content: [{ text: expect.stringContaining('Near: everything__echo') as unknown }],
      });
    });

    it('answers questions in the middle of tools of all kinds of servers', async () => {
      for (const server of serverIds) {
        const given = { kind: 'elicit', label: server, times: 2 };
        expect(await use(client, 'call_tool', { name: `${server}__ask`, arguments: given })).toMatchObject({
          content: [{ text: `ada: ${server} 1 | ada: ${server} 2` }],
        });
      }
      expect(client.asked).toEqual(serverIds.flatMap((server) => [`${server} 1`, `${server} 2`]));
    });
  },
);

describe.each(eras)('for a client of $era', ({ era, open }) => {
  it('progress and cancellation go through call_tool', async () => {
    await using client = await open(rig.places.http);
    const heard: number[] = [];
    const steps = { name: 'old-pipe__steps', arguments: {} };
    await client.call('call_tool', steps, { onprogress: ({ progress }) => void heard.push(progress) });
    expect(heard.at(-1)).toBe(3);
    const controller = new AbortController();
    const label = `search-${era}`;
    const given = { name: 'new-pipe__hold', arguments: { label } };
    const call = client.call('call_tool', given, { signal: controller.signal });
    await rig.noted('new-pipe', `waiting ${label}`);
    controller.abort();
    await expect(call).rejects.toThrow(/abort/i);
    await rig.noted('new-pipe', `cancelled ${label}`);
  });
});

it('a client of 2024-11-05 finds and calls', async () => {
  const client = new Client({ name: 'e2e', version: '1.0.0' });
  await client.connect(new SSEClientTransport(new URL('/sse', rig.endpoint)));
  expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(metaNames);
  const { content } = await client.callTool({ name: 'find_tools', arguments: { query: 'read a text file', limit: 3 } });
  expect(content).toMatchObject([
    { text: expect.stringMatching(/^files__read_(text_)?file\(path: string/m) as unknown },
  ]);
  const echo = { name: 'everything__echo', arguments: { message: 'hi' } };
  expect((await client.callTool({ name: 'call_tool', arguments: echo })).content).toMatchObject([{ text: 'Echo: hi' }]);
  await client.close();
});

describe('a profile', () => {
  const at = (profile: string) => ({ url: `${rig.endpoint}/${profile}` });

  it('never has a tool found, described or called that it hides, and has the others by its names', async () => {
    await using client = await modernClient(at('reading'));
    expect(await listed(client)).toEqual([...metaNames, 'files__list_directory']);
    const found = await find(client, 'write a file to disk, edit, move or create it', { limit: 50 });
    expect(found).toContain('read');
    expect(found.filter((name) => /write|edit|move|create|everything|many/.test(name))).toEqual([]);
    for (const name of ['files__write_file', 'everything__echo', 'files__read_text_file']) {
      expect(await use(client, 'describe_tools', { names: [name] })).toMatchObject({ isError: true });
      const called = await use(client, 'call_tool', { name, arguments: { path: 'x', content: 'x', message: 'x' } });
      expect(called).toMatchObject({ isError: true, structuredContent: { unknown: [{ name }] } });
    }
    const given = { name: 'read', arguments: { path: 'recipes/pancakes.md' } };
    expect((await use(client, 'call_tool', given)).content[0]?.text).toContain('Pancakes');
  });

  it('lists a few tools directly in auto, and has many searched for', async () => {
    await using few = await modernClient(at('few'));
    expect(await listed(few)).toContain('files__read_text_file');
    await using lot = await modernClient(at('lot'));
    expect(await listed(lot)).toEqual(metaNames);
    expect(await find(lot, 'search tickets of the support desk', { servers: ['files'] })).toEqual([]);
  });
});

describe('a server that changes', () => {
  /** Within which a client is to see what changed. */
  const soonMs = 1_000;

  it('has its new tools found within a second, and those that it took away not any more', async () => {
    await using client = await modernClient(rig.places.http);
    const query = 'peel a pineapple';
    const name = 'many__peel_pineapple';
    const peel = { name: 'peel_pineapple', description: 'Peels a pineapple.' };
    expect(await find(client, query)).not.toContain(name);
    await use(client, 'call_tool', { name: 'many__grow', arguments: peel });
    await waitFor('the new tool', async () => ((await find(client, query))[0] === name ? true : undefined), soonMs);
    expect((await use(client, 'call_tool', { name })).content[0]?.text).toBe('peel_pineapple was called');
    await use(client, 'call_tool', { name: 'many__shrink', arguments: peel });
    await waitFor('its end', async () => ((await find(client, query)).includes(name) ? undefined : true), soonMs);
    expect(await use(client, 'call_tool', { name })).toMatchObject({ isError: true });
  });
});

it('costs a hundredth of 600 tools: 98 % of the tokens are saved, one search and its result included', async () => {
  const { count } = createTokenCounter();
  const direct = { _meta: { 'io.github.toolyard/mode': 'direct' } };
  const full = await ask(`${rig.endpoint}/lot`, 'tools/list', direct);
  const { tools = [] } = full.message.result ?? {};
  expect(tools.length).toBeGreaterThan(500);
  const shown = await ask(`${rig.endpoint}/lot`, 'tools/list');
  const found = await ask(`${rig.endpoint}/lot`, 'tools/call', {
    name: 'find_tools',
    arguments: { query: 'archive a customer in the billing system' },
  });
  const { content, structuredContent } = found.message.result as Said;
  expect(structuredContent?.tools).toHaveLength(8);
  const whole = await count(JSON.stringify(tools));
  const meta = await count(JSON.stringify(shown.message.result?.tools));
  for (const form of [content[0]?.text ?? '', JSON.stringify(structuredContent)]) {
    const spent = meta + (await count(form));
    expect(spent / whole, `${spent} of ${whole}`).toBeLessThan(0.02);
  }
});

describe('after a restart', () => {
  let folder: TemporaryFolder;
  beforeAll(async () => {
    folder = await temporaryFolder();
  });
  afterAll(() => folder[Symbol.asyncDispose]());

  it('the index goes on where it was, and one that is damaged is made anew', async () => {
    const config = await folder.write('toolyard.yaml', `servers:\n${more}`);
    const file = `${folder.path}/search-index`;
    const run = async (): Promise<{ readonly stderr: string; readonly changed: number }> => {
      await using gateway = await startGateway(config, folder.path);
      await using client = await modernClient({ url: gateway.endpoint });
      expect((await find(client, 'read a text file'))[0]).toMatch(/^files__read/);
      await client[Symbol.asyncDispose]();
      await gateway[Symbol.asyncDispose]();
      return { stderr: gateway.output.stderr, changed: (await stat(file)).mtimeMs };
    };
    const first = await run();
    const second = await run();
    expect(second.stderr).not.toContain('search index');
    expect(second.changed).toBe(first.changed);
    await folder.write('search-index', (await readFile(file)).subarray(0, 1_000).toString('latin1'));
    const third = await run();
    expect(third.stderr).toContain('The saved search index cannot be used; it is made anew.');
    expect(third.changed).not.toBe(first.changed);
  });
});
