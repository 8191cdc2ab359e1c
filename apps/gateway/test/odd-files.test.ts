import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { describe, expect, it } from 'vitest';

import { fixtureServer } from './testing/configurations.ts';
import { runProgram, runToolyard, startGateway, temporaryFolder, toolyard, waitFor } from './testing/gateway.ts';

const stuckCommand = fileURLToPath(new URL('fixtures/stuck-command.ts', import.meta.url));

async function pipeAt(path: string): Promise<string> {
  await promisify(execFile)('mkfifo', [path]);
  return path;
}

describe.skipIf(process.platform === 'win32')('a file that nobody can read to its end', () => {
  it('in place of the configuration is refused; the one after it is taken over, and a signal ends the gateway', async () => {
    await using folder = await temporaryFolder();
    const good = fixtureServer('good', [`${folder.path}/journal`]);
    const config = await folder.write('toolyard.yaml', `servers:\n${good}`);
    await using gateway = await startGateway(config, folder.path);
    await rm(config);
    await pipeAt(config);
    await waitFor('the refusal', () => gateway.output.stderr.includes('it is no regular file') || undefined);
    await rm(config);
    await folder.write('toolyard.yaml', `servers:\n${good}${fixtureServer('more', [`${folder.path}/journal`])}`);
    await waitFor('the next one', async () => (await gateway.health()).servers.length === 2 || undefined);
    gateway.process.kill('SIGTERM');
    expect(await gateway.exited).toBe(0);
  });

  it('is no configuration, and no secret', async () => {
    await using folder = await temporaryFolder();
    const pipe = await pipeAt(join(folder.path, 'pipe.yaml'));
    const environment = { TOOLYARD_DATA: folder.path };
    const { code, stderr } = await runToolyard(['up', pipe, '--port', '0'], environment);
    expect([code, stderr]).toEqual([2, expect.stringContaining('it is no regular file, but a pipe')]);
    await pipeAt(join(folder.path, 'secret'));
    const config = await folder.write('toolyard.yaml', 'servers: {}\n');
    const other = await runToolyard(['up', config, '--port', '0'], environment);
    expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('secret cannot be used')]);
  });

  it('keeps no search index, and no gateway from its work', async () => {
    await using folder = await temporaryFolder();
    await pipeAt(join(folder.path, 'search-index'));
    const servers = fixtureServer('good', [`${folder.path}/journal`]);
    const config = `servers:\n${servers}profiles: { default: { mode: search } }\n`;
    await using gateway = await startGateway(await folder.write('toolyard.yaml', config), folder.path);
    expect(await gateway.health()).toMatchObject({ code: 200, status: 'ok' });
    gateway.process.kill('SIGTERM');
    expect(await gateway.exited).toBe(0);
  });

  it.each(['leave', 'exit'])('and is waited for all the same keeps no process: %s', async (how) => {
    await using folder = await temporaryFolder();
    const pipe = await pipeAt(join(folder.path, 'pipe'));
    const args = [...toolyard.args.slice(0, -1), stuckCommand, pipe, how, '69'];
    expect(await runProgram(toolyard.command, args)).toEqual({ code: 69, stdout: '', stderr: '' });
  });
});

it.skipIf(process.platform !== 'linux')(
  'a data folder that cannot be made is told, and everything goes on without',
  async () => {
    await using folder = await temporaryFolder();
    const config = await folder.write(
      'toolyard.yaml',
      `servers:\n${fixtureServer('good', [`${folder.path}/journal`])}`,
    );
    await using gateway = await startGateway(config, '/proc/toolyard');
    expect(gateway.output.stderr).toContain('The folder /proc/toolyard could not be made.');
    expect(await gateway.health()).toMatchObject({ code: 200, status: 'ok' });
  },
);
