import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

/** Where a program is, or why it is not there and what to do about it. */
export type Program = { readonly path: string } | { readonly missing: string };

const run = promisify(execFile);
const installTimeoutMs = 300_000;

/**
 * Finds a program that tests need, and installs its Debian package where it is not there and this process may (as root, with apt). Those that ask
 * at the same time wait for the one that installs.
 */
export async function debianProgram(name: string, debianPackage: string): Promise<Program> {
  const found = await find(name);
  if (found !== undefined) return { path: found };
  const missing = `there is no ${name} here: install it`;
  if ((await find('apt-get')) === undefined || (await find('flock')) === undefined) return { missing };
  const advice = `${missing} (apt-get install ${debianPackage})`;
  if (process.getuid?.() !== 0) return { missing: advice };
  try {
    await install(debianPackage);
  } catch (error) {
    return { missing: `${advice}; trying to failed: ${lastLine(error)}` };
  }
  const installed = await find(name);
  return installed === undefined ? { missing: `the package ${debianPackage} brought no ${name}` } : { path: installed };
}

async function find(name: string): Promise<string | undefined> {
  for (const folder of [...(process.env['PATH'] ?? '').split(path.delimiter), '/usr/bin', '/usr/sbin']) {
    const file = path.join(folder, name);
    const runs = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (folder !== '' && runs) return file;
  }
  return undefined;
}

/** The lists of packages are fetched only where those at hand do not do. Services that packages bring are not started. */
async function install(debianPackage: string): Promise<void> {
  const get = 'apt-get -qq -o DPkg::Lock::Timeout=120';
  const add = `${get} install --no-install-recommends --yes "$1"`;
  const script = `${add} || { ${get} update && ${add}; }`;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const lock = path.join(tmpdir(), 'toolyard-apt.lock');
  await run('flock', [lock, 'sh', '-c', script, 'sh', debianPackage], { env, timeout: installTimeoutMs });
}

function lastLine(error: unknown): string {
  const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : '';
  return (said || String(error)).trim().split('\n').at(-1) ?? '';
}
