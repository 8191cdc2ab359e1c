import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { describe, expect, it } from 'vitest';

import { readConfiguration } from './read-configuration.ts';

async function folder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'toolyard-registry-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

describe('readConfiguration', () => {
  it('reads a file, and starts commands beside it', async () => {
    await using dir = await folder();
    const file = join(dir.path, 'toolyard.yaml');
    await writeFile(file, 'servers: {a: {command: x}}');
    const { servers } = await readConfiguration(file, { environment: {} });
    expect(servers[0]?.target).toEqual({ command: 'x', cwd: dir.path });
  });

  it('says that there is no such file, or that it is a folder', async () => {
    await using dir = await folder();
    await expect(readConfiguration(join(dir.path, 'no.yaml'), { environment: {} })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      facts: { problems: [{ line: 0, column: 0, path: '', message: 'the file cannot be read: it does not exist' }] },
    });
    await expect(readConfiguration(dir.path, { environment: {} })).rejects.toThrow(
      'the file cannot be read: it is a folder',
    );
  });

  it.skipIf(process.platform === 'win32')(
    'does not wait for who opens the other end of a pipe or a socket',
    async () => {
      await using dir = await folder();
      const pipe = join(dir.path, 'pipe.yaml');
      await promisify(execFile)('mkfifo', [pipe]);
      await using server = createServer();
      const socket = join(dir.path, 'socket.yaml');
      await new Promise<void>((resolve) => server.listen(socket, resolve));
      for (const file of [pipe, socket, '/dev/null'])
        await expect(readConfiguration(file, { environment: {} })).rejects.toThrow('it is no regular file, but a pipe');
    },
  );

  it('reads no more than 1 MiB', async () => {
    await using dir = await folder();
    const file = join(dir.path, 'big.yaml');
    await writeFile(file, '#'.repeat(1_048_577));
    await expect(readConfiguration(file, { environment: {} })).rejects.toThrow('larger than 1048576 bytes');
  });

  it('wants UTF-8', async () => {
    await using dir = await folder();
    const file = join(dir.path, 'latin1.yaml');
    await writeFile(file, Buffer.from('servers: {a: {command: "\xe4"}}', 'latin1'));
    await expect(readConfiguration(file, { environment: {} })).rejects.toThrow('not UTF-8');
  });
});
