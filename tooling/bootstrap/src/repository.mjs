import fs from 'fs';
import path from 'path';
import { fileURLToPath } from 'url';

export const repositoryRoot = fileURLToPath(new URL('../../../', import.meta.url)).replace(/[\\/]$/, '');

/** The folders whose children are workspace packages, as pnpm-workspace.yaml lists them. */
const WORKSPACE_FOLDERS = ['packages', 'apps', 'tooling'];

/** Every workspace package's folder, the root's first. */
export function workspaceFolders(root) {
  const folders = [root];
  for (const parent of WORKSPACE_FOLDERS) {
    for (const name of list(path.join(root, parent)).sort()) {
      const folder = path.join(root, parent, name);
      if (fs.existsSync(path.join(folder, 'package.json'))) folders.push(folder);
    }
  }
  return folders;
}

export function readJson(file) {
  return JSON.parse(fs.readFileSync(file, 'utf8'));
}

/** The names in a folder; none if it is not there. */
export function list(folder) {
  try {
    return fs.readdirSync(folder);
  } catch {
    return [];
  }
}

/** Where the bootstrap keeps its own things: pnpm and the lock. */
export function stateFolder(root) {
  return path.join(root, '.toolyard');
}

/** Notes about an install live in it, so that they go when it goes. */
function noteFile(root, name) {
  return path.join(root, 'node_modules', '.toolyard', `${name}.json`);
}

export function readNote(root, name) {
  try {
    return readJson(noteFile(root, name));
  } catch {
    return undefined;
  }
}

export function writeNote(root, name, value) {
  const file = noteFile(root, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  fs.writeFileSync(draft, JSON.stringify(value));
  fs.renameSync(draft, file);
}

export function pinnedNode(root) {
  return path.join(root, 'node_modules', '.bin', 'node');
}
