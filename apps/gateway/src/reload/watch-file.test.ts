import { mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, it, vi } from 'vitest';

import { markOf, watchFile } from './watch-file.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'toolyard-watch-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function watched(name: string) {
  const file = join(folder, name);
  await writeFile(file, 'one');
  const seen = await markOf(file);
  const onChange = vi.fn<() => void>();
  return { file, onChange, watch: () => watchFile(file, { seen, onChange, pollMs: 5 }) };
}

it('tells of a change that came before it began to look, and of none where there was none', async () => {
  const { file, onChange, watch } = await watched('before.yaml');
  await writeFile(file, 'another');
  const other = await watched('same.yaml');
  const watches = [watch(), other.watch()];
  await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(1));
  await writeFile(other.file, 'another');
  await vi.waitFor(() => expect(other.onChange).toHaveBeenCalledTimes(1));
  expect(onChange).toHaveBeenCalledTimes(1);
  for (const { stop } of watches) stop();
});

it('tells of each change once, of a file that takes its place, and of one that is back after it was gone', async () => {
  const { file, onChange, watch } = await watched('file.yaml');
  const { stop } = watch();
  await utimes(file, new Date(), new Date(0));
  await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(1));
  await writeFile(`${file}.new`, 'one');
  await rename(`${file}.new`, file);
  await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(2));
  await rm(file);
  await writeFile(file, 'four');
  await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(3));
  stop();
});

it('tells when it is asked, changed or not, there or not, and no more once it was stopped', async () => {
  const { file, onChange, watch } = await watched('asked.yaml');
  const { again, stop } = watch();
  again();
  await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(1));
  await rm(file);
  again();
  await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(2));
  again();
  stop();
  await markOf(file);
  await markOf(file);
  expect(onChange).toHaveBeenCalledTimes(2);
});
