import fs from 'fs';
import path from 'path';
import { list, pinnedNode, readJson, readNote, workspaceFolders } from './repository.mjs';

/** What is missing from an install, in a few words; `undefined` if nothing is. Looks at every package, not into them. */
export function damage(root) {
  const modules = path.join(root, 'node_modules');
  if (!isFile(path.join(modules, '.modules.yaml'))) return 'node_modules/.modules.yaml is missing';
  if (!isFile(pinnedNode(root), 1_000_000)) return 'the pinned Node is missing';
  for (const folder of workspaceFolders(root)) {
    const manifest = readJson(path.join(folder, 'package.json'));
    for (const name of Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })) {
      if (!isFile(path.join(folder, 'node_modules', name, 'package.json'))) return `${name} is missing`;
    }
  }
  const store = path.join(modules, '.pnpm');
  for (const entry of list(store)) {
    const name = entry === 'node_modules' || entry.startsWith('.') ? undefined : ownName(path.join(store, entry));
    if (name !== undefined && !isFile(path.join(store, entry, 'node_modules', name, 'package.json')))
      return `${name} is incomplete`;
  }
  return undefined;
}

/** The package that a folder of pnpm's virtual store is for: its only entry that is no link. */
function ownName(folder) {
  const modules = path.join(folder, 'node_modules');
  for (const entry of entries(modules)) {
    if (entry.isSymbolicLink() || entry.name === '.bin') continue;
    if (!entry.name.startsWith('@')) return entry.name;
    const inner = entries(path.join(modules, entry.name)).find((one) => !one.isSymbolicLink());
    if (inner !== undefined) return `${entry.name}/${inner.name}`;
  }
  return undefined;
}

function entries(folder) {
  try {
    return fs.readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function isFile(file, atLeastBytes = 1) {
  try {
    const stat = fs.statSync(file);
    return stat.isFile() && stat.size >= atLeastBytes;
  } catch {
    return false;
  }
}

/** Every file of the installed packages with its size, as lines. A second or so. */
export function listFiles(root) {
  const store = path.join(root, 'node_modules', '.pnpm');
  const lines = [];
  const walk = (folder) => {
    for (const entry of entries(folder)) {
      const full = path.join(folder, entry.name);
      if (entry.isDirectory()) walk(full);
      else if (entry.isFile()) lines.push(`${fs.statSync(full).size} ${path.relative(store, full)}`);
    }
  };
  walk(store);
  return lines;
}

/** A file that went missing or changed its size since the install; for when something fails that worked. */
export function deepDamage(root) {
  const broken = damage(root);
  if (broken !== undefined) return broken;
  const now = new Set(listFiles(root));
  const line = (readNote(root, 'files') ?? []).find((one) => !now.has(one));
  return line === undefined
    ? undefined
    : `node_modules/.pnpm/${line.slice(line.indexOf(' ') + 1)} is not what was installed`;
}
