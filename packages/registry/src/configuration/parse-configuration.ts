import { buildDefinition, buildProfile } from '../definition/build.ts';
import { freeze } from '../definition/freeze.ts';
import { configInvalid } from '../document/config-invalid.ts';
import { Findings } from '../document/findings.ts';
import { find, type Located } from '../document/located.ts';
import { placesIn } from '../document/places.ts';
import { readYaml } from '../document/read-yaml.ts';
import type { Environment } from '../document/references.ts';
import { checkDocument } from '../rules/check-document.ts';
import { parseSecret } from '../rules/secret.ts';
import type { Configuration } from './configuration.ts';
import { translateOlderNames } from './older-names.ts';

export interface ParseOptions {
  /** What `${NAME}` refers to. Nothing else of the surroundings is read. */
  readonly environment: Environment;
  /** The file's path: its folder is where relative `cwd`s start, and where a command without `cwd` runs. Also named in the error's message. */
  readonly file?: string;
}

/**
 * Reads a configuration in YAML 1.2. Throws `CONFIG_INVALID` with everything that is wrong, and nothing else.
 * No value from the environment, of a header, of `auth` or of `secret` occurs in what it throws.
 */
export function parseConfiguration(text: string, options: ParseOptions): Configuration {
  const problems = new Findings();
  const notices = new Findings();
  const written = readYaml(text, options.environment, problems);
  const root = written && translateOlderNames(written, problems, notices);
  const shape = root && checkDocument(root, problems);
  if (root === undefined || shape === undefined || problems.any) throw configInvalid(problems.all(), options.file);
  // Not the keys of the checked object: it would put numeric ids first.
  const servers = keysOf(find(root, ['servers']).node).flatMap((id) => {
    const server = shape.servers[id];
    return server === undefined ? [] : [buildDefinition(id, server, options.file)];
  });
  const profiles = keysOf(find(root, ['profiles']).node).flatMap((name) => {
    const profile = shape.profiles?.[name];
    return profile === undefined ? [] : [buildProfile(name, profile)];
  });
  const secret = shape.secret === undefined ? undefined : parseSecret(shape.secret);
  return freeze({
    servers,
    orchestration: shape.orchestration ?? {},
    profiles,
    ...(shape.cache !== undefined && { cache: shape.cache }),
    ...(secret !== undefined && 'secret' in secret && { secret: secret.secret }),
    notices: notices.all(),
    placeOf: placesIn(root),
  });
}

function keysOf(node: Located): readonly string[] {
  return node.kind === 'map' ? [...node.entries.keys()] : [];
}
