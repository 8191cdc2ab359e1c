import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

test('the sample of the README runs', async () => {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const [, sample = ''] = /```js\n([\s\S]*?)```/.exec(await readFile(join(root, 'README.md'), 'utf8')) ?? [];
  // Inside the package, so that its name and its dependencies resolve.
  const folder = await mkdtemp(join(root, '.readme-'));
  try {
    await writeFile(join(folder, 'sample.mjs'), sample);
    await writeFile(
      join(folder, 'server.mjs'),
      `import '${new URL('testing/fixtures/legacy-server.mjs', import.meta.url).href}';`,
    );
    const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=@toolyard/source', 'sample.mjs'], {
      cwd: folder,
    });
    expect(stdout).toBe('2025-11-25 [{"type":"text","text":"hello"}]\n');
  } finally {
    await rm(folder, { recursive: true });
  }
});
