import { delimiter, dirname, join, resolve } from 'node:path';

/**
 * Where the programs of a configuration are looked up, as in npm scripts: `node_modules/.bin` from `folder` upwards, then the Node that runs
 * the gateway (so `node` is that one), then the PATH that the gateway was started with.
 */
export function childPath(folder: string, nodePath: string, path: string | undefined): string {
  const places: string[] = [];
  for (let at = resolve(folder); ; at = dirname(at)) {
    places.push(join(at, 'node_modules', '.bin'));
    if (dirname(at) === at) break;
  }
  places.push(dirname(nodePath));
  if (path !== undefined && path !== '') places.push(path);
  return places.join(delimiter);
}
