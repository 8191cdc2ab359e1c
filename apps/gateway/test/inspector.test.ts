import { createRequire } from 'node:module';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import {
  runProgram,
  type RunningGateway,
  startGateway,
  temporaryFolder,
  type TemporaryFolder,
  toolyard,
} from './testing/gateway.ts';

const { resolve } = createRequire(import.meta.url);
const program = resolve('@modelcontextprotocol/inspector/clients/launcher/build/index.js');
const server = resolve('@modelcontextprotocol/server-everything/dist/index.js');

let folder: TemporaryFolder;
let gateway: RunningGateway;
let config: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  config = await folder.write('toolyard.yaml', `servers:\n  every: { command: node, args: ["${server}"] }\n`);
  gateway = await startGateway(config, folder.path);
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

/** How the Inspector is told where the gateway is: before the method and its arguments, and after. */
interface Door {
  readonly door: string;
  readonly around: () => readonly [readonly string[], readonly string[]];
}

const doors: readonly Door[] = [
  { door: 'Streamable HTTP', around: () => [[gateway.endpoint, '--transport', 'http'], []] },
  { door: 'HTTP+SSE', around: () => [[new URL('/sse', gateway.endpoint).href, '--transport', 'sse'], []] },
  {
    door: 'stdio',
    around: () => [
      ['-e', `TOOLYARD_DATA=${folder.path}/stdio`],
      ['--', toolyard.command, ...toolyard.args, 'up', config, '--stdio', '--log-level', 'error'],
    ],
  },
];

describe.each(doors)('the Inspector in CLI mode over $door', ({ around }) => {
  it.each([
    ['tools/list', [], 'every__echo'],
    ['prompts/list', [], 'every__args-prompt'],
    ['resources/list', [], 'demo://resource/static/document/features.md'],
    ['resources/templates/list', [], 'demo://resource/dynamic/text/{resourceId}'],
    ['tools/call', ['--tool-name', 'every__echo', '--tool-arg', 'message=hi'], 'Echo: hi'],
    ['prompts/get', ['--prompt-name', 'every__args-prompt', '--prompt-args', 'city=Lima'], 'Lima'],
    ['resources/read', ['--uri', 'demo://resource/static/document/features.md'], 'Everything Server'],
  ])('does %s', async (method, args, expected) => {
    const [before, after] = around();
    const { code, stdout, stderr } = await runProgram(
      process.execPath,
      [program, '--cli', ...before, '--method', method, ...args, ...after],
      { MCP_CATALOG_PATH: `${folder.path}/catalog.json` },
    );
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(expected);
  });
});
