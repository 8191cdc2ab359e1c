import { readFile } from 'node:fs/promises';
import { expect, vi } from 'vitest';

/**
 * Runs the sample of a package's README and resolves with what it printed, the arguments of one `console.log` a row. Fails where the README does not show
 * `testing/readme-sample.ts` as it is. `test` is the URL of the test file, in `src`; `run` imports the sample.
 */
export async function readmeSample(test: string, run: () => Promise<unknown>): Promise<readonly unknown[][]> {
  const [readme, sample] = await Promise.all(
    ['../README.md', './testing/readme-sample.ts'].map((path) => readFile(new URL(path, test), 'utf8')),
  );
  expect(readme).toContain(`\`\`\`ts\n${sample}\`\`\``);
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  try {
    await run();
    return [...log.mock.calls];
  } finally {
    log.mockRestore();
  }
}
