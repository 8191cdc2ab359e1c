import { mkdir } from 'node:fs/promises';
import { homedir, platform } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

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

/** Makes it, readable by its owner only. */
export async function makeDataFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
}
