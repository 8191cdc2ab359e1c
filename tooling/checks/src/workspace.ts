import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root: string = fileURLToPath(new URL('../../../', import.meta.url)).replace(/\/$/, '');

export interface Package {
  readonly name: string;
  /** Absolute. */
  readonly folder: string;
  /** `packages`, `apps` or `tooling`. */
  readonly kind: string;
  readonly isPublished: boolean;
  readonly scripts: Readonly<Record<string, string>>;
  readonly bin: Readonly<Record<string, string>>;
  /** Names of peer dependencies that a user has to install, too; not those that may be left out. */
  readonly peers: readonly string[];
  /** Import specifiers that give JavaScript, such as `@toolyard/protocol`, with the files behind them. */
  readonly entries: readonly Entry[];
}

export interface Entry {
  readonly specifier: string;
  /** Absolute paths in `dist`. */
  readonly javascript: string;
  readonly declarations: string;
}

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
  readonly exports?: Readonly<Record<string, string | { readonly types?: string; readonly default?: string }>>;
}

export function workspacePackages(home: string = root): readonly Package[] {
  return ['packages', 'apps', 'tooling'].flatMap((kind) => {
    const parent = path.join(home, kind);
    if (!existsSync(parent)) return [];
    return readdirSync(parent)
      .sort()
      .map((name) => path.join(parent, name))
      .filter((folder) => existsSync(path.join(folder, 'package.json')))
      .map((folder) => readPackage(kind, folder));
  });
}

function readPackage(kind: string, folder: string): Package {
  const manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as Manifest;
  const entries = Object.entries(manifest.exports ?? {}).flatMap(([subpath, target]) => {
    if (typeof target === 'string' || target.types === undefined || target.default === undefined) return [];
    return [
      {
        specifier: `${manifest.name}${subpath.slice(1)}`,
        javascript: path.join(folder, target.default),
        declarations: path.join(folder, target.types),
      },
    ];
  });
  return {
    name: manifest.name,
    folder,
    kind,
    isPublished: manifest.private !== true,
    scripts: manifest.scripts ?? {},
    bin: manifest.bin ?? {},
    peers: Object.keys(manifest.peerDependencies ?? {}).filter(
      (peer) => manifest.peerDependenciesMeta?.[peer]?.optional !== true,
    ),
    entries,
  };
}

/** Whether vitest has something to run in a package. */
export function hasTests({ folder }: Package): boolean {
  return ['src', 'test'].some((name) => {
    const inside = path.join(folder, name);
    return (
      existsSync(inside) && readdirSync(inside, { recursive: true }).some((file) => String(file).endsWith('.test.ts'))
    );
  });
}
