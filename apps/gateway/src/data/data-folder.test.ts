import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it, onTestFinished } from 'vitest';

import { dataFolder, makeDataFolder } from './data-folder.ts';

describe('dataFolder', () => {
  it.each([
    [{ TOOLYARD_DATA: 'mine', HOME: '/h' }, 'linux', '/cwd/mine'],
    [{ TOOLYARD_DATA: '/abs' }, 'linux', '/abs'],
    [{ HOME: '/h' }, 'linux', '/h/.local/state/toolyard'],
    [{ HOME: '/h', XDG_STATE_HOME: '/state' }, 'linux', '/state/toolyard'],
    [{ HOME: '/h', XDG_STATE_HOME: 'relative' }, 'linux', '/h/.local/state/toolyard'],
    [{ HOME: '/h' }, 'darwin', '/h/Library/Application Support/toolyard'],
  ] as const)('%j on %s is %s', (environment, system, folder) => {
    expect(dataFolder(environment, '/cwd', system)).toBe(folder);
  });
});

describe('makeDataFolder', () => {
  it('makes it with what is above it, for its owner only, once', async () => {
    const path = await mkdtemp(join(tmpdir(), 'toolyard-data-'));
    onTestFinished(() => rm(path, { recursive: true }));
    const folder = join(path, 'a', 'b');
    await Promise.all([makeDataFolder(folder), makeDataFolder(folder)]);
    await makeDataFolder(folder);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    await writeFile(join(path, 'file'), '');
    await expect(makeDataFolder(join(path, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(makeDataFolder(join(path, 'file', 'below'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  });

  it.skipIf(process.platform !== 'linux')('comes to an end where nothing can be made', async () => {
    await expect(makeDataFolder('/proc/toolyard/data')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
