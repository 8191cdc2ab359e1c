import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { passedOne, type Outcome } from '../outcome.ts';
import type { Run } from '../process.ts';
import { root, type Package } from '../workspace.ts';
import { each } from './each.ts';
import { tool, toOutcome } from './tool.ts';

const packFolder = path.join(root, '.toolyard', 'packs');

/** Where a package's tarball is, as `npm publish` would send it. */
export function tarballOf({ name }: Package): string {
  return path.join(packFolder, `${name.replace('@', '').replace('/', '-')}.tgz`);
}

export async function pack(run: Run, packages: readonly Package[]): Promise<Outcome> {
  await rm(packFolder, { recursive: true, force: true });
  await mkdir(packFolder, { recursive: true });
  const outcome = await each(packages, nameOf, async (one) =>
    toOutcome(await run('pnpm', ['pack', '--out', tarballOf(one)], { cwd: one.folder })),
  );
  return outcome.failed === 0 ? passedOne() : outcome;
}

/** Whether what is in the tarball fits what its package.json says. */
export function publint(run: Run, packages: readonly Package[]): Promise<Outcome> {
  return each(packages, nameOf, (one) => tool(run, 'publint', ['run', '--strict', tarballOf(one)]));
}

/** Whether the types in the tarball are those of its JavaScript, for every entry and way of resolving that ESM users have. */
export function attw(run: Run, packages: readonly Package[]): Promise<Outcome> {
  const typed = packages.filter(({ entries }) => entries.length > 0);
  return each(typed, nameOf, (one) => {
    // Only what is code: a package may export other files too.
    const subpaths = one.entries.map(({ specifier }) => `.${specifier.slice(one.name.length)}`);
    return tool(run, 'attw', [tarballOf(one), '--profile', 'esm-only', '--no-color', '--entrypoints', ...subpaths]);
  });
}

function nameOf({ name }: Package): string {
  return name;
}
