import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { fixtureServer } from './testing/configurations.ts';
import {
  type RunningGateway,
  runToolyard,
  startGateway,
  temporaryFolder,
  type TemporaryFolder,
  waitFor,
} from './testing/gateway.ts';
import { ask } from './testing/raw-client.ts';

const manyTools = fileURLToPath(new URL('fixtures/many-tools-server.ts', import.meta.url));

interface Row {
  readonly server: string;
  readonly pid?: number;
  readonly restarts?: number;
  readonly problem?: string;
}

let folder: TemporaryFolder;
let gateway: RunningGateway;

beforeAll(async () => {
  folder = await temporaryFolder();
  const broken = `console.error('there is no config'); process.exit(3)`;
  const config = `servers:
${fixtureServer('files', [`${folder.path}/journal`], 'instances: { min: 2 }')}
  broken: { command: node, args: [-e, ${JSON.stringify(broken)}], domains: [ops], tags: [work] }
  many: { command: node, args: [${JSON.stringify(manyTools)}, '1'] }
`;
  gateway = await startGateway(await folder.write('toolyard.yaml', config), folder.path);
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

function run(command: string, ...args: readonly string[]): ReturnType<typeof runToolyard> {
  return runToolyard([command, ...args], { TOOLYARD_URL: gateway.endpoint, TOOLYARD_DATA: folder.path });
}

async function rows(server: string): Promise<readonly Row[]> {
  const { stdout } = await run('ps', '--json');
  return (JSON.parse(stdout) as { processes: readonly Row[] }).processes.filter((row) => row.server === server);
}

it('everybody may know the exit code of a server in a crash loop, and who runs the gateway its last words', async () => {
  const health = await fetch(`${new URL(gateway.endpoint).origin}/health/broken`);
  expect(health.status).toBe(503);
  expect(await health.json()).toMatchObject({
    state: 'unhealthy',
    domains: ['ops'],
    tags: ['work'],
    problem: 'It exited with code 3 while it was started.',
  });
  const status = await waitFor('a pause between two attempts', async () => {
    const { stdout } = await run('status');
    return stdout.includes('It is tried again in') ? stdout : undefined;
  });
  expect(status).toMatch(/\n {2}broken: It exited with code 3 while it was started\. It is tried again in \d+ s\./);
  expect(status).not.toContain('no config');
  const counted = await waitFor('some attempts', async () => {
    const [row] = await rows('broken');
    return row?.restarts !== undefined && row.restarts > 1 ? row : undefined;
  });
  expect(counted.problem).toContain('exited with code 3; its last words: there is no config');
  expect(await (await fetch(`${new URL(gateway.endpoint).origin}/metrics`)).text()).toMatch(
    /toolyard_server_restarts_total\{server="broken"\} [1-9]/,
  );
});

it('the log tells of an idle instance that is killed, with the reason, and of its return', async () => {
  const { pid } = await waitFor('both processes', async () => {
    const all = (await rows('files')).filter((row) => row.pid !== undefined);
    return all.length === 2 ? all[1] : undefined;
  });
  process.kill(pid ?? 0, 'SIGKILL');
  const log = (): string => gateway.output.stderr;
  await waitFor('what is told of its end', () => /files: instance 2 is down: .*SIGKILL/.test(log()) || undefined);
  await waitFor('what is told of its return', () => log().includes('files: instance 2 is healthy again') || undefined);
  expect(log()).toContain('files is degraded: Instance 2: It was ended by SIGKILL.');
});

it('the log tells what a server lists and is not offered, and when all of it is again', async () => {
  const change = (name: string): ReturnType<typeof ask> =>
    ask(gateway.endpoint, 'tools/call', { name, arguments: { name: 'long', description: 'x'.repeat(300_000) } });
  const told = (words: string): Promise<true> =>
    waitFor(words, () => gateway.output.stderr.includes(words) || undefined);
  await change('many__grow');
  await told('many: 1 of its entries cannot be offered, such as #3: The definition is longer than');
  await change('many__shrink');
  await told('many: all its entries are offered now');
});
