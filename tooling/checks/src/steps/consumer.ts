import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { passedOne, type Outcome } from '../outcome.ts';
import { run, type Ended } from '../process.ts';
import { root, type Package } from '../workspace.ts';
import { tarballOf } from './packs.ts';
import { toOutcome } from './tool.ts';

/**
 * Does what a user of the packages does: installs the tarballs in a folder outside the workspace, compiles a program that imports every
 * entry with `skipLibCheck: false`, runs it, and calls every command with `--help`.
 */
export async function consumer(packages: readonly Package[]): Promise<Outcome> {
  const folder = await mkdtemp(path.join(tmpdir(), 'toolyard-consumer-'));
  try {
    await writeProject(folder, packages);
    const bin = path.join(folder, 'node_modules', '.bin');
    const commands = packages.flatMap((one) => Object.keys(one.bin));
    const stages: readonly (() => Promise<Ended>)[] = [
      () => run('pnpm', ['install', '--no-frozen-lockfile', '--ignore-scripts', '--prefer-offline'], { cwd: folder }),
      () => run(path.join(bin, 'tsc'), ['--project', folder], { cwd: folder }),
      () => run(process.execPath, ['program.js'], { cwd: folder }),
      ...commands.map((command) => () => run(path.join(bin, command), ['--help'], { cwd: folder })),
    ];
    for (const stage of stages) {
      const outcome = toOutcome(await stage());
      if (outcome.failed > 0) return outcome;
    }
    return passedOne();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function writeProject(folder: string, packages: readonly Package[]): Promise<void> {
  const tarballs = Object.fromEntries(packages.map((one) => [one.name, `file:${tarballOf(one)}`]));
  const { devDependencies } = JSON.parse(await readFile(path.join(root, 'node_modules', '.toolyard-none'), 'utf8').catch(() => '{}'));
  void devDependencies;
  await writeFile(path.join(folder, 'package.json'), JSON.stringify({ tarballs }));
}
