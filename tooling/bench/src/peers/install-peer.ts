import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const versionsFile = new URL('versions.json', import.meta.url);
/** Where dependencies are anyway, and nobody looks for them. */
const cache = fileURLToPath(new URL('../../../../node_modules/.cache/toolyard-bench', import.meta.url));

export interface InstalledPeer {
  readonly version: string;
  /** The file that one of its commands runs. */
  command(name?: string): Promise<string>;
}

/** Installs a peer in the version that `versions.json` names, in a folder of its own, without its install scripts, unless it is there. Rejects with what npm says. */
export async function installPeer(name: string): Promise<InstalledPeer> {
  const version = await versionOf(name);
  const prefix = join(cache, `${name.replace('/', '+')}@${version}`);
  const folder = join(prefix, 'node_modules', name);
  if ((await readPackage(folder))?.version !== version) await npmInstall(prefix, `${name}@${version}`);
  const bin = (await readPackage(folder))?.bin;
  return {
    version,
    async command(command) {
      const file =
        typeof bin === 'string'
          ? bin
          : Object.entries(bin ?? {}).find(([key]) => command === undefined || key === command)?.[1];
      if (file === undefined) throw new Error(`${name} has no command ${command ?? ''}`);
      return join(folder, file);
    },
  };
}

export async function versionOf(name: string): Promise<string> {
  const versions = JSON.parse(await readFile(versionsFile, 'utf8')) as Record<string, string>;
  const version = versions[name];
  if (version === undefined) throw new Error(`versions.json has no ${name}`);
  return version;
}

interface Package {
  readonly version: string;
  readonly bin?: string | Readonly<Record<string, string>>;
}

async function readPackage(folder: string): Promise<Package | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Package;
  } catch {
    return undefined;
  }
}

async function npmInstall(prefix: string, spec: string): Promise<void> {
  await mkdir(prefix, { recursive: true });
  // Or npm would look for one in the folders above.
  await writeFile(join(prefix, 'package.json'), '{"private":true}\n');
  const args = ['install', '--prefix', prefix, '--ignore-scripts', '--no-audit', '--no-fund', '--save-exact', spec];
  await new Promise<void>((resolve, reject) => {
    execFile('npm', args, { cwd: prefix }, (error, _, stderr) => {
      if (error === null) return resolve();
      const words = /npm error (?:404 +)?(?<why>.*(?:Not Found|not be found|ENOTFOUND|No matching).*)/.exec(stderr)
        ?.groups?.['why'];
      reject(new Error(`npm could not install ${spec}: ${words ?? stderr.slice(-300)}`));
    });
  });
}
