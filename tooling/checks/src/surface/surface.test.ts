import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { root, workspacePackages } from '../workspace.ts';
import { renderSurface, surfaceOf } from './surface.ts';

/** One file for each entry; `pnpm surface` writes them anew. */
const folder = path.join(root, 'tooling', 'checks', 'surfaces');
const entries = workspacePackages()
  .filter(({ isPublished }) => isPublished)
  .flatMap((one) => one.entries);

describe('the public surface', () => {
  it.each(entries)('of $specifier is the one on record', async (entry) => {
    const file = `${entry.specifier.replace('@toolyard/', '').replaceAll('/', '.')}.txt`;
    await expect(renderSurface(await surfaceOf(entry))).toMatchFileSnapshot(path.join(folder, file));
  });
});
