import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { modernClient } from './testing/bridge-clients.ts';
import { referenceServer } from './testing/configurations.ts';
import {
  type RunningGateway,
  startGateway,
  temporaryFolder,
  type TemporaryFolder,
  waitFor,
} from './testing/gateway.ts';

const sample = JSON.stringify(fileURLToPath(new URL('../sample', import.meta.url)));
const everything = `  every: { command: node, args: [${referenceServer('everything')}, stdio] }\n`;
const files = (folder: string): string =>
  `  files: { command: node, args: [${referenceServer('filesystem')}, ${folder}] }\n`;

let folder: TemporaryFolder;
let gateway: RunningGateway;
beforeAll(async () => {
  folder = await temporaryFolder();
  gateway = await startGateway(await folder.write('toolyard.yaml', `servers:\n${everything}`), folder.path);
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const write = (text: string): Promise<string> => folder.write('toolyard.yaml', `servers:\n${text}`);
const states = async (): Promise<string> =>
  (await gateway.health()).servers.map(({ id, state }) => `${id} ${state}`).join(', ');

it('a change of the file is applied to the servers that it concerns, while the others go on', async () => {
  await using client = await modernClient({ url: gateway.endpoint });
  const running = client.call('every__trigger-long-running-operation', { duration: 3, steps: 3 });
  await write(`${everything}${files(sample)}`);
  await waitFor('the new server', async () => ((await states()) === 'every healthy, files healthy' ? true : undefined));
  expect((await client.tools()).map(({ name }) => name)).toContain('files__read_text_file');
  expect(await running).toMatchObject({ content: [{ text: expect.stringContaining('completed') as unknown }] });
  expect(gateway.output.stderr).not.toContain('every was');

  await write(everything);
  await waitFor('its end', async () => ((await states()) === 'every healthy' ? true : undefined));
  await expect(client.call('files__read_text_file', { path: 'x' })).rejects.toThrow(/no tool/);
});

it('a file with a mistake is refused whole, with its place, and everything stays as it was', async () => {
  await write(`${everything}  files: { comand: node }\n`);
  await waitFor('the complaint', () => /did you mean .{1,2}command/.test(gateway.output.stderr) || undefined);
  expect(gateway.output.stderr).toContain('everything stays as it was');
  expect(await states()).toBe('every healthy');
  await write(`${everything}  files: { urls: ["http://h/mcp", "unix:///run/mcp"] }\n`);
  const place = `${folder.path}/toolyard.yaml:3:35`;
  const words = 'no transport can reach URLs with';
  await waitFor(
    'its place',
    () => gateway.output.stderr.includes(`${place}  servers.files.urls[1]: ${words}`) || undefined,
  );
  await write(`${everything}${files(sample)}`);
  await waitFor('the one after', async () => ((await states()).includes('files healthy') ? true : undefined));
});

it('SIGHUP has the file read again: what changed is told, and so is that nothing did, or what is wrong', async () => {
  await write(everything);
  await waitFor('the start', async () => ((await states()) === 'every healthy' ? true : undefined));
  const hangUp = async (words: string): Promise<void> => {
    const from = gateway.output.stderr.length;
    gateway.process.kill('SIGHUP');
    await waitFor(words, () => gateway.output.stderr.slice(from).includes(words) || undefined);
    expect(gateway.output.stderr.slice(from)).toContain('SIGHUP: reading');
  };
  await hangUp('it says what it said before');
  await write(`${everything}  files: { comand: node }\n`);
  await hangUp('The configuration cannot be used; everything stays as it was');
  expect(await states()).toBe('every healthy');
  await write(`${everything}${files(sample)}`);
  await hangUp('files was added.');
  expect(await states()).toBe('every healthy, files healthy');
  await write(`${everything}${files(folder.path)}`);
  await hangUp('files was deployed anew.');
  expect(gateway.process.exitCode).toBeNull();
  expect(gateway.process.signalCode).toBeNull();
});
