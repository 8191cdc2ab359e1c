import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { readJournal } from './journal-file.ts';

it('reads each line of a file once, also one that comes in two pieces', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'toolyard-journal-'));
  const file = path.join(folder, 'journal');
  const lines: string[] = [];
  {
    await using journal = await readJournal(file, (line) => lines.push(line));
    await appendFile(file, 'one\ntw');
    await journal.read();
    expect(lines).toEqual(['one']);
    await appendFile(file, 'o\n');
    await journal.read();
    await appendFile(file, 'three\n');
  }
  expect(lines).toEqual(['one', 'two', 'three']);
  await rm(folder, { recursive: true });
});
