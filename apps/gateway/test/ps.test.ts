import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { fixtureServer } from './testing/configurations.ts';
import {
  type RunningGateway,
  runToolyard,
  startGateway,
  temporaryFolder,
  type TemporaryFolder,
  toolyard,
  waitFor,
} from './testing/gateway.ts';
import { callTool } from './testing/raw-client.ts';

const wsServer = fileURLToPath(new URL('fixtures/ws-server.ts', import.meta.url));

interface Row {
  readonly server: string;
  readonly instance?: number;
  readonly pid?: number;
  readonly command?: string;
  readonly state: string;
  readonly ageMs?: number;
  readonly memoryBytes?: number;
  readonly calls?: number;
  readonly inFlight?: number;
  readonly restarts?: number;
}

let folder: TemporaryFolder;
let gateway: RunningGateway;

beforeAll(async () => {
  folder = await temporaryFolder();
  const journal = `${folder.path}/journal`;
  const started = JSON.stringify([...toolyard.args.slice(0, -1), wsServer, '{port}', 's3cret']);
  const web = `  web: { url: "ws://127.0.0.1:{port}/mcp", start: { command: node, args: ${started} }, auth: { type: bearer, token: s3cret } }\n`;
  const config = `servers:\n${fixtureServer('files', [journal, 's3cret'], 'instances: { min: 2 }')}${web}`;
  gateway = await startGateway(await folder.write('toolyard.yaml', config), folder.path);
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

function ps(args: readonly string[] = [], data = folder.path): ReturnType<typeof runToolyard> {
  return runToolyard(['ps', ...args], { TOOLYARD_URL: gateway.endpoint, TOOLYARD_DATA: data });
}

async function rows(): Promise<readonly Row[]> {
  const { stdout } = await ps(['--json']);
  return (JSON.parse(stdout) as { processes: readonly Row[] }).processes;
}

async function pidOf(tool: string): Promise<number> {
  const { message } = await callTool(gateway.endpoint, tool);
  return Number(message.result?.content?.[0]?.text);
}

it('ps shows each process with its instance, and nothing of its arguments', async () => {
  const [one, two] = [await pidOf('files__pid'), await pidOf('web__pid')];
  const shown = await rows();
  expect(shown.map(({ server, instance, state, command }) => [server, instance, state, command])).toEqual([
    ['files', 1, 'up', 'node'],
    ['files', 2, 'up', 'node'],
    ['web', 1, 'up', 'node'],
  ]);
  expect(shown.map(({ pid }) => pid)).toEqual(expect.arrayContaining([one, two]));
  expect(shown.reduce((sum, { calls = 0 }) => sum + calls, 0)).toBe(2);
  for (const { ageMs, memoryBytes, inFlight, restarts } of shown) {
    expect(ageMs).toBeGreaterThan(0);
    expect(memoryBytes).toBeGreaterThan(10 * 1_048_576);
    expect([inFlight, restarts]).toEqual([0, 0]);
  }
  const { code, stdout, stderr } = await ps();
  expect(stdout).toMatch(/^server +instance +pid +state +age +memory +calls +in flight +restarts +command or URL\n/);
  expect(stdout).toMatch(new RegExp(`\\nweb +1 +${two} +up +\\d+ (?:min|s).* +\\d+ MiB +1 +0 +0 +node\\n$`));
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout + JSON.stringify(shown)).not.toMatch(/s3cret|journal/);
});

it('ps counts the restarts of a process that was killed', async () => {
  const pid = await pidOf('web__pid');
  process.kill(pid, 'SIGKILL');
  const again = await waitFor('the server to come back', async () => {
    const row = (await rows()).find(({ server, state }) => server === 'web' && state === 'up');
    return row?.pid !== undefined && row.pid !== pid ? row : undefined;
  });
  expect(again).toMatchObject({ instance: 1, restarts: 1 });
});

it('to others there is nothing to see', async () => {
  const url = new URL('/processes', gateway.endpoint);
  for (const headers of [{}, { authorization: 'Bearer wrong' }]) {
    const response = await fetch(url, { headers });
    expect(response.status).toBe(401);
    expect(await response.text()).not.toContain('files');
  }
  await using stranger = await temporaryFolder();
  const { code, stderr } = await ps([], stranger.path);
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(/^The gateway at http:\S+ does not know the secret in \S+\. Run this as the user /),
  ]);
  const far = await ps(['--url', 'http://gateway.example/mcp']);
  expect([far.code, far.stderr]).toEqual([2, 'ps asks a gateway on this machine, which gateway.example is not.\n']);
  const none = await ps(['--url', 'http://127.0.0.1:9/mcp']);
  expect([none.code, none.stderr]).toEqual([69, expect.stringContaining('No gateway answers')]);
});

it('ps asks whether there is a gateway before it misses the secret', async () => {
  const missing = `${folder.path}/missing`;
  const none = await ps(['--url', 'http://127.0.0.1:9/mcp'], missing);
  expect([none.code, none.stderr]).toEqual([69, expect.stringContaining('No gateway answers')]);
  const { code, stderr } = await ps([], missing);
  expect([code, stderr]).toEqual([1, expect.stringContaining(`The secret in ${missing} cannot be read. Run this as `)]);
});

it('ps says starting of a process for as long as it has not answered, and where a server with one URL is', async () => {
  await using other = await temporaryFolder();
  const web = '  web: { url: "http://127.0.0.1:9/s3cret?key=s3cret" }\n';
  const config = `servers:\n${fixtureServer('mute', [`${other.path}/journal`, 'mute'])}${web}`;
  await using slow = await startGateway(await other.write('toolyard.yaml', config), other.path);
  const asked = { TOOLYARD_URL: slow.endpoint, TOOLYARD_DATA: other.path };
  const shown = await waitFor('a process that may keep no other waiting any more', async () => {
    const { stdout } = await runToolyard(['ps'], asked);
    return /^mute .* (?:[6-9]|\d\d) s /m.test(stdout) ? stdout : undefined;
  });
  expect(shown).toMatch(/^mute +- +\d+ +starting .* node$/m);
  expect(shown).toMatch(/^mute +1 +- +starting /m);
  expect(shown).not.toContain(' up ');
  expect(shown).toMatch(/^web +1 +- +down .* http:\/\/127\.0\.0\.1:9$/m);
});
