import { createHash } from 'crypto';
import fs from 'fs';
import path from 'path';
import { run } from './child.mjs';
import { pnpmFolder } from './pnpm.mjs';
import { readJson, readNote, workspaceFolders, writeNote } from './repository.mjs';
import { sayIfSlow, ToolTrouble } from './trouble.mjs';

export class BuildTrouble extends ToolTrouble {}

/** What is built: everything, or the gateway with what it is made of. */
const SCOPES = { all: [], gateway: ['--filter=@toolyard/gateway...'] };
const SHARED_FILES = ['tsconfig.base.json', 'turbo.json', 'pnpm-lock.yaml'];
const NOT_SOURCE = new Set(['node_modules', '.turbo', 'coverage', 'results']);

/** Whether the outputs are those of the last build, and the sources too. Compares sizes and times; a few milliseconds. */
export function isBuilt(root, scope) {
  const note = readNote(root, `build-${scope}`);
  return note !== undefined && note.state === state(root);
}

/** Builds what changed, with turbo and its cache. */
export async function build(root, scope) {
  const env = await toolEnvironment(root);
  const turbo = path.join(root, 'node_modules', '.bin', 'turbo');
  const args = [
    'run',
    'build',
    '--output-logs=errors-only',
    '--ui=stream',
    '--log-order=grouped',
    '--cache=local:rw',
    ...SCOPES[scope],
  ];
  const { code, output } = await sayIfSlow('Building.', () => run(turbo, args, { cwd: root, env }));
  if (code !== 0)
    throw new BuildTrouble('The build failed (see above): correct the sources and run the command again.', output);
  const now = state(root);
  writeNote(root, `build-${scope}`, { state: now });
  if (scope === 'all') writeNote(root, 'build-gateway', { state: now });
}

/** The environment in which the repository's tools run: the pinned Node and pnpm first. */
export async function toolEnvironment(root) {
  const first = [path.join(root, 'node_modules', '.bin'), await pnpmFolder(root)];
  return {
    ...process.env,
    PATH: [...first, process.env.PATH].join(path.delimiter),
    TURBO_TELEMETRY_DISABLED: '1',
    DO_NOT_TRACK: '1',
  };
}

function state(root) {
  const hash = createHash('sha256');
  for (const name of SHARED_FILES) note(hash, path.join(root, name));
  for (const folder of workspaceFolders(root).slice(1)) {
    if (isBuildable(folder)) walk(hash, folder);
  }
  walk(hash, path.join(root, 'tooling', 'presets'));
  return hash.digest('hex');
}

function isBuildable(folder) {
  const { scripts = {} } = readJson(path.join(folder, 'package.json'));
  return scripts.build !== undefined;
}

function walk(hash, folder) {
  const entries = fs.readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    if (NOT_SOURCE.has(entry.name) || entry.name.endsWith('.test.ts')) continue;
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) walk(hash, full);
    else note(hash, full);
  }
}

function note(hash, file) {
  const { size, mtimeMs } = fs.statSync(file);
  hash.update(`${file} ${size} ${mtimeMs}\n`);
}
