import { readFile } from 'node:fs/promises';

import { afterEach, describe, expect, it, vi } from 'vitest';

describe('the README', () => {
  afterEach(() => vi.restoreAllMocks());

  it('shows a sample that runs', async () => {
    const [readme, sample] = await Promise.all(
      ['../README.md', './testing/readme-sample.ts'].map((path) => readFile(new URL(path, import.meta.url), 'utf8')),
    );
    expect(readme).toContain(`\`\`\`ts\n${sample}\`\`\``);
    const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    await import('./testing/readme-sample.ts');
    expect(log.mock.calls).toEqual([
      ['files', 'mcp-server-filesystem'],
      ['tickets', 'https://tickets.example.com/mcp'],
    ]);
  });
});
