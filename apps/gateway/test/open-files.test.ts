import { connect } from 'node:net';

import { expect, it } from 'vitest';

import { fixtureServer } from './testing/configurations.ts';
import { startGateway, temporaryFolder, toolyard, waitFor } from './testing/gateway.ts';
import { processesWith } from './testing/processes.ts';
import { callTool } from './testing/raw-client.ts';

const openFiles = 160;

it('clients that take all sockets they can get do not keep a server that died from being started again', async () => {
  await using folder = await temporaryFolder();
  const journal = `${folder.path}/journal`;
  const config = await folder.write('toolyard.yaml', `servers:\n${fixtureServer('a', [journal])}`);
  const program = ['-c', `ulimit -n ${openFiles} && exec "$0" "$@"`, toolyard.command, ...toolyard.args];
  await using gateway = await startGateway(config, folder.path, [], {}, { command: 'sh', args: program });
  const server = async (other = 0): Promise<number | undefined> => {
    const pids = (await processesWith(journal)).map((line) => Number.parseInt(line, 10));
    return pids.find((pid) => pid !== other);
  };
  const first = await waitFor('the server', () => server());

  const { port, hostname } = new URL(gateway.endpoint);
  const sockets = Array.from({ length: 3 * openFiles }, () =>
    connect(Number(port), hostname).on('error', () => undefined),
  );
  const open = (): number => sockets.filter(({ destroyed }) => !destroyed).length;
  await waitFor('the others to be turned away', () => (open() <= openFiles / 2 ? true : undefined));
  process.kill(first, 'SIGKILL');
  await waitFor('the server to be started again', () => server(first));
  expect(open()).toBeGreaterThan(openFiles / 4);

  for (const socket of sockets) socket.destroy();
  const pid = await waitFor('the server to answer', async () => {
    const { message } = await callTool(gateway.endpoint, 'a__pid').catch(() => ({ message: undefined }));
    return message?.result?.content?.[0]?.text;
  });
  expect(pid).toBe(String(await server(first)));
});
