import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, resolve } from 'node:path';

/**
 * Why `command` cannot be started in `cwd`, as the end of a sentence; `undefined` when it looks startable. Follows the rules of `execvp`:
 * a name with a slash is a path from `cwd`, any other is looked for along `path`.
 */
export async function whyNotStartable(
  command: string,
  path: string | undefined,
  cwd: string,
): Promise<string | undefined> {
  if (command === '') {
    return 'no command is given';
  }
  if (!(await isDirectory(cwd))) {
    return `the working directory ${cwd} does not exist`;
  }
  if (command.includes('/')) {
    const verdict = await look(resolve(cwd, command));
    return verdict === 'absent'
      ? `${command} does not exist`
      : verdict === 'not executable'
        ? `${command} is not executable`
        : undefined;
  }
  if (path === undefined) {
    // The system's own default applies, which is not known here.
    return undefined;
  }
  const verdicts = await Promise.all(path.split(delimiter).map((folder) => look(resolve(cwd, folder, command))));
  if (verdicts.includes('executable')) {
    return undefined;
  }
  return verdicts.includes('not executable')
    ? `${command} is on the PATH but not executable`
    : `the command ${command} was not found on the PATH`;
}

async function look(file: string): Promise<'absent' | 'not executable' | 'executable'> {
  try {
    if (!(await stat(file)).isFile()) {
      return 'not executable';
    }
    await access(file, constants.X_OK);
    return 'executable';
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EACCES' ? 'not executable' : 'absent';
  }
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
