import { chmod, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { indexFile } from './index-file.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'toolyard-index-'));
});
afterAll(() => rm(folder, { recursive: true }));

const bytes = new Uint8Array([1, 2, 3]);

it('is there for the next run, for its owner only, with no draft beside it', async () => {
  const path = join(folder, 'kept');
  expect(await indexFile(path).read()).toBeUndefined();
  expect(await indexFile(path).write(bytes)).toBe(true);
  expect(await indexFile(path).write(bytes)).toBe(true);
  expect(new Uint8Array((await indexFile(path).read()) ?? [])).toEqual(bytes);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(folder)).toEqual(['kept']);
});

it('is not read where others may have written it, but for systems that cannot say', async () => {
  const path = join(folder, 'open');
  await indexFile(path).write(bytes);
  await chmod(path, 0o622);
  await expect(indexFile(path).read()).rejects.toThrow('others may write to it');
  expect(await indexFile(path, 10, 'win32').read()).toHaveLength(3);
});

it('is neither written nor read beyond its bound', async () => {
  const path = join(folder, 'large');
  expect(await indexFile(path, 2).write(bytes)).toBe(false);
  expect(await indexFile(path, 2).read()).toBeUndefined();
  await indexFile(path, 3).write(bytes);
  await expect(indexFile(path, 2).read()).rejects.toThrow('it is longer than 2 bytes');
});

it('leaves nothing behind where it cannot be written', async () => {
  await expect(indexFile(join(folder, 'missing', 'kept')).write(bytes)).rejects.toThrow('ENOENT');
  await indexFile(join(folder, 'kept')).write(bytes);
  await expect(indexFile(folder).write(bytes)).rejects.toThrow();
  expect((await readdir(tmpdir())).filter((name) => name.startsWith(`${folder.split('/').at(-1)}.`))).toEqual([]);
});
