import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { tellingServer } from '../testing/configurations.ts';
import {
  type RunningGateway,
  startGateway,
  temporaryFolder,
  type TemporaryFolder,
  toolyard,
  waitFor,
} from '../testing/gateway.ts';
import { ask, callTool } from '../testing/raw-client.ts';

const profiles = 'profiles: { lean: { mode: search } }\n';
const configuration = (more = '', logLevel = 'info'): string =>
  `servers:\n${tellingServer('a')}  dead: { command: node, args: ["-e", "process.exit(3)"] }\n${more}${profiles}orchestration: { logLevel: ${logLevel} }\n`;

const open = new AsyncDisposableStack();
let folder: TemporaryFolder;
let file: string;
let gateway: RunningGateway;
beforeAll(async () => {
  folder = open.use(await temporaryFolder());
  file = await folder.write('toolyard.yaml', configuration());
  gateway = open.use(await startGateway(file, folder.path));
});
afterAll(() => open.disposeAsync());

const get = async (path: string, init: RequestInit = {}): Promise<{ readonly code: number; readonly text: string }> => {
  const response = await fetch(new URL(path, gateway.endpoint), init);
  return { code: response.status, text: await response.text() };
};
const series = async (name: string): Promise<readonly string[]> =>
  (await get('/metrics')).text.split('\n').filter((line) => line.startsWith(name));

describe('/metrics', () => {
  it('counts what was asked, how it ended, and how long servers took', async () => {
    await callTool(gateway.endpoint, 'a__meta');
    await callTool(gateway.endpoint, 'a__fail');
    await callTool(gateway.endpoint, 'nothing');
    expect(await series('toolyard_requests_total{method="tools/call"')).toEqual([
      'toolyard_requests_total{method="tools/call",outcome="ok"} 1',
      'toolyard_requests_total{method="tools/call",outcome="UPSTREAM_ERROR"} 1',
      'toolyard_requests_total{method="tools/call",outcome="TOOL_UNKNOWN"} 1',
    ]);
    expect(await series('toolyard_upstream_request_duration_seconds_count')).toEqual([
      'toolyard_upstream_request_duration_seconds_count{server="a",method="tools/call"} 1',
    ]);
    expect(await series('toolyard_upstream_errors_total')).toEqual([
      'toolyard_upstream_errors_total{server="a",method="tools/call",code="UPSTREAM_ERROR"} 1',
    ]);
    expect(await series('toolyard_server_state{server="dead",state="unhealthy"}')).toEqual([
      'toolyard_server_state{server="dead",state="unhealthy"} 1',
    ]);
    expect(await series('toolyard_breaker_state{server="a",state="closed"}')).toHaveLength(1);
  });

  it('counts the tokens that search has saved', async () => {
    const saved = async (): Promise<number> => Number((await series('toolyard_tokens_saved_total'))[0]?.split(' ')[1]);
    const definitions = (await ask(gateway.endpoint, 'tools/list')).message.result?.tools ?? [];
    expect(definitions).toHaveLength(2);
    expect(await saved()).toBe(0);
    const many = Array.from({ length: 12 }, (_, number) => tellingServer(`more-${number}`)).join('');
    await writeFile(file, configuration(many));
    await waitFor('the new servers', async () => {
      const { message } = await ask(gateway.endpoint, 'tools/list');
      return message.result?.tools?.length === 26 || undefined;
    });
    await ask(`${gateway.endpoint}/lean`, 'tools/list');
    await waitFor('the count', async () => (await saved()) > 0 || undefined);
    const once = await saved();
    await ask(`${gateway.endpoint}/lean`, 'tools/list');
    await waitFor('the second count', async () => (await saved()) === 2 * once || undefined);
    await callTool(gateway.endpoint, 'more-3__meta');
    expect(await series('toolyard_upstream_request_duration_seconds_count{server="more-3"')).toHaveLength(1);
    await writeFile(file, configuration());
    await waitFor(
      'their end',
      async () => (await series('toolyard_server_state{server="more-')).length === 0 || undefined,
    );
    await waitFor(
      'nothing to be left of them',
      async () => !(await get('/metrics')).text.includes('more-') || undefined,
    );
  });

  it('is for this machine only, unless more is wanted', async () => {
    expect(await get('/metrics', { headers: { 'x-forwarded-for': '127.0.0.1' } })).toMatchObject({ code: 404 });
    expect(await get('/metrics', { method: 'POST' })).toMatchObject({ code: 405 });
    expect(await get('/metrics', { method: 'HEAD' })).toEqual({ code: 200, text: '' });
    const plain = await folder.write('plain.yaml', `servers:\n${tellingServer('a')}`);
    for (const [who, code] of [
      ['all', 200],
      ['off', 404],
    ] as const) {
      await using other = await startGateway(plain, folder.path, ['--metrics', who]);
      const response = await fetch(new URL('/metrics', other.endpoint), {
        headers: { 'x-forwarded-for': '192.0.2.1' },
      });
      await response.text();
      expect(response.status).toBe(code);
    }
  });
});

describe('/health', () => {
  it.each([
    ['/health/live', 200, /^\{"status":"live"\}/],
    ['/health/ready', 200, /^\{"status":"ready"\}/],
    ['/health/a', 200, /^\{"id":"a","state":"healthy".*"activity":\{"instancesUp":1,"instances":1,/],
    ['/health/dead', 503, /"state":"unhealthy"/],
    ['/health/other', 404, /NOT_FOUND/],
    ['/health/', 404, /NOT_FOUND/],
    ['/health/a/b', 404, /NOT_FOUND/],
    ['/health/__proto__', 404, /NOT_FOUND/],
  ])('%s is %d', async (path, code, text) => {
    const answer = await get(path);
    expect(answer.code).toBe(code);
    expect(answer.text).toMatch(text);
    expect(await get(path, { method: 'HEAD' })).toEqual({ code, text: '' });
  });

  it('only tells', async () => {
    for (const path of ['/health', '/health/live', '/health/ready', '/health/a'])
      expect(await get(path, { method: 'DELETE' })).toMatchObject({ code: 405 });
  });

  it('a gateway whose servers all fail lives and is not ready', async () => {
    const dead = await folder.write(
      'dead.yaml',
      'servers: { dead: { command: node, args: ["-e", "process.exit(3)"] } }\n',
    );
    await using other = await startGateway(dead, folder.path);
    const live = await fetch(new URL('/health/live', other.endpoint));
    const ready = await fetch(new URL('/health/ready', other.endpoint));
    expect([live.status, ready.status]).toEqual([200, 503]);
    expect(await ready.text()).toContain('{"status":"unready","reasons":["No server answers: dead is unhealthy."]}');
    await live.text();
  });
});

describe('the level of the log', () => {
  it('follows the configuration and SIGUSR2 while it runs', async () => {
    const answered = (): number => gateway.output.stderr.split('tools/call a__meta: answered').length - 1;
    expect(answered()).toBe(0);
    await writeFile(file, configuration('', 'debug'));
    await waitFor('the change', () => gateway.output.stderr.includes('from level debug on') || undefined);
    await callTool(gateway.endpoint, 'a__meta');
    await waitFor('a line', () => answered() > 0 || undefined);
    await writeFile(file, configuration('', 'warn'));
    await waitFor('the change back', async () => {
      const before = answered();
      await callTool(gateway.endpoint, 'a__meta');
      return answered() === before || undefined;
    });
    const before = answered();
    gateway.process.kill('SIGUSR2');
    await waitFor('more lines', async () => {
      await callTool(gateway.endpoint, 'a__meta');
      return answered() > before || undefined;
    });
    gateway.process.kill('SIGUSR2');
  });
});

it('no secret is in the log, at the level that tells most', async () => {
  const planted = (name: string): string => `planted-${name}-9f8e7d6c5b`;
  const names = ['variable', 'header', 'bearer', 'query', 'argument', 'sent', 'cookie', 'baggage', 'short'];
  const text = `servers:
${tellingServer('a', 'env: { PLANTED: "${VARIABLE}" }')}
  web: { url: "http://127.0.0.1:9/mcp?key=${planted('query')}", headers: { X-Api: ${planted('header')} }, auth: { type: bearer, token: ${planted('bearer')} } }
  cli: { command: node, args: ["-e", "console.error(process.argv.join()); process.exit(1)", "--", "--token=${planted('argument')}"] }
secret: "${'5ec7e7'.repeat(12)}"
`;
  const secretive = await folder.write('secretive.yaml', text);
  await using other = await startGateway(secretive, folder.path, ['--log-level', 'trace'], {
    VARIABLE: planted('variable'),
  });
  const headers = { authorization: `Bearer ${planted('sent')}`, cookie: `id=${planted('cookie')}` };
  const params = { arguments: { password: planted('short') }, _meta: { baggage: `k=${planted('baggage')}` } };
  const failed = await ask(other.endpoint, 'tools/call', { name: 'a__fail', ...params }, { headers });
  expect(failed.message.error?.message).toContain(planted('variable'));
  await ask(other.endpoint, 'tools/call', { name: 'web__x', ...params }, { headers });
  await ask(other.endpoint, 'resources/read', { uri: `https://h/?token=${planted('short')}` }, { headers });
  // What the server said beside the protocol is in the log, and so is the failure.
  await waitFor('the lines', () => /API_TOKEN=[\s\S]*UPSTREAM_ERROR/.test(other.output.stderr) || undefined);
  await waitFor('what the dead say', () => other.output.stderr.includes('web is down') || undefined);
  expect(names.filter((name) => other.output.stderr.includes(planted(name)))).toEqual([]);
  expect(other.output.stderr).not.toContain('5ec7e7');
  for (const line of other.output.stderr.trimEnd().split('\n')) expect(() => JSON.parse(line) as unknown).not.toThrow();
});

it('warnings of Node are lines of the log, and do not fill it', async () => {
  const warning = fileURLToPath(new URL('../fixtures/warn-when-asked.ts', import.meta.url));
  const options = { NODE_OPTIONS: `--import=${warning} --disable-warning=Unwanted` };
  const plain = await folder.write('warned.yaml', `servers:\n${tellingServer('a')}`);
  await using other = await startGateway(plain, folder.path, [], options);
  other.process.kill('SIGWINCH');
  await waitFor('the warnings', () => other.output.stderr.includes('A listener failed: number 19') || undefined);
  await other[Symbol.asyncDispose]();
  const lines = other.output.stderr.trimEnd().split('\n');
  const told = lines.map((line) => JSON.parse(line) as { readonly level: number; readonly msg: string });
  const warnings = told.filter(({ msg }) => msg.includes('ListenerFailure'));
  expect(warnings).toHaveLength(20);
  expect(warnings[0]).toMatchObject({
    level: 40,
    warning: 'ListenerFailure',
    msg: 'ListenerFailure: A listener failed: number 0',
    detail: 'Error: token=***',
  });
  expect(told).toContainEqual(
    expect.objectContaining({ level: 40, leftOut: 30, msg: '30 more warnings of Node in this minute, left out' }),
  );
  expect(other.output.stderr).not.toContain('Nobody');
});

it('status --watch says in lines what changes, where nobody looks at a terminal, until it is ended', async () => {
  const child = spawn(toolyard.command, [...toolyard.args, 'status', '--watch', '--url', gateway.endpoint], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const exited = once(child, 'exit');
  await waitFor('the first lines', () => /server dead: \w+\n/.test(text) || undefined);
  expect(text).toContain('gateway: degraded\n');
  await writeFile(file, configuration(tellingServer('late')));
  await waitFor('the new server', () => text.includes('server late: healthy\n') || undefined);
  child.kill('SIGINT');
  expect(await exited).toEqual([0, null]);
});
