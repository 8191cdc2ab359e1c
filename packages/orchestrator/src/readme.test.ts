import { readFile } from 'node:fs/promises';
import { afterEach, expect, it, vi } from 'vitest';

afterEach(() => void vi.restoreAllMocks());

it('shows a sample that runs', async () => {
  const [readme, sample] = await Promise.all(
    ['../README.md', './testing/readme-sample.ts'].map((path) => readFile(new URL(path, import.meta.url), 'utf8')),
  );
  expect(readme).toContain(`\`\`\`ts\n${sample}\`\`\``);
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  await import('./testing/readme-sample.ts');
  expect(log.mock.calls).toEqual([
    ['memory', 'up', '2025-11-25'],
    ['every', 'up', '2025-11-25'],
    ['{"type":"text","text":"Echo: hello"}'],
  ]);
});
