import { existsSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

import type { Environment } from '@toolyard/registry';

import { dataFolder } from './data-folder.ts';

/**
 * Keeps what Node compiles in the data folder, from the first start on that finds that folder: compiling is a fifth of the time to `ready`. Not in the folder
 * that is Node's default, since others may write there, and what is found compiled is run. `NODE_DISABLE_COMPILE_CACHE` is respected.
 */
export function keepCompiled(environment: Environment, cwd: string): void {
  const data = dataFolder(environment, cwd);
  if (existsSync(data)) enableCompileCache(join(data, 'compiled'));
}
