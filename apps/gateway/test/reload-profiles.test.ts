import { Client as ModernClient, StreamableHTTPClientTransport as ModernHttp } from '@modelcontextprotocol/client';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as LegacyHttp } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  PromptListChangedNotificationSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { referenceServer } from './testing/configurations.ts';
import {
  type RunningGateway,
  startGateway,
  temporaryFolder,
  type TemporaryFolder,
  toolyard,
  waitFor,
} from './testing/gateway.ts';
import { ask, toolNames } from './testing/raw-client.ts';

const servers = `servers:
  every: { command: node, args: [${referenceServer('everything')}, stdio] }
  notes: { command: node, args: [${referenceServer('memory')}], tags: [private], env: { MEMORY_FILE_PATH: "\${TOOLYARD_DATA}/memory.jsonl" } }
`;
const start = `${servers}profiles:\n  work: { servers: [every], tools: { include: ["every__e*", "every__trigger*"] } }\n`;

let folder: TemporaryFolder;
let gateway: RunningGateway;
beforeAll(async () => {
  folder = await temporaryFolder();
  gateway = await startGateway(await folder.write('toolyard.yaml', start), folder.path);
}, 60_000);
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const write = (text: string): Promise<string> => folder.write('toolyard.yaml', text);
const at = (profile: string): string => `${gateway.endpoint}/${profile}`;

/** A client that notes which lists it is told of. */
interface Listener extends AsyncDisposable {
  readonly heard: string[];
  tools(): Promise<readonly string[]>;
  call(name: string, args: Record<string, unknown>): Promise<unknown>;
}

const eras: readonly (readonly [string, (url: string) => Promise<Listener>])[] = [
  [
    '1.x',
    async (url) => {
      const client = new LegacyClient({ name: 'e2e', version: '1.0.0' });
      const heard: string[] = [];
      client.setNotificationHandler(ToolListChangedNotificationSchema, () => void heard.push('tools'));
      client.setNotificationHandler(PromptListChangedNotificationSchema, () => void heard.push('prompts'));
      await client.connect(new LegacyHttp(new URL(url)));
      return {
        heard,
        tools: async () => (await client.listTools()).tools.map(({ name }) => name),
        call: (name, args) => client.callTool({ name, arguments: args }),
        [Symbol.asyncDispose]: () => client.close(),
      };
    },
  ],
  [
    '2.x',
    async (url) => {
      const pinned = { versionNegotiation: { mode: { pin: '2026-07-28' } } } as const;
      const client = new ModernClient({ name: 'e2e', version: '1.0.0' }, pinned);
      const heard: string[] = [];
      client.setNotificationHandler('notifications/tools/list_changed', () => void heard.push('tools'));
      client.setNotificationHandler('notifications/prompts/list_changed', () => void heard.push('prompts'));
      await client.connect(new ModernHttp(new URL(url)));
      await client.listen({ toolsListChanged: true, promptsListChanged: true });
      return {
        heard,
        tools: async () => (await client.listTools()).tools.map(({ name }) => name),
        call: (name, args) => client.callTool({ name, arguments: args }),
        [Symbol.asyncDispose]: () => client.close(),
      };
    },
  ],
];

describe.each(eras)('a client %s that is connected while profiles change', (_, open) => {
  it('hears what its own shows now, and loses no call', async () => {
    await write(start);
    await waitFor('the start', async () => ((await toolNames(at('work'))).includes('every__echo') ? true : undefined));
    await using client = await open(at('work'));
    const running = client.call('every__trigger-long-running-operation', { duration: 2, steps: 2 });
    await write(`${servers}profiles: { work: { tags: [private], rename: { notes__read_graph: graph } } }\n`);
    await waitFor('the change', () => (client.heard.length >= 2 ? true : undefined));
    expect(client.heard.toSorted()).toEqual(['prompts', 'tools']);
    expect(await client.tools()).toContain('graph');
    expect(await client.call('graph', {})).toMatchObject({ content: [{ type: 'text' }] });
    await expect(client.call('every__echo', { message: 'x' })).rejects.toThrow('There is no tool');
    expect(await running).toMatchObject({ content: [{ text: expect.stringContaining('completed') as unknown }] });

    await write(`${servers}profiles: { work: { tags: [private], mode: search } }\n`);
    await waitFor('search mode', () => (client.heard.length === 3 ? true : undefined));
    expect(await client.tools()).toEqual(['find_tools', 'describe_tools', 'call_tool']);
    expect(await client.call('find_tools', { query: 'read the whole graph', limit: 1 })).toMatchObject({
      structuredContent: { tools: [{ name: 'notes__read_graph' }] },
    });
    await write(start);
    await waitFor('the way back', () => (client.heard.length >= 5 ? true : undefined));
    expect(await client.tools()).toContain('every__echo');
  }, 60_000);

  it('hears at the endpoint of all when there is a profile for it, and when there is none any more', async () => {
    await using client = await open(gateway.endpoint);
    const whole = await client.tools();
    await write(`${servers}profiles: { default: { servers: [notes] } }\n`);
    await waitFor('the default', () => (client.heard.includes('tools') ? true : undefined));
    expect(await client.tools()).toEqual(whole.filter((name) => name.startsWith('notes__')));
    client.heard.length = 0;
    await write(start);
    await waitFor('everything', () => (client.heard.includes('tools') ? true : undefined));
    expect(await client.tools()).toEqual(whole);
  });
});

describe('a profile', () => {
  it('that is new is served at once, and one that is removed is not found, with its calls ended in peace', async () => {
    await write(`${start}  more: { servers: [every] }\n`);
    await waitFor('the new one', async () => ((await ask(at('more'), 'tools/list')).status === 200 ? true : undefined));
    expect(await toolNames(at('more'))).toContain('every__get-sum');
    const running = ask(at('more'), 'tools/call', {
      name: 'every__trigger-long-running-operation',
      arguments: { duration: 2, steps: 2 },
    });
    const listening = ask(at('more'), 'subscriptions/listen', { notifications: { toolsListChanged: true } });
    await using session = await eras[0]?.[1](at('more'));
    await write(start);
    await waitFor('its end', async () => ((await ask(at('more'), 'tools/list')).status === 404 ? true : undefined));
    expect((await listening).message.result?.resultType).toBe('complete');
    expect((await running).message.result?.content?.[0]?.text).toContain('completed');
    await expect(session?.tools()).rejects.toThrow('There is nothing here');
    expect((await gateway.health()).status).toBe('ok');
  });

  it('that cannot be is refused with its place, and with it all else that changed', async () => {
    await write(`${start}  bad: { tools: { include: ["no pattern!"] } }\n  more: { servers: [every] }\n`);
    await waitFor('the complaint', () => /profiles\.bad\.tools\.include/.test(gateway.output.stderr) || undefined);
    expect(gateway.output.stderr).toContain('everything stays as it was');
    expect((await ask(at('more'), 'tools/list')).status).toBe(404);
    await write(`${start}  more: { servers: [every] }\n`);
    await waitFor('the one after', async () => (await ask(at('more'), 'tools/list')).status === 200 || undefined);
  });

  it('that the gateway was started with cannot be removed', async () => {
    const file = await folder.write('chosen.yaml', start);
    await using chosen = await startGateway(file, folder.path, ['--profile', 'work']);
    const shown = await toolNames(chosen.endpoint);
    await folder.write('chosen.yaml', `${servers}profiles: { play: { servers: [notes] } }\n`);
    await waitFor('the complaint', () => chosen.output.stderr.includes('There is no profile') || undefined);
    expect(chosen.output.stderr).toContain('with which this gateway was started (--profile); there is play.');
    expect((await ask(`${chosen.endpoint}/play`, 'tools/list')).status).toBe(404);
    expect(await toolNames(chosen.endpoint)).toEqual(shown);
  }, 30_000);
});

it('a client on stdin and stdout hears of the profile that is shown there', async () => {
  const file = await folder.write('stdio.yaml', start);
  const client = new LegacyClient({ name: 'e2e', version: '1.0.0' });
  const heard: string[] = [];
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => void heard.push('tools'));
  await client.connect(
    new StdioClientTransport({
      command: toolyard.command,
      args: [...toolyard.args, 'up', file, '--stdio'],
      env: { PATH: process.env['PATH'] ?? '', TOOLYARD_DATA: folder.path },
      stderr: 'ignore',
    }),
  );
  const before = (await client.listTools()).tools.length;
  await folder.write(
    'stdio.yaml',
    `${servers}profiles: { default: { servers: [every], tools: { include: ["*echo"] } } }\n`,
  );
  await waitFor('the change', () => heard.length > 0 || undefined);
  expect([before > 1, (await client.listTools()).tools.map(({ name }) => name)]).toEqual([true, ['every__echo']]);
  await client.close();
}, 30_000);

it('settings hold from now on, but for those that are read at the start, which are named', async () => {
  await write(`${start}orchestration: { pageSize: 3, failFast: true, timeoutMs: 50000 }\n`);
  await waitFor('shorter pages', async () => {
    const { tools } = (await ask(gateway.endpoint, 'tools/list')).message.result ?? {};
    return tools?.length === 3 || undefined;
  });
  await waitFor('new connections', () => /notes was deployed anew/.test(gateway.output.stderr) || undefined);
  expect(gateway.output.stderr).toContain('These hold from now on: orchestration.pageSize, orchestration.timeoutMs.');
  expect(gateway.output.stderr).toContain('These take effect after a restart: orchestration.failFast.');
});
