import { mkdir, stat } from 'node:fs/promises';
import { homedir, platform } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';

import type { Environment } from '@toolyard/registry';

/**
 * The folder that a configuration calls `${TOOLYARD_DATA}`: that variable if it is set, otherwise where programs of this system keep
 * what they remember (the XDG state folder, `Library/Application Support`, `%LOCALAPPDATA%`).
 */
export function dataFolder(environment: Environment, cwd: string, system: NodeJS.Platform = platform()): string {
  const asked = environment['TOOLYARD_DATA'];
  if (asked !== undefined && asked !== '') return resolve(cwd, asked);
  const home = environment['HOME'] ?? homedir();
  if (system === 'darwin') return join(home, 'Library', 'Application Support', 'toolyard');
  if (system === 'win32') return join(environment['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'), 'toolyard');
  const state = environment['XDG_STATE_HOME'];
  return join(state !== undefined && isAbsolute(state) ? state : join(home, '.local', 'state'), 'toolyard');
}

/** Makes it, readable by its owner only, as what has to be made above it. Rejects where that cannot be. */
export function makeDataFolder(folder: string): Promise<void> {
  return makeFolder(folder, 0o700);
}

/** Makes a folder, and the folders above it. Not `mkdir` with `recursive`: that never ends in `/proc`, where nothing can be made. */
export async function makeFolder(folder: string, mode?: number): Promise<void> {
  const make = (): Promise<void> => mkdir(folder, { mode });
  const above = dirname(folder);
  try {
    await make().catch(async (error: unknown) => {
      if (codeOf(error) !== 'ENOENT' || above === folder) throw error;
      await makeFolder(above, mode);
      await make();
    });
  } catch (error) {
    // Also what was made by somebody else meanwhile, and a drive, of which Windows says another thing.
    if (!(await stat(folder).catch(() => undefined))?.isDirectory()) throw error;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
