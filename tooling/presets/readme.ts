import { readFile } from 'node:fs/promises';
import { expect, vi } from 'vitest';

/** Where a sample is shown and where it is, both relative to the test. */
export interface SampleFiles {
  readonly page: string;
  readonly sample: string;
}

/**
 * Runs the sample of a page and resolves with what it printed, the arguments of one `console.log` a row. Fails where the page does not show it as it is.
 * `test` is the URL of the test file; `run` imports the sample. Without `files`, the page is the package's README, and the test in `src`.
 */
export async function readmeSample(
  test: string,
  run: () => Promise<unknown>,
  files: SampleFiles = { page: '../README.md', sample: './testing/readme-sample.ts' },
): Promise<readonly unknown[][]> {
  const [page, sample] = await Promise.all(
    [files.page, files.sample].map((path) => readFile(new URL(path, test), 'utf8')),
  );
  expect(page).toContain(`\`\`\`ts\n${sample}\`\`\``);
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  try {
    await run();
    return [...log.mock.calls];
  } finally {
    log.mockRestore();
  }
}
