import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { passedOne, type Outcome } from '../outcome.ts';
import type { Ended, Run } from '../process.ts';
import { root, type Package } from '../workspace.ts';
import { tarballOf } from './packs.ts';
import { toOutcome } from './tool.ts';

/**
 * Does what a user of the packages does: installs the tarballs in a folder outside the workspace, compiles a program that imports every
 * entry with `skipLibCheck: false`, runs it, and calls every command with `--help`.
 */
export async function consumer(run: Run, packages: readonly Package[]): Promise<Outcome> {
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
  const write = (name: string, content: unknown): Promise<void> =>
    writeFile(path.join(folder, name), typeof content === 'string' ? content : JSON.stringify(content, undefined, 2));
  const tarballs = Object.fromEntries(packages.map((one) => [one.name, `file:${tarballOf(one)}`]));
  const peers = new Set(packages.flatMap((one) => one.peers));
  const others = ['typescript', '@types/node', ...peers].filter((name) => tarballs[name] === undefined);
  const versions = await Promise.all(others.map(async (name) => [name, await installedVersion(name)] as const));
  await write('package.json', {
    private: true,
    type: 'module',
    dependencies: { ...tarballs, ...Object.fromEntries(versions) },
  });
  await write('pnpm-workspace.yaml', { overrides: tarballs, strictDepBuilds: false });
  await write('tsconfig.json', {
    compilerOptions: { target: 'ES2024', module: 'NodeNext', strict: true, skipLibCheck: false, types: ['node'] },
    files: ['program.ts'],
  });
  await write('program.ts', program(packages.flatMap(({ entries }) => entries.map(({ specifier }) => specifier))));
}

function program(specifiers: readonly string[]): string {
  const imports = specifiers.map((specifier, index) => `import * as entry${index} from '${specifier}';`);
  const list = specifiers.map((specifier, index) => `  ['${specifier}', entry${index}],`);
  return `${imports.join('\n')}

const entries: readonly (readonly [string, object])[] = [
${list.join('\n')}
];
for (const [specifier, entry] of entries) {
  if (Object.keys(entry).length === 0) throw new Error(\`\${specifier} exports nothing\`);
}
`;
}

async function installedVersion(name: string): Promise<string> {
  const manifest = JSON.parse(await readFile(path.join(root, 'node_modules', name, 'package.json'), 'utf8')) as {
    version: string;
  };
  return manifest.version;
}
