import { readFile } from 'node:fs/promises';
import { expect, it, vi } from 'vitest';

it('shows a sample that runs', async () => {
  const read = (path: string): Promise<string> => readFile(new URL(path, import.meta.url), 'utf8');
  expect(await read('../README.md')).toContain(`\`\`\`ts\n${await read('./testing/readme-sample.ts')}\`\`\``);
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  await import('./testing/readme-sample.ts');
  expect(log.mock.calls).toEqual([['notifications/progress'], ['2026-07-28', '[{"type":"text","text":"Hello!"}]']]);
});
